//! Whether a value works: how its case ended, whether all conditions hold, and whether the workload kept up.

use std::collections::BTreeMap;

use benchhost_plan::{Condition, Search, Statistic};
use benchhost_record::{CaseResult, Tried, conversion, format_quantity};
use benchhost_stats::{quantile, samples_needed};

use crate::run::flags::load::unserved;

/// What the result of one value says.
pub(super) fn judged(search: &Search, value: f64, result: &CaseResult) -> Tried {
    let unserved = || unserved(result.case.offered_load?, &result.measurements);
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
        conditions.or_else(unserved)
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
        Statistic::Quantile(q) => {
            let missing = samples_needed(*q).saturating_sub(found.samples.len() as u64);
            if missing > 0 {
                return Some(format!(
                    "{statistic}({metric}) needs {missing} more samples to be told: raise max-time or repetitions"
                ));
            }
            quantile(&found.samples.value, *q).ok()
        }
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
