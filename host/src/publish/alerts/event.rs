//! What there is to tell: alerts that a run had a say in, cases that failed, cases that are fine again.

use std::collections::BTreeSet;

use benchhost_record::{Alert, AlertKind, AlertState, CaseResult, Severity};
use benchhost_report::Report;

use super::super::settings::{Kind, Limits};

/// Something to tell.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// By which it is known again.
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    pub(super) state: AlertState,
    pub(super) case: String,
    /// Empty for a failure.
    pub(super) metric: String,
    pub(super) sentence: String,
    /// What it is of, when it is one of the history.
    pub(super) alert: Option<Alert>,
}

impl Event {
    /// Whether an action with these limits is about it.
    pub(super) fn is_for(&self, limits: &Limits) -> bool {
        let is_bad_enough = self.kind == Kind::Improvement || self.severity >= limits.severity;
        limits.on.contains(&self.kind)
            && is_bad_enough
            && limits.series.matches(&self.case, &self.metric, "")
    }

    /// Whether there is nothing more to come of it.
    pub(super) fn is_over(&self) -> bool {
        !self.state.is_alive()
    }

    /// `regression of time of CASE, resolved`.
    pub(super) fn title(&self) -> String {
        let metric = if self.metric.is_empty() {
            String::new()
        } else {
            format!(" of {}", self.metric)
        };
        format!(
            "{}{metric} of {}, {}",
            self.kind.word(),
            self.case,
            state(self.state)
        )
    }
}

/// The word.
pub(super) fn state(state: AlertState) -> &'static str {
    match state {
        AlertState::Opened => "opened",
        AlertState::Confirmed => "confirmed",
        AlertState::Resolved => "resolved",
        AlertState::Accepted => "accepted",
        AlertState::Expired => "expired",
    }
}

/// The word.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// What the run of `report` gives to tell, what is worst first. `told`: keys of failures that were told of.
pub(super) fn events(report: &Report, told: BTreeSet<String>) -> Vec<Event> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let has_case = |alert: &Alert| {
        let mut cases = run.cases.iter();
        cases.any(|one| one.case.id.as_str() == alert.case)
    };
    // Alerts of cases that a run has not grow older with it, which is no news.
    let is_news = |alert: &&Alert| {
        let is_end = alert.state == AlertState::Expired || alert.opened_run == run.id;
        alert.last_run == run.id && (is_end || has_case(alert))
    };
    let alerts = report.alerts.iter().filter(is_news).map(of_alert);
    let machine = &run.environment.fingerprint;
    let cases = run
        .cases
        .iter()
        .filter_map(|case| of_case(case, machine, &told));
    let mut events: Vec<Event> = alerts.chain(cases).collect();
    events.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
    events
}

fn of_alert(alert: &Alert) -> Event {
    Event {
        key: format!("alert {} of {}", alert.id, alert.opened_run),
        kind: match alert.kind {
            AlertKind::Regression => Kind::Regression,
            AlertKind::Improvement => Kind::Improvement,
            AlertKind::TargetMissed => Kind::TargetMissed,
        },
        severity: alert.severity,
        state: alert.state,
        case: alert.case.clone(),
        metric: alert.metric.clone(),
        sentence: alert.sentence.clone(),
        alert: Some(alert.clone()),
    }
}

/// Beginning of the keys of failures.
pub(super) const FAILURE: &str = "failure of ";

/// A case that failed, or one that failed when somebody was told last and is fine now.
fn of_case(result: &CaseResult, machine: &str, told: &BTreeSet<String>) -> Option<Event> {
    let case = result.case.id.as_str();
    let key = format!("{FAILURE}{case} on {machine}");
    let outcome = &result.outcome;
    let (state, sentence) = if outcome.is_failure() {
        (
            AlertState::Opened,
            format!("{case}: {}", outcome.sentence()),
        )
    } else if outcome.is_ok() && told.contains(&key) {
        (AlertState::Resolved, format!("{case} is fine again"))
    } else {
        return None;
    };
    Some(Event {
        key,
        kind: Kind::Failure,
        severity: Severity::Critical,
        state,
        case: case.to_owned(),
        metric: String::new(),
        sentence,
        alert: None,
    })
}

/// The sentence for a run whose verdicts ask for alerts that nobody opened.
pub(super) fn unchecked(report: &Report) -> Option<String> {
    let run = report.run.as_ref()?;
    let was_checked = report.alerts.iter().any(|alert| alert.last_run == run.id);
    let asks = report.judged.fails() && !was_checked;
    asks.then(|| {
        format!(
            "note: run {} has verdicts that open alerts once it is checked: `benchhost check`",
            run.id
        )
    })
}
