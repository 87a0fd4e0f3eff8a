//! Whether a value works: how its case ended, whether all conditions hold, and whether the workload kept up.

use std::collections::BTreeMap;

use benchhost_plan::{Condition, Search, Statistic};
use benchhost_record::{CaseResult, Tried, conversion, format_quantity, names};
use benchhost_stats::quantile;

/// Share of the offered load that may be missing beside what chance explains, before the workload counts as too slow for it.
const UNSERVED_SHARE: f64 = 0.1;

/// What the result of one value says.
pub(super) fn judged(search: &Search, value: f64, result: &CaseResult) -> Tried {
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
    let served = of(names::SERVED)?.summary.as_ref()?.median;
    let count = of(names::LATENCY)?.samples.len() as f64;
    // The number of arrivals in a time has the standard deviation of its root.
    let chance = 3.0 / count.max(1.0).sqrt();
    (served < load * (1.0 - UNSERVED_SHARE - chance)).then(|| {
        let (served, load) = (format_quantity(served, "1"), format_quantity(load, "1"));
        format!("{served} of {load} in a second were served")
    })
}
