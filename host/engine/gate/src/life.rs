//! Alerts live: opened, confirmed, resolved, accepted, expired. Nothing stays red for ever.

use benchhost_record::{Alert, AlertKind, AlertState, Severity};

use crate::{Judgement, Verdict};

/// How long alerts live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifeTerms {
    /// Runs after which an alert that is still true is the new normal, and says so once.
    pub runs: u32,
}

impl Default for LifeTerms {
    fn default() -> Self {
        Self { runs: 10 }
    }
}

/// The run whose judgements are applied.
#[derive(Debug, Clone, Copy)]
pub struct Lived<'a> {
    /// Its id.
    pub run: &'a str,
    /// Its start, RFC 3339.
    pub started: &'a str,
    /// Fingerprint of its machine.
    pub machine: &'a str,
    /// Whether suspicious cases were run again.
    pub confirmed: bool,
}

/// Share of the way back to the reference from which an alert is resolved.
const WAY_BACK: f64 = 0.5;

/// Alerts that this run opens or moves, new ones with id 0. `alive`: alerts of the same machine that are alive; an alert
/// that this run says nothing about only grows older.
#[must_use]
pub fn live(
    alive: &[Alert],
    judged: &[Judgement],
    run: &Lived<'_>,
    terms: LifeTerms,
) -> Vec<Alert> {
    let mut moved: Vec<Alert> = Vec::new();
    for alert in alive {
        if alert.last_run == run.run {
            // Judged twice: a run has one say.
            continue;
        }
        let judgement = judged
            .iter()
            .find(|j| j.case == alert.case && j.metric.name == alert.metric);
        moved.push(older(alert, judgement, run, terms));
    }
    for judgement in judged {
        let Some((kind, severity)) = asks_for(judgement) else {
            continue;
        };
        let is_known = |known: &Alert| {
            known.case == judgement.case
                && known.metric == judgement.metric.name
                && known.kind == kind
        };
        let still_alive = moved
            .iter()
            .any(|alert| is_known(alert) && alert.state.is_alive());
        let had_its_say = alive
            .iter()
            .any(|alert| is_known(alert) && alert.last_run == run.run);
        if !still_alive && !had_its_say {
            moved.push(opened(judgement, kind, severity, run));
        }
    }
    moved
}

fn asks_for(judgement: &Judgement) -> Option<(AlertKind, Severity)> {
    match judgement.verdict {
        Verdict::Regressed(severity) => Some((AlertKind::Regression, severity)),
        Verdict::TargetMissed => Some((AlertKind::TargetMissed, Severity::Warning)),
        Verdict::Improved => Some((AlertKind::Improvement, Severity::Info)),
        Verdict::Failed
        | Verdict::Changed
        | Verdict::Unchanged
        | Verdict::Inconclusive
        | Verdict::InsufficientData => None,
    }
}

fn opened(judgement: &Judgement, kind: AlertKind, severity: Severity, run: &Lived<'_>) -> Alert {
    Alert {
        id: 0,
        case: judgement.case.clone(),
        metric: judgement.metric.name.clone(),
        machine: run.machine.to_owned(),
        kind,
        severity,
        state: if run.confirmed {
            AlertState::Confirmed
        } else {
            AlertState::Opened
        },
        rule: judgement.rule.clone(),
        opened_run: run.run.to_owned(),
        opened: run.started.to_owned(),
        last_run: run.run.to_owned(),
        updated: run.started.to_owned(),
        runs: 1,
        value: judgement.value,
        reference: judgement.reference,
        sentence: judgement.sentence.clone(),
        reason: None,
    }
}

fn older(alert: &Alert, judgement: Option<&Judgement>, run: &Lived<'_>, terms: LifeTerms) -> Alert {
    let mut alert = alert.clone();
    run.run.clone_into(&mut alert.last_run);
    run.started.clone_into(&mut alert.updated);
    alert.runs += 1;
    let is_back = judgement.is_some_and(|j| match alert.kind {
        AlertKind::TargetMissed => !matches!(
            j.verdict,
            Verdict::TargetMissed | Verdict::Failed | Verdict::InsufficientData
        ),
        AlertKind::Regression | AlertKind::Improvement => {
            let way = (j.value - alert.reference) / (alert.value - alert.reference);
            way.is_finite() && way < WAY_BACK
        }
    });
    let is_seen = judgement.is_some_and(|j| j.value.is_finite()) && !is_back;
    if is_back {
        alert.state = AlertState::Resolved;
    } else if alert.runs > terms.runs {
        alert.state = AlertState::Expired;
    } else if is_seen {
        alert.state = AlertState::Confirmed;
        if let Some((kind, severity)) = judgement.and_then(asks_for)
            && kind == alert.kind
        {
            alert.severity = alert.severity.max(severity);
        }
    }
    alert
}
