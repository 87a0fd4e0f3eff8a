//! What is known of one metric of a case: its value, its verdict, its past.

use std::collections::HashMap;

use benchhost_gate::{Judgement, Subject};
use benchhost_record::{CaseResult, Direction, Measurement};
use benchhost_stats::median;

use super::{Known, in_base};
use crate::{
    Facts,
    show::{CHANGE, SHARE},
};

/// The names that a metric has besides those of its case.
pub(crate) const NAMES: [&str; 7] = [
    "value",
    "repetition-spread",
    "change",
    "worse",
    "reference",
    "past",
    "scatter",
];

/// Earlier values whose scatter is looked at.
const WINDOW: usize = 20;

/// What was judged, by case and metric.
pub(crate) type Spoken<'a> =
    HashMap<(&'a str, &'a str), (Option<&'a Judgement>, Option<&'a Subject>)>;

/// Verdicts and pasts, to be found by case and metric.
pub(crate) fn spoken_of<'a>(facts: &Facts<'a>) -> Spoken<'a> {
    let mut spoken = Spoken::new();
    for judgement in &facts.judged.judged {
        let key = (judgement.case.as_str(), judgement.metric.name.as_str());
        spoken.entry(key).or_default().0 = Some(judgement);
    }
    for subject in facts.subjects {
        let key = (subject.case.as_str(), subject.metric.name.as_str());
        spoken.entry(key).or_default().1 = Some(subject);
    }
    spoken
}

/// The names of a case and those of one of its metrics.
pub(crate) fn of_metric<'a>(
    case: &Known<'a>,
    result: &'a CaseResult,
    measurement: &'a Measurement,
    spoken: &Spoken<'a>,
) -> Known<'a> {
    let mut known = case.clone();
    let metric = &measurement.metric;
    if let Some(summary) = &measurement.summary {
        let (value, unit) = in_base(metric, summary.median);
        known.put("value", value, unit);
    }
    known.put_some("repetition-spread", between_repetitions(measurement), SHARE);
    let key = (result.case.id.as_str(), metric.name.as_str());
    let (judgement, subject) = spoken.get(&key).copied().unwrap_or_default();
    if let Some(judgement) = judgement {
        known.put("change", judgement.effect, CHANGE);
        let worse = match metric.direction {
            Direction::Lower => judgement.effect,
            Direction::Higher => -judgement.effect,
            Direction::Neither => judgement.effect.abs(),
        };
        known.put("worse", worse, CHANGE);
        let (reference, unit) = in_base(metric, judgement.reference);
        known.put("reference", reference, unit);
    }
    if let Some(subject) = subject {
        let past: Vec<f64> = subject.past.iter().map(|past| past.value).collect();
        let finite: Vec<f64> = past.into_iter().filter(|value| value.is_finite()).collect();
        known.put("past", finite.len() as f64, "earlier values");
        let last = &finite[finite.len().saturating_sub(WINDOW)..];
        known.put_some("scatter", scatter(last), SHARE);
    }
    known
}

/// Standard deviation of the medians of the repetitions, by their mean.
fn between_repetitions(measurement: &Measurement) -> Option<f64> {
    let groups = measurement.samples.by_repetition();
    let medians: Vec<f64> = groups.iter().filter_map(|one| median(one).ok()).collect();
    if medians.len() < 2 {
        return None;
    }
    let n = medians.len() as f64;
    let mean = medians.iter().sum::<f64>() / n;
    let squares: f64 = medians.iter().map(|one| (one - mean).powi(2)).sum();
    let share = (squares / (n - 1.0)).sqrt() / mean.abs();
    share.is_finite().then_some(share)
}

/// How far values of different runs lie apart, of a normal distribution the standard deviation, by their median.
fn scatter(values: &[f64]) -> Option<f64> {
    let middle = median(values).ok()?;
    let share = benchhost_stats::mad(values).ok()? / middle.abs();
    share.is_finite().then_some(share)
}
