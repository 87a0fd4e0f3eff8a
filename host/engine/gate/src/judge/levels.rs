//! Rules that compare with a level: targets, tolerances, percentages, expressions. No test, no family.

use benchhost_record::{Direction, Severity};
use benchhost_stats::{FEWEST_PAST, median};

use super::{context::Context, finding::Finding, verdict_of, worse_by};
use crate::{
    Against, Allowance, Bound, Class, Expression, Rule, Subject, Value, Verdict, read::BY_CLASS,
};

/// Share of the threshold by which the best tenth of the samples must be worse too, in guarded rules.
const GUARD_SHARE: f64 = 0.5;

/// Absolute tolerance of quality metrics when nobody gave one: none, so that they are not judged by class.
const NO_TOLERANCE: f64 = f64::NAN;

/// Beyond an absolute bound.
pub(super) fn target(subject: &Subject, rule: &Rule, bound: &Bound, value: &Value) -> Finding {
    let Some(found) = value.statistic(rule.statistic.as_deref()) else {
        let name = rule.statistic.as_deref().unwrap_or_default();
        return Finding::insufficient(
            rule,
            format!("`{name}` was not measured: too few samples, or no such statistic"),
        );
    };
    let Some(limit) = bound.in_unit(&subject.metric.unit) else {
        return Finding::insufficient(
            rule,
            format!(
                "the bound `{bound}` is in another unit than the metric, {:?}",
                subject.metric.unit
            ),
        );
    };
    let holds = bound.holds(found, limit);
    let verdict = match (holds, rule.severity) {
        (true, _) => Verdict::Unchanged,
        (false, None) => Verdict::TargetMissed,
        (false, Some(severity)) => Verdict::Regressed(severity),
    };
    Finding {
        value: Some(found),
        reference: limit,
        effect: (found - limit) / limit.abs(),
        because: format!("the target is {bound}"),
        ..Finding::new(rule, verdict)
    }
}

/// Worse than the baseline by more than the allowance. Silent without a baseline, unless the user wrote the rule.
pub(super) fn tolerance(
    subject: &Subject,
    rule: &Rule,
    allowance: Allowance,
    value: &Value,
) -> Option<Finding> {
    let found = value.statistic(rule.statistic.as_deref())?;
    let Some(baseline) = &subject.baseline else {
        let is_default = rule.place == "default";
        return (!is_default).then(|| {
            Finding::insufficient(
                rule,
                "there is no baseline; `benchhost baseline save` makes one",
            )
        });
    };
    let reference = baseline.value;
    let allowed = match (baseline.tolerance, allowance) {
        (_, Allowance::Absolute(allowed)) => allowed,
        (Some(own), Allowance::Relative(BY_CLASS)) => own,
        (None, Allowance::Relative(BY_CLASS)) => Class::of(&subject.metric)
            .threshold()
            .map_or(NO_TOLERANCE, |share| share * reference.abs()),
        (_, Allowance::Relative(share)) => share * reference.abs(),
    };
    if allowed.is_nan() {
        return Some(Finding::insufficient(
            rule,
            "the baseline has no tolerance for this metric",
        ));
    }
    // Decimal numbers like .914 − .03 are no binary ones: a value on the line is allowed.
    let slack = 1e-12 * reference.abs().max(found.abs());
    let worse = match subject.metric.direction {
        Direction::Higher => reference - found,
        Direction::Lower => found - reference,
        Direction::Neither => (found - reference).abs(),
    };
    let verdict = if worse > allowed + slack {
        let severity = if worse > 2.0 * allowed {
            Severity::Critical
        } else {
            Severity::Warning
        };
        verdict_of(
            subject.metric.direction,
            true,
            rule.severity.unwrap_or(severity),
        )
    } else if subject.metric.direction != Direction::Neither && -worse > allowed + slack {
        Verdict::Improved
    } else {
        Verdict::Unchanged
    };
    Some(Finding {
        value: Some(found),
        reference,
        effect: (found - reference) / reference.abs(),
        interval: baseline
            .interval
            .map(|(low, high)| (found / high - 1.0, found / low - 1.0)),
        n: 1,
        runs: vec![baseline.run.clone()],
        because: format!("the baseline allows {{{allowed}}} of difference"),
        ..Finding::new(rule, verdict)
    })
}

