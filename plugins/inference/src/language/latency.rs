//! Waiting times of a user, from all tokens of a sample: quantiles of what was seen, never means of means.

use std::time::Instant;

use benchhost_plugin_api::{Description, Metric, Metrics};

/// The quantiles reported, and how many tokens a sample must have for them: with fewer, none lies beyond.
const QUANTILES: [(&str, f64, usize); 3] = [
    ("inter-token-p50", 0.50, 1),
    ("inter-token-p95", 0.95, 20),
    ("inter-token-p99", 0.99, 100),
];

/// Waiting times of one sample, in ns.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    first: Vec<f64>,
    between: Vec<f64>,
}

impl Latencies {
    /// Adds the metrics to a workload's description.
    pub(crate) fn describe(description: Description) -> Description {
        QUANTILES.iter().fold(description, |description, (name, quantile, least)| {
            description.metric(Metric::lower(*name, "ns").time().help(format!(
                "time between tokens: {:.0} % of all tokens of the sample waited no longer; from {least} tokens on",
                100.0 * quantile
            )))
        })
    }

    /// A first token came; it was asked for at `last`.
    pub(crate) fn first(&mut self, last: &mut Instant) {
        self.first.push(since(last));
    }

    /// A further token came.
    pub(crate) fn next(&mut self, last: &mut Instant) {
        self.between.push(since(last));
    }

    /// Takes over what `other` has seen.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.first.extend(other.first);
        self.between.extend(other.between);
    }

    /// Median of the waiting times for a first token, in ns.
    pub(crate) fn first_token_ns(&self) -> Option<f64> {
        quantile(&self.first, 0.5)
    }

    /// Reports the quantiles for which there are enough tokens.
    pub(crate) fn report(&self, metrics: &mut Metrics) {
        for (name, at, least) in QUANTILES {
            if let Some(value) = quantile(&self.between, at).filter(|_| self.between.len() >= least)
            {
                metrics.set(name, value);
            }
        }
    }
}

/// Nanoseconds since `last`, which becomes now.
fn since(last: &mut Instant) -> f64 {
    let now = Instant::now();
    let ns = now.duration_since(*last).as_nanos() as f64;
    *last = now;
    ns
}

/// The smallest value that at least the part `at` of all values does not exceed.
fn quantile(values: &[f64], at: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (at * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();

        assert_eq!(quantile(&hundred, 0.5), Some(50.0));
        assert_eq!(quantile(&hundred, 0.95), Some(95.0));
        assert_eq!(quantile(&hundred, 0.99), Some(99.0));
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_quantile_is_left_out_when_too_few_tokens_came() {
        for (tokens, reported) in [(0, 0), (19, 1), (99, 2), (100, 3)] {
            let latencies = Latencies {
                between: vec![1.0; tokens],
                ..Latencies::default()
            };

            let names = QUANTILES.iter().filter(|(_, at, least)| {
                quantile(&latencies.between, *at).is_some_and(|_| tokens >= *least)
            });
            assert_eq!(names.count(), reported, "{tokens}");
        }
    }
}
