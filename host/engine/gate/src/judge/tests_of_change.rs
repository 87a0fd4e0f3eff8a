//! Rules that are tests: history, change, significance.

use benchhost_record::{Direction, Severity};
use benchhost_stats::{Bounds, ChangeKind, FEWEST_PAST, Prediction, Unpaired};

use super::{effect, finding::Finding, series::Series, verdict_of, worse_by};
use crate::{Class, Rule, Subject, Value, Verdict};

/// Standard deviations of the sharp scale from which a re-run is worth its time.
const SUSPICIOUS: f64 = 2.0;

/// A value this many times as far from the level as any before is no tail of the past, when it is also worse than twice
/// the threshold of its class.
const FAR: f64 = 2.0;

/// The probability that is said of it.
const FAR_P: f64 = 0.002;

/// A figure of quality that moved by less, as a share, is the same answer in other digits.
const LEAST_OF_QUALITY: f64 = 0.002;

/// Evidence names at most so many runs.
const RUNS_NAMED: usize = 8;

/// Threshold of metrics whose class has none.
const DEFAULT_THRESHOLD: f64 = 0.15;

/// Severity by size: beyond twice the class's threshold critical, else a warning. What a test finds is real, however
/// small it is. A change from nothing has no size.
fn severity(subject: &Subject, rule: &Rule, worse: f64) -> Severity {
    let threshold = Class::of(&subject.metric)
        .threshold()
        .unwrap_or(DEFAULT_THRESHOLD);
    rule.severity
        .unwrap_or(if worse.is_finite() && worse > 2.0 * threshold {
            Severity::Critical
        } else {
            Severity::Warning
        })
}

/// Outside what its own past predicts.
pub(super) fn history(
    subject: &Subject,
    rule: &Rule,
    window: usize,
    value: &Value,
    series: &Series,
) -> Finding {
    let found = value.value;
    let regime = series.regime(window);
    let Some(prediction) = Prediction::new(regime) else {
        let so_far = series.len();
        return Finding::insufficient(
            rule,
            format!("{so_far} earlier values of {FEWEST_PAST} that history needs"),
        );
    };
    let upwards = found > prediction.level();
    let again = subject.again.as_ref().map(|value| value.value);
    let mut p = prediction.p(found, again, upwards);
    let worse = worse_by(subject.metric.direction, found, prediction.level());
    let (low, high) = prediction.interval(0.01);
    let threshold = Class::of(&subject.metric)
        .threshold()
        .unwrap_or(DEFAULT_THRESHOLD);
    let is_directed = subject.metric.direction != Direction::Neither;
    let is_far = |value: f64| prediction.farther(value, upwards) > FAR;
    if is_directed && worse > 2.0 * threshold && is_far(found) && again.is_none_or(is_far) {
        p = p.min(FAR_P);
    }
    if Class::of(&subject.metric) == Class::Quality && worse.abs() < LEAST_OF_QUALITY {
        p = 1.0;
    }
    // A past with a burst or two modes in it predicts nearly anything. What is worse than its class allows is not called
    // fine for that.
    let is_doubtful = is_directed && worse > threshold && again.is_none();
    Finding {
        otherwise: if is_doubtful {
            Verdict::Inconclusive
        } else {
            Verdict::Unchanged
        },
        reference: prediction.level(),
        effect: effect(found, prediction.level()),
        p: Some(p),
        n: regime.len(),
        runs: runs(subject),
        is_suspicious: is_doubtful
            || again.is_none() && prediction.suspicion(found, upwards) > SUSPICIOUS,
        because: format!(
            "its last {} values predict {{{low}}} to {{{high}}}{}",
            regime.len(),
            again.map_or_else(String::new, |again| format!(
                "; measured again: {{{again}}}"
            ))
        ),
        ..Finding::new(
            rule,
            verdict_of(
                subject.metric.direction,
                worse > 0.0,
                severity(subject, rule, worse),
            ),
        )
    }
}

/// A step or drift that this value made visible.
pub(super) fn change(subject: &Subject, rule: &Rule, series: &Series) -> Option<Finding> {
    let change = series.new_change()?;
    let worse = worse_by(subject.metric.direction, change.after, change.before);
    let kind = match change.kind {
        ChangeKind::Step => "a step",
        ChangeKind::Drift => "a drift",
    };
    let back = series.len() - change.index.min(series.len());
    Some(Finding {
        value: Some(change.after),
        reference: change.before,
        effect: effect(change.after, change.before),
        n: series.len(),
        runs: runs(subject),
        because: format!(
            "{kind} {back} values back, confidence {:.1} %",
            100.0 * change.confidence
        ),
        ..Finding::new(
            rule,
            verdict_of(
                subject.metric.direction,
                worse > 0.0,
                severity(subject, rule, worse),
            ),
        )
    })
}

/// Repetitions that differ from the baseline's by more than the margin.
pub(super) fn significant(subject: &Subject, rule: &Rule, margin: f64, value: &Value) -> Finding {
    let Some(baseline) = &subject.baseline else {
        return Finding::insufficient(rule, super::levels::NO_BASELINE);
    };
    let bounds = Bounds {
        tolerance: margin / 3.0,
        margin,
    };
    let Some(test) = Unpaired::new(&baseline.repetitions, &value.repetitions, bounds) else {
        return Finding::insufficient(
            rule,
            format!(
                "{} and {} repetitions, at least 2 on each side needed",
                baseline.repetitions.len(),
                value.repetitions.len()
            ),
        );
    };
    let ratio = test.log_ratio().exp();
    let interval = test.interval(0.05);
    let worse = worse_by(subject.metric.direction, ratio, 1.0);
    let verdict = if test.p_equivalent() < 0.05 && subject.metric.direction != Direction::Neither {
        Verdict::Unchanged
    } else {
        verdict_of(
            subject.metric.direction,
            worse > 0.0,
            severity(subject, rule, worse),
        )
    };
    Finding {
        reference: baseline.value,
        effect: ratio - 1.0,
        interval: Some((interval.low.exp() - 1.0, interval.high.exp() - 1.0)),
        p: (verdict != Verdict::Unchanged).then(|| test.p_change()),
        // Neither different nor equal: too few repetitions to tell.
        otherwise: Verdict::Inconclusive,
        n: baseline.repetitions.len(),
        runs: vec![baseline.run.clone()],
        because: format!(
            "{} repetitions against {} of the baseline",
            value.repetitions.len(),
            baseline.repetitions.len()
        ),
        ..Finding::new(rule, verdict)
    }
}

/// The newest runs with a value, the newest last.
fn runs(subject: &Subject) -> Vec<String> {
    let named: Vec<&String> = subject
        .past
        .iter()
        .map(|past| &past.run)
        .filter(|run| !run.is_empty())
        .collect();
    named[named.len().saturating_sub(RUNS_NAMED)..]
        .iter()
        .map(|run| (*run).clone())
        .collect()
}
