//! From a run to a baseline.

use std::collections::BTreeMap;

use benchhost_gate::Class;
use benchhost_record::{CaseResult, Run};

use super::{Baseline, BaselineCase, BaselineMetric, SCHEMA};
use crate::judge;

/// A line of what an update would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The case.
    pub case: String,
    /// The metric.
    pub metric: String,
    /// Unit of both values.
    pub unit: String,
    /// What the baseline says; absent when it says nothing.
    pub before: Option<f64>,
    /// What it would say; absent when the entry goes.
    pub after: Option<f64>,
}

/// `old` with the cases of `run` that `keep` wants in place of its own. Tolerances stay. Cases that ended badly are left out.
#[must_use]
pub fn take(old: Option<&Baseline>, run: &Run, keep: &dyn Fn(&CaseResult) -> bool) -> Baseline {
    let mut baseline = old.cloned().unwrap_or_default();
    baseline.schema = SCHEMA;
    run.environment
        .fingerprint
        .clone_into(&mut baseline.machine);
    baseline.cpu = run.environment.cpu.model.clone().unwrap_or_default();
    for result in run
        .cases
        .iter()
        .filter(|one| one.outcome.is_ok() && keep(one))
    {
        let id = result.case.id.as_str();
        let before = old.and_then(|old| old.case.get(id));
        let metrics = metrics(result, before);
        if metrics.is_empty() {
            continue;
        }
        let entry = BaselineCase {
            run: run.id.clone(),
            measured: run.started.clone(),
            revision: run.git.as_ref().map_or_else(String::new, |git| {
                let dirty = if git.dirty { "-dirty" } else { "" };
                format!("{}{dirty}", git.revision)
            }),
            metrics,
        };
        baseline.case.insert(id.to_owned(), entry);
    }
    baseline
}

fn metrics(result: &CaseResult, before: Option<&BaselineCase>) -> BTreeMap<String, BaselineMetric> {
    result
        .measurements
        .iter()
        .filter(|measurement| Class::is_judged(&measurement.metric))
        .filter_map(|measurement| {
            let summary = measurement.summary.as_ref()?;
            let value = judge::value(measurement)?;
            let name = &measurement.metric.name;
            let known = before.and_then(|before| before.metrics.get(name));
            let entry = BaselineMetric {
                value: value.value,
                mean: Some(summary.mean),
                interval: value.interval.map(|(low, high)| [low, high]),
                unit: measurement.metric.unit.clone(),
                n: Some(summary.n),
                tolerance: known.and_then(|known| known.tolerance.clone()),
                best: value.best,
                repetitions: if value.repetitions.len() > 1 {
                    value.repetitions
                } else {
                    Vec::new()
                },
                direction: None,
            };
            Some((name.clone(), entry))
        })
        .collect()
}

/// What is different between two baselines, by case and metric.
#[must_use]
pub fn changes(old: Option<&Baseline>, new: &Baseline) -> Vec<Change> {
    let nothing = Baseline::default();
    let old = old.unwrap_or(&nothing);
    let mut found = Vec::new();
    let mut keys: Vec<(&String, &String)> = [old, new]
        .into_iter()
        .flat_map(|b| &b.case)
        .flat_map(|(case, entry)| entry.metrics.keys().map(move |metric| (case, metric)))
        .collect();
    keys.sort();
    keys.dedup();
    for (case, metric) in keys {
        let entry = |baseline: &Baseline| baseline.case.get(case)?.metrics.get(metric).cloned();
        let (before, after) = (entry(old), entry(new));
        if before != after {
            found.push(Change {
                case: case.clone(),
                metric: metric.clone(),
                unit: after
                    .as_ref()
                    .or(before.as_ref())
                    .map_or_else(String::new, |m| m.unit.clone()),
                before: before.map(|m| m.value),
                after: after.map(|m| m.value),
            });
        }
    }
    found
}
