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

/// What the best tenth of the samples reaches, in the repetition where it reaches most: one with an unlucky layout of its memory
/// takes more samples than the others, so that among all of them it would weigh more.
fn best(measurement: &Measurement) -> Option<f64> {
    let (q, better): (f64, fn(f64, f64) -> f64) = match measurement.metric.direction {
        Direction::Lower => (BEST, f64::min),
        Direction::Higher => (1.0 - BEST, f64::max),
        Direction::Neither => return None,
    };
    let groups = measurement.samples.by_repetition();
    let tenths = groups.iter().filter_map(|group| quantile(group, q).ok());
    tenths.reduce(better)
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Metric, MetricKind, Samples};

    use super::*;

    #[test]
    fn the_best_tenth_is_that_of_the_best_repetition_however_many_samples_others_have() {
        let best_of = |direction| {
            let mut samples = Samples::default();
            for index in 0..11 {
                samples.push(0, 1, 100.0 + f64::from(index));
            }
            for index in 0..1000 {
                samples.push(1, 1, 200.0 + f64::from(index % 11));
            }
            best(&Measurement {
                metric: Metric::new("m", "ns", direction, MetricKind::Time),
                samples,
                summary: None,
            })
        };

        assert_eq!(best_of(Direction::Lower), Some(101.0));
        assert!(best_of(Direction::Higher).is_some_and(|best| best > 208.0));
        assert_eq!(best_of(Direction::Neither), None);
    }
}