/// Worse than a reference by more than a share of it.
pub(super) fn percent(
    subject: &Subject,
    rule: &Rule,
    (threshold, against, guarded): (f64, Against, bool),
    value: &Value,
) -> Option<Finding> {
    let is_default = rule.place == "default";
    let past: Vec<_> = subject
        .past
        .iter()
        .filter(|past| past.value.is_finite())
        .collect();
    if is_default && past.len() >= FEWEST_PAST {
        // The past speaks for itself.
        return None;
    }
    let threshold = if threshold == BY_CLASS {
        Class::of(&subject.metric).threshold()?
    } else {
        threshold
    };
    let found = value.statistic(rule.statistic.as_deref())?;
    let last = match against {
        Against::Previous => &past[past.len().saturating_sub(1)..],
        Against::Median(window) => &past[past.len().saturating_sub(window)..],
        Against::Baseline => &[],
    };
    let (reference, best) = if against == Against::Baseline {
        match &subject.baseline {
            Some(baseline) => (baseline.value, baseline.best),
            None => {
                return Some(Finding::insufficient(
                    rule,
                    "there is no baseline; `benchhost baseline save` makes one",
                ));
            }
        }
    } else {
        let values: Vec<f64> = last.iter().map(|past| past.value).collect();
        let Ok(reference) = median(&values) else {
            return Some(Finding::insufficient(rule, "there is no earlier value"));
        };
        let best: Vec<f64> = last.iter().filter_map(|past| past.best).collect();
        (reference, median(&best).ok())
    };
    let (found, best_now) = seen_twice(subject, value, found);
    let worse = worse_by(subject.metric.direction, found, reference);
    let size = if subject.metric.direction == Direction::Neither {
        worse.abs()
    } else {
        worse
    };
    // A change from nothing has no share; nobody asks for one.
    let size = if size.is_nan() || reference == 0.0 {
        0.0
    } else {
        size
    };
    let denied = guarded
        && best_now.zip(best).is_some_and(|(now, before)| {
            let moved = worse_by(subject.metric.direction, now, before) * size.signum();
            moved < GUARD_SHARE * threshold
        });
    let severity = if size > 2.0 * threshold {
        Some(Severity::Critical)
    } else if size > threshold {
        Some(Severity::Warning)
    } else if size > threshold / 2.0 {
        Some(Severity::Info)
    } else {
        None
    };
    let verdict = match severity {
        Some(Severity::Info) if is_default => Verdict::Unchanged,
        Some(_) if denied => Verdict::Inconclusive,
        Some(severity) => verdict_of(
            subject.metric.direction,
            true,
            rule.severity.unwrap_or(severity),
        ),
        None if size < -threshold && denied => Verdict::Unchanged,
        None if size < -threshold => Verdict::Improved,
        None => Verdict::Unchanged,
    };
    Some(Finding {
        value: Some(found),
        reference,
        effect: (found - reference) / reference.abs(),
        n: last.len().max(1),
        runs: last.iter().map(|past| past.run.clone()).collect(),
        is_suspicious: severity.is_some(),
        because: format!(
            "{} % is allowed{}",
            (threshold * 1000.0).round() / 10.0,
            if denied {
                ", and the best samples are as good as before: the machine was busy"
            } else {
                ""
            }
        ),
        ..Finding::new(rule, verdict)
    })
}

/// The less alarming of two looks, when there were two.
fn seen_twice(subject: &Subject, value: &Value, found: f64) -> (f64, Option<f64>) {
    let Some(again) = &subject.again else {
        return (found, value.best);
    };
    let direction = subject.metric.direction;
    let is_better =
        worse_by(direction, again.value, found) < 0.0 && direction != Direction::Neither;
    if is_better {
        (again.value, again.best)
    } else {
        (found, value.best)
    }
}

/// An expression that must not be true.
pub(super) fn expression(
    subject: &Subject,
    rule: &Rule,
    expression: &Expression,
    value: &Value,
) -> Finding {
    let context = Context { subject, value };
    let (verdict, because) = match expression.holds(&context) {
        Err(unknown) => (Verdict::InsufficientData, unknown),
        Ok(false) => (
            Verdict::Unchanged,
            format!("`{}` is false", expression.text()),
        ),
        Ok(true) => (
            Verdict::Regressed(rule.severity.unwrap_or(Severity::Warning)),
            format!("`{}` is true", expression.text()),
        ),
    };
    let reference = expression
        .reference(&context)
        .map_or(f64::NAN, |r| context.back(r));
    Finding {
        reference,
        effect: (value.value - reference) / reference.abs(),
        because,
        ..Finding::new(rule, verdict)
    }
}
