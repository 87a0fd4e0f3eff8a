//! What a template can name: the alert, the run, the report. Text of others is harmless in it.

use benchhost_record::{
    Alert, AlertKind, AlertState, Outcome, RunState, Severity, format_quantity,
};
use benchhost_report::{Report, harmless, said};
use serde::Serialize;

use super::{
    super::settings::Kind,
    event::{Event, severity, state},
};

/// Letters of a text that a message repeats.
const MOST: usize = 500;

/// All that can be named.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) alert: AlertView,
    pub(super) run: RunView,
    pub(super) report: ReportView,
    /// Name of the action.
    pub(super) action: String,
}

/// `alert`.
#[derive(Debug, Serialize)]
pub(super) struct AlertView {
    /// Number in the history; 0 for a failure.
    pub(super) id: u64,
    pub(super) kind: &'static str,
    pub(super) severity: &'static str,
    pub(super) state: &'static str,
    pub(super) case: String,
    pub(super) metric: String,
    pub(super) machine: String,
    pub(super) rule: String,
    pub(super) sentence: String,
    pub(super) opened: String,
    pub(super) opened_run: String,
    pub(super) runs: u32,
    pub(super) unit: String,
    /// Numbers in the unit of the metric; none for a failure.
    pub(super) value: Option<f64>,
    pub(super) reference: Option<f64>,
    /// (value − reference) / |reference|.
    pub(super) change: Option<f64>,
    /// The same for people; empty for a failure.
    pub(super) value_text: String,
    pub(super) reference_text: String,
    pub(super) change_text: String,
}

/// `run`.
#[derive(Debug, Serialize)]
pub(super) struct RunView {
    pub(super) id: String,
    pub(super) suite: String,
    pub(super) state: &'static str,
    pub(super) started: String,
    pub(super) host: String,
    pub(super) os: String,
    pub(super) cpu: String,
    pub(super) revision: String,
    pub(super) branch: String,
    pub(super) dirty: bool,
}

/// `report`: how many there are of what.
#[derive(Debug, Default, Serialize)]
pub(super) struct ReportView {
    pub(super) exit_code: u8,
    pub(super) cases: usize,
    pub(super) planned: u64,
    pub(super) ok: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    pub(super) regressed: usize,
    pub(super) improved: usize,
    pub(super) targets_missed: usize,
    pub(super) inconclusive: usize,
}

impl View {
    pub(super) fn of(event: &Event, report: &Report, action: &str) -> Self {
        let unit = event
            .alert
            .as_ref()
            .and_then(|alert| unit_of(alert, report));
        Self {
            alert: alert(event, unit.unwrap_or_default(), report),
            run: run(report),
            report: counts(report),
            action: inert(action),
        }
    }

    /// One that templates are tried with.
    pub(super) fn example() -> Self {
        let alert = Alert {
            id: 17,
            case: "plugin/workload?batch=8&threads=1".to_owned(),
            metric: "time".to_owned(),
            machine: "machine-1".to_owned(),
            kind: AlertKind::Regression,
            severity: Severity::Warning,
            state: AlertState::Opened,
            rule: "history".to_owned(),
            opened_run: "20260101T000000Z-00000000".to_owned(),
            opened: "2026-01-01T00:00:00Z".to_owned(),
            last_run: "20260101T000000Z-00000000".to_owned(),
            updated: "2026-01-01T00:00:00Z".to_owned(),
            runs: 1,
            value: 1.2e6,
            reference: 1e6,
            sentence: "time of plugin/workload: 1.2 ms, 20 % above 1 ms".to_owned(),
            reason: None,
        };
        let event = Event {
            key: String::new(),
            kind: Kind::Regression,
            severity: alert.severity,
            state: alert.state,
            case: alert.case.clone(),
            metric: alert.metric.clone(),
            sentence: alert.sentence.clone(),
            alert: Some(alert),
        };
        Self::of(&event, &Report::default(), "example")
    }

    /// The case and its metric, for a heading.
    pub(super) fn what(&self) -> String {
        let metric = if self.alert.metric.is_empty() {
            "failure".to_owned()
        } else {
            self.alert.metric.clone()
        };
        format!("{metric} of {}", self.alert.case)
    }
}

