//! What the forms tell of two benchmarks that are set against each other.

use std::collections::HashMap;

use benchhost_record::{CaseId, CaseResult, Contrast, ContrastPair, Run, names};

use crate::text::harmless;

/// Metrics that have no place beside the ratio: they follow from the time, or explain a number.
const LEFT_OUT: [&str; 6] = [
    names::THROUGHPUT,
    names::FLOPS,
    names::BANDWIDTH,
    names::CPU_TIME,
    names::MEMORY_GROWTH,
    names::SETUP_TIME,
];

/// How soon what a workload says of itself is left out, but for the first such metric.
const OWN: u8 = 3;

/// See [`OWN`].
const FIRST_OWN: u8 = 1;

/// Decimals of a ratio, however wide its interval is.
const LEAST_DECIMALS: f64 = 2.0;

/// Decimals of a ratio, however narrow its interval is.
const MOST_DECIMALS: f64 = 6.0;

/// From here on a ratio has an exponent.
const PLAIN_BELOW: f64 = 1e6;

/// Of `shared`, what all candidates have in common, that which all baselines have too.
pub(crate) fn of_both(shared: &str, contrast: &Contrast) -> String {
    let has = |pair: &ContrastPair, word: &str| {
        let baseline = pair.baseline.as_ref();
        baseline.is_none_or(|id| id.query().split('&').any(|own| harmless(own) == word))
    };
    let words = shared
        .split(' ')
        .filter(|word| contrast.pairs.iter().all(|pair| has(pair, word)));
    words.collect::<Vec<_>>().join(" ")
}

/// A metric that is shown beside the ratio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) name: String,
    /// The higher, the sooner it is left out: what the workloads say themselves stays longest.
    pub(crate) dispensability: u8,
}

/// Results of a run, found by their case.
pub(crate) struct Sides<'a> {
    results: HashMap<&'a CaseId, &'a CaseResult>,
}

impl<'a> Sides<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        let results = run.cases.iter().map(|one| (&one.case.id, one)).collect();
        Self { results }
    }

    /// The results of a pair, as far as the run has them.
    fn both(&self, pair: &ContrastPair) -> impl Iterator<Item = &'a CaseResult> {
        let ids = pair.baseline.iter().chain([&pair.candidate]);
        ids.filter_map(|id| self.results.get(id).copied())
    }

    /// Whether a pair has no ratio because a case of it failed; one that was skipped did not.
    pub(crate) fn fails(&self, pair: &ContrastPair) -> bool {
        pair.verdict.is_none() && self.both(pair).any(|one| one.outcome.is_failure())
    }

    /// Kinds of flags of either case.
    pub(crate) fn flags(&self, pair: &ContrastPair) -> Vec<&'static str> {
        let mut words = Vec::new();
        for flag in self.both(pair).flat_map(|one| &one.flags) {
            if !words.contains(&flag.kind.word()) {
                words.push(flag.kind.word());
            }
        }
        words
    }
}

/// Metrics beside the ratio, the most telling first.
pub(crate) fn beside(contrast: &Contrast, sides: &Sides<'_>) -> Vec<Beside> {
    let mut found: Vec<Beside> = Vec::new();
    for pair in &contrast.pairs {
        let result = sides.results.get(&pair.candidate);
        for one in &pair.both {
            let name = &one.metric.name;
            let is_known = found.iter().any(|known| known.name == *name);
            if is_known || *name == pair.metric.name || LEFT_OUT.contains(&name.as_str()) {
                continue;
            }
            let is_read = result.is_some_and(|result| {
                let readings = result.repetitions.iter().flat_map(|one| &one.readings);
                readings.into_iter().any(|one| one.metric.name == *name)
            });
            let dispensability = match name.as_str() {
                names::PEAK_MEMORY => OWN + 1,
                phase if phase.starts_with(names::PHASE_PREFIX) => OWN + 2,
                _ if is_read => OWN + 3,
                _ => OWN,
            };
            found.push(Beside {
                name: name.clone(),
                dispensability,
            });
        }
    }
    found.sort_by_key(|one| one.dispensability);
    // One of its own metrics must not give way to the verdict, which the interval says too.
    if let Some(first) = found.first_mut().filter(|one| one.dispensability == OWN) {
        first.dispensability = FIRST_OWN;
    }
    found
}

