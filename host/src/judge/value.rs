//! What a measurement says, in the words of the regression engine.

use benchhost_gate::Value;
use benchhost_record::{Direction, Measurement};
use benchhost_stats::{median, quantile};

/// Share of the samples that are the best ones.
const BEST: f64 = 0.1;

/// The value of a measurement that has a summary: the median, as the table shows it and the history keeps it.
#[must_use]
pub fn value(measurement: &Measurement) -> Option<Value> {
    let summary = measurement.summary.as_ref()?;
    let repetitions = measurement
        .samples
        .by_repetition()
        .iter()
        .filter_map(|group| median(group).ok())
        .collect();
    Some(Value::of_summary(
        summary,
        summary.median,
        best(measurement),
        repetitions,
    ))
}

/// What the best tenth of the samples reaches.
fn best(measurement: &Measurement) -> Option<f64> {
    let q = match measurement.metric.direction {
        Direction::Lower => BEST,
        Direction::Higher => 1.0 - BEST,
        Direction::Neither => return None,
    };
    quantile(&measurement.samples.value, q).ok()
}
