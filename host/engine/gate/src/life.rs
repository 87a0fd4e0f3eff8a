//! Alerts live: opened, confirmed, resolved, accepted, expired. Nothing stays red for ever.

use benchhost_record::{Alert, AlertKind, AlertState, Severity, format_quantity};

use crate::{Judgement, Verdict, judge::against};

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

/// Share of the way from the reference within which an alert is resolved, and beyond the alert's value a new one is due.
const WAY_BACK: f64 = 0.5;

/// Alerts that this run opens or moves, new ones with id 0; at most one is alive for a metric of a case.
///
/// `known`: alerts of the same machine that are alive; an alert that this run says nothing about only grows older. Those
/// that were accepted or have expired may be among them: they keep what they told of from being told again until it is worse
/// by half, or has been gone in between.
#[must_use]
pub fn live(
    known: &[Alert],
    judged: &[Judgement],
    run: &Lived<'_>,
    terms: LifeTerms,
) -> Vec<Alert> {
    let is_of = |alert: &Alert, judgement: &Judgement| {
        alert.case == judgement.case && alert.metric == judgement.metric.name
    };
    let mut moved: Vec<Alert> = known
        .iter()
        .filter_map(|alert| {
            let judgement = judged.iter().find(|one| is_of(alert, one));
            if alert.last_run == run.run {
                // A run has one say, unless it is looked at again.
                let is_looked_at = run.confirmed && alert.opened_run == run.run;
                return (is_looked_at && alert.state.is_alive())
                    .then(|| looked_at_again(alert, judgement));
            }
            if alert.state.is_alive() {
                return Some(older(alert, judgement, run, terms));
            }
            // What expired and is gone is forgotten: it would be news again.
            (alert.state == AlertState::Expired
                && judgement.is_some_and(|one| one.value.is_finite() && is_back(alert, one)))
            .then(|| Alert {
                state: AlertState::Resolved,
                last_run: run.run.to_owned(),
                updated: run.started.to_owned(),
                ..alert.clone()
            })
        })
        .collect();
    for judgement in judged {
        let Some((kind, severity)) = asks_for(judgement) else {
            continue;
        };
        let had_its_say = known
            .iter()
            .any(|alert| is_of(alert, judgement) && alert.last_run == run.run);
        let is_old_news = known.iter().chain(&moved).any(|alert| {
            is_of(alert, judgement) && alert.kind == kind && is_told(alert, judgement)
        });
        let alive = moved
            .iter_mut()
            .find(|alert| is_of(alert, judgement) && alert.state.is_alive());
        match alive {
            // What got better and worse again is no news of the better any more.
            Some(alert) if alert.kind == AlertKind::Improvement && kind != alert.kind => {
                alert.state = AlertState::Resolved;
            }
            // The one that is alive speaks; it gets louder when it must.
            Some(alert) => {
                if kind != AlertKind::Improvement {
                    alert.severity = alert.severity.max(severity);
                }
                continue;
            }
            None => {}
        }
        if !had_its_say && !is_old_news {
            moved.push(opened(judgement, kind, severity, run));
        }
    }
    moved
}

/// Whether an alert that was accepted or has expired told of this already: the value is not farther from its reference
/// than half as much again.
fn is_told(alert: &Alert, judgement: &Judgement) -> bool {
    let is_settled = matches!(alert.state, AlertState::Accepted | AlertState::Expired);
    let way = (judgement.value - alert.reference) / (alert.value - alert.reference);
    is_settled && (!way.is_finite() || (WAY_BACK..=1.0 + WAY_BACK).contains(&way))
}

