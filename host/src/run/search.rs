//! Looks for the largest value of a key that works. What does not work is an answer, whatever way it ends.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use benchhost_plan::{Benchmark, Bracket, Condition, Search, Statistic};
use benchhost_record::{
    Case, CaseResult, Direction, Measurement, Metric, MetricKind, Outcome, Samples, Tried,
    conversion, format_quantity,
};
use benchhost_stats::{quantile, summarise};

use super::{Observer, Setting, collect, repetition, repetition::Order, sharing};
use crate::load::Plugin;

/// Share of the offered load that may be missing beside what chance explains, before the workload counts as too slow for it.
const UNSERVED_SHARE: f64 = 0.1;

/// Everything that trying a value needs.
pub(super) struct Hunt<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) run: &'a benchhost_record::Run,
    pub(super) benchmark: &'a Benchmark,
    pub(super) case: &'a Case,
    pub(super) plugin: &'a Plugin,
    pub(super) position: u64,
}

impl Hunt<'_> {
    /// Tries values until the answer is known, or the user wants to stop.
    pub(super) fn largest(&self, search: &Search, observer: &mut dyn Observer) -> CaseResult {
        let mut bracket = Bracket::default();
        let mut tried = Vec::new();
        let mut best = None;
        let mut is_stopped = false;
        while let Some(value) = bracket.next(search) {
            let label = format!("{} {}={value}", self.benchmark.name, search.key);
            observer.starts(&label, self.position as usize, 0);
            let result = self.measure(value);
            is_stopped = self.setting.interrupted.load(Ordering::Relaxed);
            if is_stopped && !result.outcome.is_ok() {
                break;
            }
            let one = judged(search, value, &result);
            bracket.learn(value, one.works());
            if one.works() {
                best = Some(result);
            } else if best.is_none() {
                // Nothing can be said but how the first value ended.
                tried.push(one);
                return self.result(search, bracket, tried, result, is_stopped);
            }
            tried.push(one);
            if is_stopped {
                break;
            }
        }
        match best {
            Some(best) => self.result(search, bracket, tried, best, is_stopped),
            None => {
                let nothing = collect::case_result(
                    self.benchmark,
                    self.case,
                    Some(self.plugin),
                    &[],
                    self.run.seed,
                );
                self.result(search, bracket, tried, nothing, is_stopped)
            }
        }
    }

    /// All repetitions of one value, until one of them fails.
    fn measure(&self, value: f64) -> CaseResult {
        let case = self.benchmark.case_at(self.case, value);
        let mut taken = Vec::new();
        for index in 0..self.benchmark.settings.repetitions {
            let order = Order {
                index,
                position: self.position,
            };
            let overhead = &self.run.overhead;
            let one = repetition::take(
                self.setting,
                overhead,
                self.benchmark,
                &case,
                self.plugin,
                order,
            );
            let is_ok = one.repetition.outcome.is_ok();
            taken.push(one);
            sharing::mark(&mut taken, overhead.yardstick);
            if !is_ok || self.setting.interrupted.load(Ordering::Relaxed) {
                break;
            }
        }
        collect::case_result(
            self.benchmark,
            &case,
            Some(self.plugin),
            &taken,
            self.run.seed,
        )
    }

    /// The case that stands for the search. `base`: the result of the largest value that works, or of the first when none does.
    fn result(
        &self,
        search: &Search,
        bracket: Bracket,
        tried: Vec<Tried>,
        base: CaseResult,
        is_stopped: bool,
    ) -> CaseResult {
        let outcome = match (bracket.works, tried.last()) {
            _ if is_stopped => Outcome::Skipped {
                reason: stopped(search, bracket, tried.len()),
            },
            (Some(_), _) => Outcome::Ok,
            (
                None,
                Some(Tried {
                    missed: Some(why), ..
                }),
            ) => Outcome::Wrong {
                rule: "search".to_owned(),
                message: format!("not even {}={} works: {why}", search.key, search.from),
            },
            (None, _) => base.outcome,
        };
        let largest = bracket.works.filter(|_| outcome.is_ok());
        let confidence = self.benchmark.settings.sampling.confidence;
        CaseResult {
            case: self.case.clone(),
            outcome,
            measurements: largest
                .map(|value| answer(search, value, self.run.seed, confidence))
                .into_iter()
                .collect(),
            search: Some(benchhost_record::Search {
                key: search.key.clone(),
                largest: bracket.works,
                smallest_failing: bracket.fails,
                tried,
            }),
            ..base
        }
    }
}

