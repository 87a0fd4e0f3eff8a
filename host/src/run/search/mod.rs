//! Looks for the largest value of a key that works. What does not work is an answer, whatever way it ends.

mod judged;

#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;

use benchhost_plan::{Benchmark, Bracket, Search};
use benchhost_record::{
    Case, CaseResult, Direction, Measurement, Metric, MetricKind, Outcome, Overhead, Samples, Tried,
};
use benchhost_stats::summarise;

use self::judged::judged;
use super::{Observer, Setting, collect, repetition, repetition::Order, sharing};
use crate::load::Plugin;

/// How a search came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing is left to try.
    Known,
    /// It was left before everything was tried.
    Stopped,
    /// A value gave a wrong answer, or the plugin was replaced.
    Wrong,
}

/// Everything that trying a value needs.
pub(super) struct Hunt<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) overhead: Overhead,
    pub(super) seed: u64,
    pub(super) benchmark: &'a Benchmark,
    pub(super) case: &'a Case,
    pub(super) plugin: &'a Plugin,
    pub(super) position: u64,
}

impl Hunt<'_> {
    /// Tries values until the answer is known, or the user wants to stop.
    /// `keep` is given what is known after each value.
    pub(super) fn largest(
        &self,
        search: &Search,
        observer: &mut dyn Observer,
        keep: &mut dyn FnMut(CaseResult),
    ) -> CaseResult {
        let mut bracket = Bracket::default();
        let mut tried = Vec::new();
        let mut best = None;
        let mut end = End::Known;
        while let Some(value) = bracket.next(search) {
            let label = format!("{} {}={value}", self.benchmark.name, search.key);
            observer.starts(&label, self.position as usize, 0);
            let result = self.measure(value);
            if self.setting.interrupted.load(Ordering::Relaxed) {
                end = End::Stopped;
                if !result.outcome.is_ok() {
                    break;
                }
            }
            let one = judged(search, value, &result);
            bracket.learn(value, one.works());
            if is_wrong(&one.outcome) {
                // Whatever the size, that is no answer to how large it may be.
                tried.push(one);
                return self.result(search, bracket, tried, result, End::Wrong);
            }
            if one.works() {
                best = Some(result);
            } else if best.is_none() {
                // Nothing can be said but how the first value ended.
                tried.push(one);
                return self.result(search, bracket, tried, result, end);
            }
            tried.push(one);
            if end == End::Stopped {
                break;
            }
            if let Some(best) = &best {
                keep(self.result(search, bracket, tried.clone(), best.clone(), End::Stopped));
            }
        }
        match best {
            Some(best) => self.result(search, bracket, tried, best, end),
            None => {
                let nothing = collect::case_result(
                    self.benchmark,
                    self.case,
                    Some(self.plugin),
                    &[],
                    self.seed,
                );
                self.result(search, bracket, tried, nothing, end)
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
            let overhead = &self.overhead;
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
        collect::case_result(self.benchmark, &case, Some(self.plugin), &taken, self.seed)
    }

    /// The case that stands for the search. `base`: the result of the largest value that works, or of the first when none does.
    fn result(
        &self,
        search: &Search,
        bracket: Bracket,
        tried: Vec<Tried>,
        base: CaseResult,
        end: End,
    ) -> CaseResult {
        let outcome = outcome(search, bracket, &tried, base.outcome, end);
        let largest = bracket.works.filter(|_| outcome.is_ok());
        let confidence = self.benchmark.settings.sampling.confidence;
        CaseResult {
            case: self.case.clone(),
            outcome,
            measurements: largest
                .map(|value| answer(search, value, self.seed, confidence))
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

/// Whether a value ended in a way that says nothing about sizes.
fn is_wrong(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Wrong { .. } | Outcome::Protocol { .. })
}

/// How the case that stands for the search ended. `first`: how the only value ended, when not even that works.
fn outcome(
    search: &Search,
    bracket: Bracket,
    tried: &[Tried],
    first: Outcome,
    end: End,
) -> Outcome {
    let missed = tried.last().and_then(|one| one.missed.as_ref());
    match (end, bracket.works, missed) {
        (End::Stopped, ..) => Outcome::Skipped {
            reason: stopped(search, bracket, tried.len()),
        },
        (End::Wrong, ..) => first,
        (End::Known, Some(_), _) => Outcome::Ok,
        (End::Known, None, Some(why)) => Outcome::Wrong {
            rule: "search".to_owned(),
            message: format!("not even {}={} works: {why}", search.key, search.from),
        },
        (End::Known, None, None) => first,
    }
}

fn stopped(search: &Search, bracket: Bracket, tries: usize) -> String {
    let key = &search.key;
    let known = match (bracket.works, bracket.fails) {
        (Some(works), Some(fails)) => format!("{key}={works} works, {key}={fails} does not"),
        (Some(works), None) => format!("{key}={works} works, larger ones may"),
        (None, Some(fails)) => format!("not even {key}={fails} works"),
        (None, None) => return "stopped before anything was known".to_owned(),
    };
    let values = if tries == 1 { "value" } else { "values" };
    format!("stopped after {tries} {values}: {known}")
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
