//! Compares two runs that were stored: same verdicts, but the sides were not measured together.

use benchhost_record::{
    CaseResult, Comparison, Flag, Interval, Measurement, Metric, Outcome, Run, Verdict,
};
use benchhost_stats::{Decided, Decision, Unpaired, decide_unpaired, median};

use super::Terms;

/// Fewest repetitions a side must have: one process says nothing about the next.
const FEWEST_REPETITIONS: usize = 2;

/// A case and a metric of both runs.
struct Entry<'a> {
    sides: [Option<&'a CaseResult>; 2],
    metric: Metric,
    state: Result<Unpaired, (Verdict, String)>,
    medians: [Vec<f64>; 2],
}

/// One comparison for each case and metric that either run has, in the order of the baseline.
///
/// A case that only one run has, or that ended badly in one of them, is `failed` with the reason. What neither run measured
/// is left out. `keep`: which cases are asked for, by their id.
#[must_use]
pub fn comparisons(
    baseline: &Run,
    candidate: &Run,
    terms: &Terms,
    keep: &dyn Fn(&str) -> bool,
) -> Vec<Comparison> {
    let mut entries = Vec::new();
    let asked = cases(baseline, candidate).into_iter();
    for (_, sides) in asked.filter(|(one, _)| keep(one.case.id.as_str())) {
        for name in &terms.metrics {
            entries.extend(entry(sides, name, terms));
        }
    }
    let family: Vec<&Unpaired> = entries
        .iter()
        .filter_map(|e| e.state.as_ref().ok())
        .collect();
    let mut decided = decide_unpaired(&family, terms.level).into_iter();
    entries
        .iter()
        .map(|entry| {
            let decided = entry.state.is_ok().then(|| decided.next()).flatten();
            entry.comparison(decided)
        })
        .collect()
}

type Sides<'a> = [Option<&'a CaseResult>; 2];

/// Cases of both runs by their id; those only the candidate has come last.
fn cases<'a>(baseline: &'a Run, candidate: &'a Run) -> Vec<(&'a CaseResult, Sides<'a>)> {
    let find = |run: &'a Run, one: &CaseResult| run.cases.iter().find(|c| c.case.id == one.case.id);
    let of_baseline = baseline
        .cases
        .iter()
        .map(|one| (one, [Some(one), find(candidate, one)]));
    let of_candidate = candidate
        .cases
        .iter()
        .filter(|one| find(baseline, one).is_none())
        .map(|one| (one, [None, Some(one)]));
    of_baseline.chain(of_candidate).collect()
}

fn entry<'a>(sides: Sides<'a>, name: &str, terms: &Terms) -> Option<Entry<'a>> {
    let measured = sides.map(|side| {
        let measurements = side.map(|result| &result.measurements);
        measurements?.iter().find(|m| m.metric.name == name)
    });
    let any = measured[1].or(measured[0]);
    let broken = sides.iter().flatten().any(|side| !side.outcome.is_ok());
    if any.is_none() && !broken {
        return None;
    }
    let metric = any.map_or_else(|| fallback(name), |m| m.metric.clone());
    let medians = measured.map(|m| m.map_or_else(Vec::new, repetition_medians));
    let state = failure(sides, measured, name).map_or_else(
        || unpaired(&medians, terms),
        |why| Err((Verdict::Failed, why)),
    );
    Some(Entry {
        sides,
        metric,
        state,
        medians,
    })
}

fn fallback(name: &str) -> Metric {
    use benchhost_record::{Direction, MetricKind, names};
    let kind = if name == names::TIME {
        MetricKind::Time
    } else {
        MetricKind::default()
    };
    Metric::new(name, "", Direction::Neither, kind)
}

fn repetition_medians(measurement: &Measurement) -> Vec<f64> {
    let groups = measurement.samples.by_repetition();
    groups
        .iter()
        .filter_map(|group| median(group).ok())
        .collect()
}