fn stopped(search: &Search, bracket: Bracket, tries: usize) -> String {
    let key = &search.key;
    match bracket.works {
        Some(value) => {
            format!("stopped after {tries} values: {key}={value} works, larger ones may")
        }
        None => "stopped before anything was known".to_owned(),
    }
}

/// The answer as a metric, so that targets, history and gates know it.
fn answer(search: &Search, value: f64, seed: u64, confidence: f64) -> Measurement {
    let unit = if search.key == "offered-load" {
        "1/s"
    } else {
        "1"
    };
    let mut samples = Samples::default();
    samples.push(0, 1, value);
    Measurement {
        metric: Metric::new(search.metric(), unit, Direction::Higher, MetricKind::Count),
        summary: summarise(&samples, seed, confidence).ok(),
        samples,
    }
}

/// What the result of one value says.
fn judged(search: &Search, value: f64, result: &CaseResult) -> Tried {
    let medians: BTreeMap<String, f64> = result
        .measurements
        .iter()
        .filter_map(|m| Some((m.metric.name.clone(), m.summary.as_ref()?.median)))
        .collect();
    let missed = result.outcome.is_ok().then(|| {
        let conditions = search
            .under
            .iter()
            .find_map(|condition| missed(condition, result));
        conditions.or_else(|| unserved(search, value, result))
    });
    Tried {
        value,
        outcome: result.outcome.clone(),
        missed: missed.flatten(),
        medians,
    }
}

/// A sentence when the condition does not hold.
fn missed(condition: &Condition, result: &CaseResult) -> Option<String> {
    let Condition {
        metric,
        statistic,
        bound,
    } = condition;
    let found = result
        .measurements
        .iter()
        .find(|m| m.metric.name == *metric);
    let Some(found) = found else {
        let known: Vec<&str> = result
            .measurements
            .iter()
            .map(|m| m.metric.name.as_str())
            .collect();
        return Some(format!(
            "there is no metric `{metric}` (there are: {})",
            known.join(", ")
        ));
    };
    let unit = &found.metric.unit;
    let value = match statistic {
        Statistic::Median => found.summary.as_ref().map(|summary| summary.median),
        Statistic::Mean => found.summary.as_ref().map(|summary| summary.mean),
        Statistic::Quantile(q) => quantile(&found.samples.value, *q).ok(),
    };
    let Some(value) = value else {
        return Some(format!("{statistic}({metric}) is not known"));
    };
    let Some(factor) = conversion(unit, &bound.unit) else {
        return Some(format!(
            "{metric} is in {unit}, the bound is `{}`",
            bound.text
        ));
    };
    let holds = bound.op.holds(value * factor, bound.value);
    (!holds).then(|| {
        let shown = format_quantity(value, unit);
        format!("{statistic}({metric}) is {shown}, {} was asked", bound.text)
    })
}

/// A sentence when the workload could not keep up with what was asked of it.
fn unserved(search: &Search, load: f64, result: &CaseResult) -> Option<String> {
    if search.key != "offered-load" {
        return None;
    }
    let of = |name: &str| result.measurements.iter().find(|m| m.metric.name == name);
    let served = of(benchhost_record::names::SERVED)?
        .summary
        .as_ref()?
        .median;
    let count = of(benchhost_record::names::LATENCY)?.samples.len() as f64;
    // The number of arrivals in a time has the standard deviation of its root.
    let chance = 3.0 / count.max(1.0).sqrt();
    (served < load * (1.0 - UNSERVED_SHARE - chance))
        .then(|| format!("{served:.4} of {load:.4} in a second were served"))
}
