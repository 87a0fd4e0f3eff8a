//! Two cases that are set against each other: whether their times have a ratio, and what both have besides.

use benchhost_record::{
    BothValues, Case, CaseId, CaseResult, Direction, Measurement, Metric, MetricKind, conversion,
    names,
};
use benchhost_stats::{Bounds, Unpaired};

use super::Results;
use crate::run::curves::repetitions;

/// Fewest processes a side must have for an interval: one says nothing about the next.
const FEWEST: usize = 2;

/// A case of the benchmark, and all that is known of it and of what it is set against.
pub(super) struct Entry {
    pub(super) candidate: CaseId,
    pub(super) baseline: Option<CaseId>,
    pub(super) metric: Metric,
    pub(super) state: State,
    /// Processes that count, of the baseline and of the candidate.
    pub(super) repetitions: [usize; 2],
    pub(super) both: Vec<BothValues>,
    pub(super) remarks: Vec<String>,
}

/// Whether there is a ratio.
pub(super) enum State {
    /// No, for this reason.
    Nothing(String),
    /// Too few processes for an interval.
    Few { log_ratio: f64 },
    /// Enough for one.
    Enough(Unpaired),
}

impl Entry {
    /// A case that has nothing to be compared with, and why.
    pub(super) fn without(candidate: &Case, baseline: Option<&Case>, why: String) -> Self {
        Self {
            candidate: candidate.id.clone(),
            baseline: baseline.map(|case| case.id.clone()),
            metric: of_time(candidate),
            state: State::Nothing(why),
            repetitions: [0; 2],
            both: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Two cases that fit.
    pub(super) fn of(
        candidate: &Case,
        baseline: &Case,
        results: &Results<'_>,
        bounds: Bounds,
    ) -> Self {
        let cases = [baseline, candidate];
        let found = cases.map(|case| results.get(&case.id).copied());
        let metric = of_time(candidate);
        let mut entry = Self::without(candidate, Some(baseline), String::new());
        let reasons: Vec<String> = cases
            .iter()
            .zip(found)
            .filter_map(|(case, result)| missing(case, result, &metric.name))
            .collect();
        let [Some(base), Some(own)] = found else {
            entry.state = State::Nothing(reasons.join("; "));
            return entry;
        };
        if !reasons.is_empty() {
            entry.state = State::Nothing(reasons.join("; "));
            return entry;
        }
        (entry.both, entry.remarks) = both(base, own, &metric.name);
        if let Some(why) = other_work(base, own) {
            entry.state = State::Nothing(why);
            return entry;
        }
        let medians = [base, own].map(|one| repetitions(one, &metric.name).unwrap_or_default());
        entry.repetitions = [medians[0].len(), medians[1].len()];
        entry.state = state(&medians, bounds);
        entry
    }

    /// What is to be judged, where there is something.
    pub(super) fn unpaired(&self) -> Option<&Unpaired> {
        match &self.state {
            State::Enough(unpaired) => Some(unpaired),
            State::Nothing(_) | State::Few { .. } => None,
        }
    }
}

/// What the ratio of a case is of.
fn of_time(case: &Case) -> Metric {
    let name = match case.offered_load {
        Some(_) => names::LATENCY,
        None => names::TIME,
    };
    Metric::new(name, "ns", Direction::Lower, MetricKind::Time)
}

/// Why a side has no time.
fn missing(case: &Case, result: Option<&CaseResult>, metric: &str) -> Option<String> {
    let side = &case.benchmark;
    let Some(result) = result else {
        return Some(format!("`{side}` was not measured"));
    };
    if !result.outcome.is_ok() {
        return Some(format!("`{side}`: {}", result.outcome.sentence()));
    }
    let has_value = value(result, metric).is_some();
    (!has_value).then(|| format!("`{side}` has no metric `{metric}`"))
}

/// A measurement with a median that is a number.
fn value<'a>(result: &'a CaseResult, metric: &str) -> Option<(&'a Measurement, f64)> {
    let mut all = result.measurements.iter();
    let found = all.find(|one| one.metric.name == metric)?;
    let median = found.summary.as_ref()?.median;
    median.is_finite().then_some((found, median))
}

/// Times of other amounts of work have no ratio. What a side does not declare, or calls by another name, is taken for the same.
fn other_work(base: &CaseResult, own: &CaseResult) -> Option<String> {
    let (of_base, of_own) = (base.work.as_ref()?, own.work.as_ref()?);
    let is_known = of_base.items > 0.0 && of_own.items > 0.0 && of_base.item == of_own.item;
    let item = match of_own.item.as_str() {
        "" => "items",
        item => item,
    };
    (is_known && of_base.items != of_own.items).then(|| {
        format!(
            "one iteration is {} {item} in `{}` and {} in `{}`",
            of_base.items, base.case.benchmark, of_own.items, own.case.benchmark
        )
    })
}

fn state(medians: &[Vec<f64>; 2], bounds: Bounds) -> State {
    let all = medians.iter().flatten();
    if medians.iter().any(Vec::is_empty)
        || all.into_iter().any(|one| !one.is_finite() || *one <= 0.0)
    {
        return State::Nothing("the values have no ratio: only positive ones do".to_owned());
    }
    if medians.iter().any(|one| one.len() < FEWEST) {
        let mean = |values: &[f64]| {
            let logs: f64 = values.iter().map(|value| value.ln()).sum();
            logs / values.len() as f64
        };
        return State::Few {
            log_ratio: mean(&medians[1]) - mean(&medians[0]),
        };
    }
    match Unpaired::new(&medians[0], &medians[1], bounds) {
        Some(unpaired) => State::Enough(unpaired),
        None => State::Nothing("the values have no ratio".to_owned()),
    }
}

/// Medians that both sides have: that of the metric `first`, then in the order of the candidate; and metrics of one name
/// whose units do not fit.
fn both(base: &CaseResult, own: &CaseResult, first: &str) -> (Vec<BothValues>, Vec<String>) {
    let (mut both, mut remarks) = (Vec::new(), Vec::new());
    let mut names: Vec<&str> = own
        .measurements
        .iter()
        .map(|one| one.metric.name.as_str())
        .collect();
    names.sort_by_key(|name| *name != first);
    for name in names {
        let (Some((there, baseline)), Some((here, candidate))) =
            (value(base, name), value(own, name))
        else {
            continue;
        };
        let (unit, other) = (&here.metric.unit, &there.metric.unit);
        let baseline = conversion(other, unit).map(|factor| factor * baseline);
        match baseline.filter(|value| value.is_finite()) {
            Some(baseline) => both.push(BothValues {
                metric: here.metric.clone(),
                baseline,
                candidate,
            }),
            None => remarks.push(format!(
                "`{name}` is in `{other}` in `{}` and in `{unit}` in `{}`",
                base.case.benchmark, own.case.benchmark
            )),
        }
    }
    (both, remarks)
}