/// Regressions that are still there stay regressions: what made a level bad yesterday is part of the past today, and no
/// test finds it twice. Verdicts of metrics with a living alert whose value has not come back say so, until the alert is
/// resolved, accepted or expired. `run`: the one that is judged; what it opened itself it says itself.
pub fn recall(judged: &mut [Judgement], known: &[Alert], run: &str, terms: LifeTerms) {
    let speaks = |alert: &&Alert| {
        alert.state.is_alive() && alert.kind == AlertKind::Regression && alert.runs < terms.runs
    };
    for alert in known
        .iter()
        .filter(speaks)
        .filter(|alert| alert.opened_run != run)
    {
        let is_of = |one: &&mut Judgement| {
            one.case == alert.case && one.metric.name == alert.metric && one.value.is_finite()
        };
        let Some(one) = judged.iter_mut().find(is_of) else {
            continue;
        };
        let regressed = Verdict::Regressed(alert.severity);
        let way = (one.value - alert.reference) / (alert.value - alert.reference);
        let is_quiet = regressed.rank() < one.verdict.rank();
        if !is_quiet || !way.is_finite() || is_back(alert, one) {
            continue;
        }
        one.verdict = regressed;
        one.rule.clone_from(&alert.rule);
        one.reference = alert.reference;
        one.effect = (one.value - alert.reference) / alert.reference.abs();
        let shown = format_quantity(one.value, &one.metric.unit);
        let against = against(one.effect, alert.reference, &shown, &one.metric.unit);
        one.sentence = format!(
            "{} of {}: {shown}{against}: as bad as when alert {} was opened by run {}",
            one.metric.name, one.case, alert.id, alert.opened_run
        );
    }
    judged.sort_by_key(|one| one.verdict.rank());
}

fn asks_for(judgement: &Judgement) -> Option<(AlertKind, Severity)> {
    match judgement.verdict {
        Verdict::Regressed(severity) => Some((AlertKind::Regression, severity)),
        Verdict::TargetMissed => Some((AlertKind::TargetMissed, Severity::Warning)),
        Verdict::Improved => Some((AlertKind::Improvement, Severity::Info)),
        Verdict::Failed
        | Verdict::Changed
        | Verdict::Unchanged
        | Verdict::TargetMet
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
    let is_back = judgement.is_some_and(|one| is_back(&alert, one));
    let is_seen = judgement.is_some_and(|j| j.value.is_finite()) && !is_back;
    if is_back {
        alert.state = AlertState::Resolved;
    } else if alert.runs > terms.runs {
        alert.state = AlertState::Expired;
    } else if is_seen {
        alert.state = AlertState::Confirmed;
    }
    alert
}

/// An alert of the run that is judged, after the second look.
fn looked_at_again(alert: &Alert, judgement: Option<&Judgement>) -> Alert {
    let is_seen = judgement.and_then(asks_for).is_some();
    Alert {
        state: if is_seen {
            AlertState::Confirmed
        } else {
            AlertState::Resolved
        },
        ..alert.clone()
    }
}

/// Whether the value came back: at least half of the way, and no rule says the same as before.
fn is_back(alert: &Alert, judgement: &Judgement) -> bool {
    let way = (judgement.value - alert.reference) / (alert.value - alert.reference);
    let is_fine = matches!(
        judgement.verdict,
        Verdict::Unchanged | Verdict::TargetMet | Verdict::Improved
    );
    match alert.kind {
        AlertKind::TargetMissed => match judgement.verdict {
            Verdict::TargetMissed | Verdict::Failed | Verdict::InsufficientData => false,
            // Speaks louder than a target, that may be missed still.
            Verdict::Regressed(Severity::Critical) => false,
            Verdict::Regressed(_)
            | Verdict::Improved
            | Verdict::Changed
            | Verdict::Unchanged
            | Verdict::TargetMet
            | Verdict::Inconclusive => true,
        },
        AlertKind::Regression if matches!(judgement.verdict, Verdict::Regressed(_)) => false,
        AlertKind::Improvement if judgement.verdict == Verdict::Improved => false,
        // An expression compares with no level: its own word counts.
        AlertKind::Regression if !way.is_finite() => is_fine && judgement.value.is_finite(),
        AlertKind::Regression | AlertKind::Improvement => way.is_finite() && way < WAY_BACK,
    }
}