/// The ratio and its interval in as many decimals as the interval gives them, or three figures without one; nothing where there
/// is none.
pub(crate) fn ratio(pair: &ContrastPair) -> (Option<String>, Option<String>) {
    let Some(ratio) = pair.ratio.filter(|ratio| ratio.is_finite()) else {
        return (None, None);
    };
    let interval = pair.interval;
    let (doubt, figures) = match interval {
        Some(ends) if ends.high > ends.low => ((ends.high - ends.low) / 2.0, 1.0),
        _ => (ratio, 2.0),
    };
    let decimals = figures - doubt.log10().floor();
    let decimals = decimals.clamp(LEAST_DECIMALS, MOST_DECIMALS) as usize;
    let shown = |value: f64| match value {
        value if value.abs() >= PLAIN_BELOW => format!("{value:.3e}"),
        value => format!("{value:.decimals$}"),
    };
    let interval = interval.map(|ends| format!("{} … {}", shown(ends.low), shown(ends.high)));
    (Some(shown(ratio)), interval)
}

/// What the intervals promise: `99 %`, or from which to which.
pub(crate) fn confidence(contrast: &Contrast) -> Option<String> {
    let all = || {
        let pairs = contrast.pairs.iter();
        pairs.filter_map(|pair| Some(100.0 * pair.interval?.confidence))
    };
    let least = all().min_by(f64::total_cmp)?;
    let most = all().max_by(f64::total_cmp)?;
    let shown = |value: f64| {
        // Never more than is promised.
        let text = format!("{:.2}", (100.0 * value + 1e-9).floor() / 100.0);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    Some(match (shown(least), shown(most)) {
        (least, most) if least == most => format!("{least} %"),
        (least, most) => format!("{least} to {most} %"),
    })
}

/// Sentences about pairs that have a ratio, each once, with the numbers of its pairs.
pub(crate) fn reasons(contrast: &Contrast) -> Vec<(&str, Vec<usize>)> {
    let mut said: Vec<(&str, Vec<usize>)> = Vec::new();
    for (at, pair) in contrast.pairs.iter().enumerate() {
        let reason = pair.reason.iter().filter(|_| pair.verdict.is_some());
        for sentence in reason.chain(&pair.remarks) {
            match said.iter_mut().find(|(known, _)| known == sentence) {
                Some((_, pairs)) => pairs.push(at),
                None => said.push((sentence, vec![at])),
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Direction, Interval, Metric, MetricKind};

    use super::*;

    fn pair(ratio: f64, ends: Option<(f64, f64)>) -> ContrastPair {
        ContrastPair {
            candidate: String::new().into(),
            baseline: None,
            metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
            verdict: None,
            ratio: Some(ratio),
            interval: ends.map(|(low, high)| Interval {
                low,
                high,
                confidence: 0.99,
            }),
            baseline_repetitions: 5,
            candidate_repetitions: 5,
            reason: None,
            both: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn a_ratio_has_the_decimals_that_its_interval_gives_it() {
        for (value, ends, text, interval) in [
            (0.769_2, (0.746_1, 0.792_3), "0.769", "0.746 … 0.792"),
            (1.000_2, (0.998_7, 1.001_6), "1.0002", "0.9987 … 1.0016"),
            (10.31, (9.82, 10.83), "10.31", "9.82 … 10.83"),
            (8.0, (8.0, 8.0), "8.00", "8.00 … 8.00"),
            (1.0, (0.001, 900.0), "1.00", "0.00 … 900.00"),
            (2e8, (1e8, 4e8), "2.000e8", "1.000e8 … 4.000e8"),
        ] {
            let (found, around) = ratio(&pair(value, Some(ends)));
            assert_eq!(
                (found.unwrap(), around.unwrap()),
                (text.into(), interval.into())
            );
        }
        assert_eq!(ratio(&pair(0.012_34, None)), (Some("0.0123".into()), None));
        assert_eq!(ratio(&pair(f64::INFINITY, None)), (None, None));
    }
}