/// Why there is nothing to compare.
fn failure(sides: Sides<'_>, measured: [Option<&Measurement>; 2], name: &str) -> Option<String> {
    for (index, side) in super::contest::SIDES.into_iter().enumerate() {
        let Some(result) = sides[index] else {
            return Some(format!("the {side} run does not have this case"));
        };
        match &result.outcome {
            Outcome::Ok => {}
            outcome => return Some(format!("in the {side} run: {}", outcome.sentence())),
        }
        if measured[index].is_none_or(|m| m.samples.is_empty()) {
            return Some(format!(
                "the {side} run has no metric `{name}` for this case"
            ));
        }
    }
    if let [Some(base), Some(candidate)] = measured.map(|m| m.map(|m| &m.metric))
        && let Some(why) = super::refusal::other_metric(base, candidate)
    {
        return Some(why);
    }
    let work = |index: usize| sides[index].and_then(|side| side.work.as_ref());
    let (base, candidate) = (work(0)?, work(1)?);
    (base.items != candidate.items).then(|| {
        format!(
            "one iteration is {} items in the baseline and {} in the candidate",
            base.items, candidate.items
        )
    })
}

fn unpaired(medians: &[Vec<f64>; 2], terms: &Terms) -> Result<Unpaired, (Verdict, String)> {
    let fewest = medians[0].len().min(medians[1].len());
    if fewest < FEWEST_REPETITIONS {
        let why = format!(
            "{fewest} repetition says nothing about another process; run with --repetitions 5 or more, or compare the builds side by side"
        );
        return Err((Verdict::Inconclusive, why));
    }
    Unpaired::new(&medians[0], &medians[1], terms.bounds()).ok_or_else(|| {
        let why = "the values have no ratio: only positive ones do".to_owned();
        (Verdict::Failed, why)
    })
}

impl Entry<'_> {
    fn comparison(&self, decided: Option<Decided>) -> Comparison {
        let result = self.sides[1].or(self.sides[0]);
        let numbers = self.state.as_ref().ok().zip(decided);
        let (verdict, reason) = match &self.state {
            Err((verdict, why)) => (*verdict, Some(why.clone())),
            Ok(_) => self.verdict(decided.and_then(|decided| decided.decision)),
        };
        Comparison {
            case: result
                .map(|result| result.case.id.clone())
                .unwrap_or_else(|| String::new().into()),
            metric: self.metric.clone(),
            verdict,
            ratio: numbers.map(|(unpaired, _)| unpaired.log_ratio().exp()),
            interval: numbers.map(|(unpaired, decided)| {
                let interval = unpaired.interval(decided.level);
                Interval {
                    low: interval.low.exp(),
                    high: interval.high.exp(),
                    ..interval
                }
            }),
            rounds: self.medians[0].len().min(self.medians[1].len()) as u64,
            pairs: 0,
            seconds: self.sides.iter().flatten().map(|side| seconds(side)).sum(),
            round_sd: None,
            baseline: median(&self.medians[0]).ok(),
            candidate: median(&self.medians[1]).ok(),
            reason,
            flags: self.flags(),
        }
    }

    fn verdict(&self, decision: Option<Decision>) -> (Verdict, Option<String>) {
        match decision {
            Some(Decision::Higher) => (Verdict::of_change(&self.metric, true), None),
            Some(Decision::Lower) => (Verdict::of_change(&self.metric, false), None),
            Some(Decision::Equivalent) => (Verdict::Equivalent, None),
            None => {
                let why = format!(
                    "{} and {} repetitions do not settle it; more of them, or the builds side by side, would",
                    self.medians[0].len(),
                    self.medians[1].len()
                );
                (Verdict::Inconclusive, Some(why))
            }
        }
    }

    fn flags(&self) -> Vec<Flag> {
        let mut flags: Vec<Flag> = Vec::new();
        for flag in self.sides.iter().flatten().flat_map(|side| &side.flags) {
            if !flags.contains(flag) {
                flags.push(flag.clone());
            }
        }
        flags
    }
}

fn seconds(result: &CaseResult) -> f64 {
    let repetitions = result.repetitions.iter();
    repetitions
        .map(|one| one.times.measure_ns as f64 / 1e9)
        .sum()
}
