//! Rules that compare with a level: targets, tolerances, percentages, expressions. No test, no family.
//!
//! A case that was measured twice is judged by the look that is nearer to the level: what was seen once may be noise.

use benchhost_record::{Direction, Severity};
use benchhost_stats::{FEWEST_PAST, median};

use super::{context::Context, effect, finding::Finding, verdict_of, worse_by};
use crate::{
    Against, Allowance, Bound, Class, Expression, Past, Rule, Subject, Value, Verdict,
    bound::ROUNDING, read::BY_CLASS,
};

/// Share of the threshold by which the best tenth of the samples (of the best repetition) must be worse too, in guarded rules.
const GUARD_SHARE: f64 = 0.8;

/// Absolute tolerance of quality metrics when nobody gave one: none, so that they are not judged by class.
const NO_TOLERANCE: f64 = f64::NAN;

/// Said where a baseline is asked for.
pub(super) const NO_BASELINE: &str = "there is no baseline; `benchhost baseline save` makes one";

/// Beyond an absolute bound, at both looks when there are two.
pub(super) fn target(subject: &Subject, rule: &Rule, bound: &Bound, value: &Value) -> Finding {
    let name = rule.statistic.as_deref();
    let Some(found) = value.statistic(name) else {
        let name = name.unwrap_or_default();
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
    let again = subject
        .again
        .as_ref()
        .and_then(|again| again.statistic(name));
    let found = match again {
        Some(again) if !bound.holds(found, limit) && bound.holds(again, limit) => again,
        _ => found,
    };
    let verdict = match (bound.holds(found, limit), rule.severity) {
        (true, _) => Verdict::TargetMet,
        (false, None) => Verdict::TargetMissed,
        (false, Some(severity)) => Verdict::Regressed(severity),
    };
    Finding {
        value: Some(found),
        reference: limit,
        effect: effect(found, limit),
        because: match name {
            Some(name) => format!("the target of its {name} is {bound}"),
            None => format!("the target is {bound}"),
        },
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
    let Some(baseline) = &subject.baseline else {
        return (!rule.is_default()).then(|| Finding::insufficient(rule, NO_BASELINE));
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
    let seen = Seen::of(subject, value, reference);
    let found = seen.value;
    // Decimal numbers like .914 − .03 are no binary ones: a value on the line is allowed.
    let slack = ROUNDING * reference.abs().max(found.abs());
    let worse = match subject.metric.direction {
        Direction::Higher => reference - found,
        Direction::Lower => found - reference,
        Direction::Neither => (found - reference).abs(),
    };
    // Twice nothing is nothing: without any tolerance there is no measure of how bad it is.
    let severity = if allowed > 0.0 && worse > 2.0 * allowed + slack {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let severity = rule.severity.unwrap_or(severity);
    let verdict = match () {
        () if worse > allowed + slack && seen.is_denied => Verdict::Inconclusive,
        () if worse > allowed + slack => verdict_of(subject.metric.direction, true, severity),
        () if -worse > allowed + slack && !seen.is_denied => Verdict::Improved,
        () => Verdict::Unchanged,
    };
    Some(Finding {
        value: Some(found),
        reference,
        effect: effect(found, reference),
        interval: baseline
            .interval
            .filter(|(low, _)| *low > 0.0)
            .map(|(low, high)| (found / high - 1.0, found / low - 1.0)),
        n: 1,
        runs: vec![baseline.run.clone()],
        because: format!(
            "the baseline allows {{{allowed}}} of difference{}",
            seen.remark()
        ),
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
    let past: Vec<&Past> = subject
        .past
        .iter()
        .filter(|past| past.value.is_finite())
        .collect();
    if rule.is_default() && past.len() >= FEWEST_PAST {
        // The past speaks for itself.
        return None;
    }
    if rule.is_default() && !Class::speaks_early(&subject.metric) {
        let so_far = past.len();
        let why = format!("{so_far} earlier values of {FEWEST_PAST} that history needs");
        return Some(Finding::insufficient(rule, why));
    }
    let threshold = if threshold == BY_CLASS {
        let Some(threshold) = Class::of(&subject.metric).threshold() else {
            let why = "its class has no threshold in percent: give it one, or a tolerance";
            return (!rule.is_default()).then(|| Finding::insufficient(rule, why));
        };
        threshold
    } else {
        threshold
    };
    let level = match level(subject, against, &past) {
        Ok(level) => level,
        Err(why) => return Some(Finding::insufficient(rule, why)),
    };
    let seen = Seen::of(subject, value, level.reference);
    let direction = subject.metric.direction;
    // A change from nothing has no share; nobody asks for one.
    let worse = if level.reference == 0.0 {
        0.0
    } else {
        worse_by(direction, seen.value, level.reference)
    };
    let is_noise = guarded
        && seen.best.zip(level.best).is_some_and(|(now, before)| {
            let moved = worse_by(direction, now, before) * worse.signum();
            moved < GUARD_SHARE * threshold
        });
    // One process on a busy machine says little: only what is beyond twice the threshold is believed. The best tenth of
    // several processes is guard enough.
    let was_busy = rule.is_default()
        && value.is_disturbed
        && value.repetitions.len() < 2
        && !seen.is_twice
        && worse.abs() <= 2.0 * threshold;
    let verdict = Sized {
        worse: if direction == Direction::Neither {
            worse.abs()
        } else {
            worse
        },
        threshold,
        is_denied: is_noise || was_busy || seen.is_denied,
    }
    .verdict(rule, direction);
    let mut because = format!("{} % is allowed", (threshold * 1000.0).round() / 10.0);
    because.push_str(&seen.remark());
    if was_busy && worse.abs() > threshold {
        because.push_str(", and the machine was busy");
    } else if is_noise && worse.abs() > threshold {
        because.push_str(", and the best samples are as good as before: the machine was busy");
    }
    Some(Finding {
        value: Some(seen.value),
        reference: level.reference,
        effect: effect(seen.value, level.reference),
        n: level.runs.len().max(1),
        runs: level.runs,
        is_suspicious: worse.abs() > threshold / 2.0,
        because,
        ..Finding::new(rule, verdict)
    })
}

/// What a percentage is of.
struct Level {
    reference: f64,
    best: Option<f64>,
    runs: Vec<String>,
}

fn level(subject: &Subject, against: Against, past: &[&Past]) -> Result<Level, &'static str> {
    let window = match against {
        Against::Previous => 1,
        Against::Median(window) => window,
        Against::Baseline => {
            let baseline = subject.baseline.as_ref().ok_or(NO_BASELINE)?;
            return Ok(Level {
                reference: baseline.value,
                best: baseline.best,
                runs: vec![baseline.run.clone()],
            });
        }
    };
    let last = &past[past.len().saturating_sub(window)..];
    let values: Vec<f64> = last.iter().map(|past| past.value).collect();
    let best: Vec<f64> = last.iter().filter_map(|past| past.best).collect();
    Ok(Level {
        reference: median(&values).map_err(|_| "there is no earlier value")?,
        best: median(&best).ok(),
        runs: last.iter().map(|past| past.run.clone()).collect(),
    })
}

/// A change and what is allowed of it, both as shares.
struct Sized {
    /// How much worse; without a good direction how much at all.
    worse: f64,
    threshold: f64,
    /// Whether the best samples or a second look say that it is noise.
    is_denied: bool,
}

impl Sized {
    /// Beyond the threshold a warning, beyond twice of it critical, beyond half of it a remark. A severity that the user
    /// fixed holds for what is beyond the threshold.
    fn verdict(&self, rule: &Rule, direction: Direction) -> Verdict {
        let line = |times: f64| times * self.threshold * (1.0 + ROUNDING);
        // 105 of 100 is 5 %, whatever the last bit says.
        let worse = self.worse - ROUNDING;
        if worse > line(1.0) {
            let severity = if worse > line(2.0) {
                Severity::Critical
            } else {
                Severity::Warning
            };
            let severity = rule.severity.unwrap_or(severity);
            return if self.is_denied {
                Verdict::Inconclusive
            } else {
                verdict_of(direction, true, severity)
            };
        }
        if -self.worse - ROUNDING > line(1.0) && !self.is_denied {
            return Verdict::Improved;
        }
        // Half the threshold of something without a good direction is no news.
        let is_remark = worse > line(0.5) && direction != Direction::Neither;
        if is_remark && !self.is_denied && !rule.is_default() {
            return Verdict::Regressed(Severity::Info);
        }
        Verdict::Unchanged
    }
}

/// What was seen at one look, or at two.
struct Seen {
    value: f64,
    best: Option<f64>,
    /// The two looks disagree about the direction.
    is_denied: bool,
    is_twice: bool,
}

impl Seen {
    /// The look that is nearer to the reference.
    fn of(subject: &Subject, value: &Value, reference: f64) -> Self {
        let off = |value: &Value| value.value - reference;
        let again = subject
            .again
            .as_ref()
            .filter(|again| again.value.is_finite());
        let nearer = match again {
            Some(again) if off(again).abs() < off(value).abs() => again,
            _ => value,
        };
        Self {
            value: nearer.value,
            best: nearer.best,
            is_denied: again.is_some_and(|again| off(again) * off(value) < 0.0),
            is_twice: again.is_some(),
        }
    }

    fn remark(&self) -> String {
        match (self.is_twice, self.is_denied) {
            (false, _) => String::new(),
            (true, false) => ", measured twice".to_owned(),
            (true, true) => ", and two looks disagree".to_owned(),
        }
    }
}

/// An expression that must not be true, of both looks when there are two.
pub(super) fn expression(
    subject: &Subject,
    rule: &Rule,
    expression: &Expression,
    value: &Value,
) -> Finding {
    if let Err((clash, _)) = expression.has_units_of(&subject.metric) {
        let because = format!("`{}`: {}", expression.text(), clash.trim_end_matches(','));
        return Finding::insufficient(rule, because);
    }
    let look = |value| Context { subject, value };
    let first = expression.holds(&look(value));
    // A second look that cannot be judged denies nothing.
    let again = subject.again.as_ref().filter(|again| {
        let is_fine = expression.holds(&look(again)) == Ok(false);
        first == Ok(true) && is_fine
    });
    let context = look(again.unwrap_or(value));
    let text = expression.text();
    let (verdict, because) = match first {
        Err(unknown) => (Verdict::InsufficientData, format!("`{text}`: {unknown}")),
        Ok(true) if again.is_none() => (
            Verdict::Regressed(rule.severity.unwrap_or(Severity::Warning)),
            format!("`{text}` is true"),
        ),
        Ok(_) => (Verdict::Unchanged, format!("`{text}` is false")),
    };
    let reference = expression
        .reference(&context)
        .map_or(f64::NAN, |r| context.back(r));
    Finding {
        value: Some(context.value.value),
        reference,
        effect: effect(context.value.value, reference),
        because,
        ..Finding::new(rule, verdict)
    }
}
