//! What asks for attention: verdicts on the run, and the alerts that are alive.

use std::collections::HashMap;

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{Alert, AlertKind, AlertState, CaseResult, Severity};

use super::{
    family::{Family, Labels},
    run::of_case,
};
use crate::{Report, terminal::severity_word};

/// Verdicts that are counted, also when there is none.
const VERDICTS: [Verdict; 9] = [
    Verdict::Failed,
    Verdict::TargetMissed,
    Verdict::Regressed(Severity::Warning),
    Verdict::Improved,
    Verdict::Changed,
    Verdict::Unchanged,
    Verdict::TargetMet,
    Verdict::Inconclusive,
    Verdict::InsufficientData,
];

const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

/// Families of verdicts, which there are with a run only, and of alerts.
pub(super) fn families(report: &Report) -> Vec<Family> {
    let mut families = Vec::new();
    if report.run.is_some() {
        families.extend(verdicts(report));
    }
    families.extend(alerts(&report.alerts));
    families
}

fn verdicts(report: &Report) -> [Family; 4] {
    let judged = &report.judged;
    let mut counts = Family::new(
        "verdicts",
        "",
        "Metrics of the last run, by what is said of them.",
    );
    for verdict in VERDICTS {
        let alike = judged.judged.iter();
        let count = alike.filter(|one| one.verdict.word() == verdict.word());
        let labels = vec![("verdict", verdict.word().to_owned())];
        counts.push(labels, count.count() as f64);
    }
    let mut each = Family::new(
        "verdict",
        "",
        "1: what is said of a metric of the last run.",
    );
    let mut effects = Family::new(
        "change_ratio",
        "",
        "What a metric of the last run differs by from what it was judged against, as a share of that.",
    );
    let cases = cases(report);
    for one in &judged.judged {
        let labels = of_judgement(one, report, &cases);
        effects.push(labels.clone(), one.effect);
        let severity = match one.verdict {
            Verdict::Regressed(severity) => severity_word(severity),
            _ => "",
        };
        let mut labels = labels;
        labels.push(("verdict", one.verdict.word().to_owned()));
        labels.push(("severity", severity.to_owned()));
        labels.push(("rule", one.rule.clone()));
        each.push(labels, 1.0);
    }
    let not_judged = judged.not_judged as f64;
    [
        counts,
        each,
        effects,
        Family::new(
            "metrics_not_judged",
            "",
            "Metrics of the last run that no rule speaks of.",
        )
        .with(Labels::new(), not_judged),
    ]
}

/// The cases of the run by their id.
pub(super) fn cases(report: &Report) -> HashMap<&str, &CaseResult> {
    let cases = report.cases().iter();
    cases.map(|case| (case.case.id.as_str(), case)).collect()
}

fn of_judgement(one: &Judgement, report: &Report, cases: &HashMap<&str, &CaseResult>) -> Labels {
    let mut labels = match (cases.get(one.case.as_str()), &report.run) {
        (Some(case), Some(run)) => of_case(case, run),
        _ => vec![("case", one.case.clone())],
    };
    labels.insert(1, ("metric", one.metric.name.clone()));
    labels
}

fn alerts(all: &[Alert]) -> [Family; 2] {
    let alive = || all.iter().filter(|alert| alert.state.is_alive());
    let mut counts = Family::new(
        "alerts",
        "",
        "Alerts that ask for attention, by how bad they are.",
    );
    for severity in SEVERITIES {
        let alike = alive().filter(|alert| alert.severity == severity);
        let labels = vec![("severity", severity_word(severity).to_owned())];
        counts.push(labels, alike.count() as f64);
    }
    let mut each = Family::new("alert", "", "1: an alert that asks for attention.");
    for alert in alive() {
        each.push(about(alert), 1.0);
    }
    [counts, each]
}

fn about(alert: &Alert) -> Labels {
    let kind = match alert.kind {
        AlertKind::Regression => "regression",
        AlertKind::Improvement => "improvement",
        AlertKind::TargetMissed => "target-missed",
    };
    let state = match alert.state {
        AlertState::Opened => "opened",
        AlertState::Confirmed => "confirmed",
        AlertState::Resolved => "resolved",
        AlertState::Accepted => "accepted",
        AlertState::Expired => "expired",
    };
    vec![
        ("alert", alert.id.to_string()),
        ("case", alert.case.clone()),
        ("metric", alert.metric.clone()),
        ("machine", alert.machine.clone()),
        ("kind", kind.to_owned()),
        ("severity", severity_word(alert.severity).to_owned()),
        ("state", state.to_owned()),
        ("rule", alert.rule.clone()),
        ("opened_run", alert.opened_run.clone()),
    ]
}
