//! Sets benchmarks against each other where a suite says so: the ratio of two times of one run, with its interval.
//!
//! The statistics are those of two stored runs (Welch's t on the logarithms of the processes' medians, one family for each
//! table), because the sides are no lock-step pairs: their processes are only shuffled among each other. METHODOLOGY.md
//! says what that promises.

mod entry;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use benchhost_plan::{Against, Benchmark, Plan, counterparts};
use benchhost_record::{CaseId, CaseResult, Contrast, ContrastPair, Interval, Run, Verdict};
use benchhost_stats::{Bounds, Decided, Decision, Unpaired, decide_unpaired};

use entry::{Entry, State};

/// A difference within this ratio − 1 is none; what `compare` takes when nothing is said.
const MARGIN: f64 = 0.01;

/// A difference must be larger than this ratio − 1; see `compare`.
const TOLERANCE: f64 = MARGIN / 3.0;

/// Results of a run by the name of their case.
type Results<'a> = HashMap<&'a CaseId, &'a CaseResult>;

/// One for each benchmark that is set against another one.
pub(super) fn contrasts(plan: &Plan, run: &Run) -> Vec<Contrast> {
    let with_against = |one| -> Option<(&Benchmark, &Against)> {
        let one: &Benchmark = one;
        Some((one, one.against.as_ref()?))
    };
    let asked: Vec<_> = plan.benchmarks.iter().filter_map(with_against).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let results = run.cases.iter().map(|one| (&one.case.id, one)).collect();
    let each = asked.into_iter();
    each.map(|(benchmark, against)| contrast(plan, &results, benchmark, against))
        .collect()
}

fn contrast(
    plan: &Plan,
    results: &Results<'_>,
    benchmark: &Benchmark,
    against: &Against,
) -> Contrast {
    let entries = entries(plan, results, benchmark, against);
    let level = 1.0 - benchmark.settings.sampling.confidence;
    let family: Vec<&Unpaired> = entries.iter().filter_map(Entry::unpaired).collect();
    let mut decided = decide_unpaired(&family, level).into_iter();
    let pairs = entries.into_iter().map(|entry| {
        let decided = entry.unpaired().and_then(|_| decided.next());
        pair(entry, decided)
    });
    Contrast {
        benchmark: benchmark.name.clone(),
        against: against.benchmark.clone(),
        differ_in: against.differ_in.clone(),
        level,
        tolerance: TOLERANCE,
        margin: MARGIN,
        pairs: pairs.collect(),
    }
}

fn entries(
    plan: &Plan,
    results: &Results<'_>,
    benchmark: &Benchmark,
    against: &Against,
) -> Vec<Entry> {
    let mut benchmarks = plan.benchmarks.iter();
    let Some(other) = benchmarks.find(|one| one.name == against.benchmark) else {
        let why = format!("benchmark `{}` is not part of this run", against.benchmark);
        let cases = benchmark.cases.iter();
        return cases
            .map(|case| Entry::without(case, None, why.clone()))
            .collect();
    };
    let bounds = Bounds {
        tolerance: TOLERANCE.ln_1p(),
        margin: MARGIN.ln_1p(),
    };
    let fitting = counterparts(benchmark, against, other);
    let cases = benchmark.cases.iter().zip(fitting);
    cases
        .map(|(case, fitting)| match fitting.as_slice() {
            [baseline] => Entry::of(case, baseline, results, bounds),
            [] => {
                let why = format!("no case of `{}` in this run fits", other.name);
                Entry::without(case, None, why)
            }
            several => {
                let why = format!("{} cases of `{}` fit", several.len(), other.name);
                Entry::without(case, None, why)
            }
        })
        .collect()
}

/// What is known of a pair. `decided`: of one that could be judged.
fn pair(entry: Entry, decided: Option<Decided>) -> ContrastPair {
    let (mut verdict, mut ratio, mut interval, mut reason) = (None, None, None, None);
    match (&entry.state, decided) {
        (State::Nothing(why), _) => reason = Some(why.clone()),
        (State::Few { log_ratio }, _) => {
            verdict = Some(Verdict::Inconclusive);
            ratio = Some(log_ratio.exp());
            reason = Some(few(entry.repetitions));
        }
        (State::Enough(unpaired), decided) => {
            ratio = Some(unpaired.log_ratio().exp());
            let level = decided.map_or(1.0, |one| one.level);
            interval = finite(unpaired.interval(level));
            let of = |higher| Verdict::of_change(&entry.metric, higher);
            verdict = Some(match decided.and_then(|one| one.decision) {
                Some(Decision::Higher) => of(true),
                Some(Decision::Lower) => of(false),
                Some(Decision::Equivalent) => Verdict::Equivalent,
                None => Verdict::Inconclusive,
            });
            if verdict == Some(Verdict::Inconclusive) {
                reason = Some(unsettled(entry.repetitions));
            }
        }
    }
    ContrastPair {
        candidate: entry.candidate,
        baseline: entry.baseline,
        metric: entry.metric,
        verdict,
        ratio: ratio.filter(|ratio| ratio.is_finite()),
        interval,
        baseline_repetitions: entry.repetitions[0] as u32,
        candidate_repetitions: entry.repetitions[1] as u32,
        reason,
        both: entry.both,
        remarks: entry.remarks,
    }
}

/// The interval of the ratio; none where an end of it is no number.
fn finite(logs: Interval) -> Option<Interval> {
    let interval = Interval {
        low: logs.low.exp(),
        high: logs.high.exp(),
        ..logs
    };
    (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
}

fn few([baseline, candidate]: [usize; 2]) -> String {
    format!(
        "{baseline} and {candidate} processes say nothing about the next one: raise repetitions to 5 or more"
    )
}

fn unsettled([baseline, candidate]: [usize; 2]) -> String {
    format!("{baseline} and {candidate} processes do not settle it: raise repetitions")
}