fn alert(event: &Event, unit: String, report: &Report) -> AlertView {
    let known = event.alert.as_ref();
    let number = |of: fn(&Alert) -> f64| known.map(of).filter(|value| value.is_finite());
    let (value, reference) = (number(|alert| alert.value), number(|alert| alert.reference));
    let text =
        |value: Option<f64>| value.map_or_else(String::new, |value| format_quantity(value, &unit));
    let change = value
        .zip(reference)
        .map(|(value, reference)| (value - reference) / reference.abs())
        .filter(|change| change.is_finite());
    let of_run = |of: fn(&benchhost_record::Run) -> &String| {
        report.run.as_ref().map_or("", |run| of(run)).to_owned()
    };
    AlertView {
        id: known.map_or(0, |alert| alert.id),
        kind: event.kind.word(),
        severity: severity(event.severity),
        state: state(event.state),
        case: inert(&event.case),
        metric: inert(&event.metric),
        machine: inert(&known.map_or_else(
            || of_run(|run| &run.environment.fingerprint),
            |alert| alert.machine.clone(),
        )),
        rule: inert(known.map_or("", |alert| &alert.rule)),
        sentence: inert(&event.sentence),
        opened: inert(
            &known.map_or_else(|| of_run(|run| &run.started), |alert| alert.opened.clone()),
        ),
        opened_run: inert(
            &known.map_or_else(|| of_run(|run| &run.id), |alert| alert.opened_run.clone()),
        ),
        runs: known.map_or(1, |alert| alert.runs),
        value_text: inert(&text(value)),
        reference_text: inert(&text(reference)),
        change_text: change.and_then(said).unwrap_or_default(),
        unit: inert(&unit),
        value,
        reference,
        change,
    }
}

/// The unit of an alert's metric: as the run measured it, else as the history knows it.
fn unit_of(alert: &Alert, report: &Report) -> Option<String> {
    let judged = report
        .verdict(&alert.case, &alert.metric)
        .map(|one| &one.metric);
    let known = || {
        report
            .series_of(&alert.case, &alert.metric)
            .map(|one| &one.metric)
    };
    Some(judged.or_else(known)?.unit.clone())
}

fn run(report: &Report) -> RunView {
    let run = report.run.as_ref();
    let text = |found: Option<&str>| inert(found.unwrap_or_default());
    let environment = run.map(|run| &run.environment);
    let git = run.and_then(|run| run.git.as_ref());
    RunView {
        id: text(run.map(|run| run.id.as_str())),
        suite: text(run.and_then(|run| Some(run.suite.as_ref()?.name.as_str()))),
        state: match run.map(|run| run.state) {
            Some(RunState::Finished) => "finished",
            Some(RunState::Interrupted) => "interrupted",
            Some(RunState::Running) => "running",
            None => "",
        },
        started: text(run.map(|run| run.started.as_str())),
        host: text(environment.and_then(|one| one.host_name.as_deref())),
        os: text(environment.and_then(|one| one.os.as_deref())),
        cpu: text(environment.and_then(|one| one.cpu.model.as_deref())),
        revision: text(git.map(|git| git.revision.as_str())),
        branch: text(git.and_then(|git| git.branch.as_deref())),
        dirty: git.is_some_and(|git| git.dirty),
    }
}

fn counts(report: &Report) -> ReportView {
    let cases = report.cases();
    let of = |is: fn(&Outcome) -> bool| cases.iter().filter(|case| is(&case.outcome)).count();
    let verdicts = |word: &str| {
        report
            .judged
            .judged
            .iter()
            .filter(|one| one.verdict.word() == word)
            .count()
    };
    ReportView {
        exit_code: report.exit_code,
        cases: cases.len(),
        planned: report.run.as_ref().map_or(0, |run| run.planned_cases),
        ok: of(Outcome::is_ok),
        failed: of(Outcome::is_failure),
        skipped: of(|outcome| matches!(outcome, Outcome::Skipped { .. })),
        regressed: verdicts("regressed"),
        improved: verdicts("improved"),
        targets_missed: verdicts("target-missed"),
        inconclusive: verdicts("inconclusive"),
    }
}

/// `text` on one line, without control characters and marks that turn the direction of reading, and not too long.
fn inert(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| {
        if matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    let text: String = harmless(text)
        .chars()
        .filter(|c| !turns(c))
        .map(breaks)
        .collect();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
