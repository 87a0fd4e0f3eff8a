//! What the forms tell of two benchmarks that are set against each other.

use std::collections::HashMap;

use benchhost_record::{CaseId, CaseResult, Contrast, ContrastPair, Interval, Run, names};

/// Metrics that have no place beside the ratio: they follow from the time, or explain a number.
const LEFT_OUT: [&str; 6] = [
    names::THROUGHPUT,
    names::FLOPS,
    names::BANDWIDTH,
    names::CPU_TIME,
    names::MEMORY_GROWTH,
    names::SETUP_TIME,
];

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
                names::PEAK_MEMORY => 4,
                phase if phase.starts_with(names::PHASE_PREFIX) => 5,
                _ if is_read => 6,
                _ => 2,
            };
            found.push(Beside {
                name: name.clone(),
                dispensability,
            });
        }
    }
    found.sort_by_key(|one| one.dispensability);
    found
}

/// A ratio: four figures.
pub(crate) fn figure_of(ratio: f64) -> String {
    if !ratio.is_finite() {
        return "–".to_owned();
    }
    let magnitude = if ratio > 0.0 {
        ratio.log10().floor()
    } else {
        0.0
    };
    if !(-5.0..6.0).contains(&magnitude) {
        return format!("{ratio:.3e}");
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    format!("{ratio:.decimals$}")
}

/// Its interval.
pub(crate) fn ratio_interval(interval: Interval) -> String {
    format!("{} … {}", figure_of(interval.low), figure_of(interval.high))
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
        let text = format!("{value:.3}");
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
    use super::*;

    #[test]
    fn ratios_have_four_figures() {
        for (ratio, text) in [
            (1.0, "1.000"),
            (0.798_04, "0.7980"),
            (12.345_6, "12.35"),
            (0.001_234_5, "0.001234"),
            (12_345.6, "12346"),
            (0.0, "0.000"),
            (1e9, "1.000e9"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(figure_of(ratio), text);
        }
    }
}
