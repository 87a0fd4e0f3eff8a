//! What a second look cleared stays cleared: `check` says the same of a run however often it is asked.

use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{Alert, AlertKind, AlertState, Run, Severity};

/// Why an alert of this kind is resolved.
const REASON: &str = "a second look was fine";

/// Alerts, resolved at once, of what failed at the first look and not at the second.
pub(super) fn cleared(first: &Judgements, second: &Judgements, run: &Run) -> Vec<Alert> {
    let still_fails = |one: &Judgement| {
        let is_same = |other: &&Judgement| other.case == one.case && other.metric == one.metric;
        second
            .judged
            .iter()
            .find(is_same)
            .is_some_and(|other| other.verdict.fails())
    };
    first
        .judged
        .iter()
        .filter(|one| one.verdict.fails() && !still_fails(one))
        .map(|one| alert(one, run))
        .collect()
}

fn alert(one: &Judgement, run: &Run) -> Alert {
    Alert {
        id: 0,
        case: one.case.clone(),
        metric: one.metric.name.clone(),
        machine: run.environment.fingerprint.clone(),
        kind: match one.verdict {
            Verdict::TargetMissed => AlertKind::TargetMissed,
            _ => AlertKind::Regression,
        },
        severity: match one.verdict {
            Verdict::Regressed(severity) => severity,
            _ => Severity::Warning,
        },
        state: AlertState::Resolved,
        rule: one.rule.clone(),
        opened_run: run.id.clone(),
        opened: run.started.clone(),
        last_run: run.id.clone(),
        updated: run.started.clone(),
        runs: 1,
        value: one.value,
        reference: one.reference,
        sentence: one.sentence.clone(),
        reason: Some(REASON.to_owned()),
    }
}

/// Takes the alarm out of verdicts on `run` that a second look cleared before.
pub(super) fn heed(judged: &mut Judgements, alerts: &[Alert], run: &Run) {
    let is_cleared = |one: &Judgement| {
        alerts.iter().any(|alert| {
            alert.state == AlertState::Resolved
                && alert.opened_run == run.id
                && alert.last_run == run.id
                && alert.case == one.case
                && alert.metric == one.metric.name
        })
    };
    for one in judged.judged.iter_mut().filter(|one| one.verdict.fails()) {
        if is_cleared(one) {
            one.verdict = Verdict::Inconclusive;
            one.sentence.push_str(&format!(" ({REASON})"));
        }
    }
    judged.judged.sort_by_key(|one| one.verdict.rank());
}
