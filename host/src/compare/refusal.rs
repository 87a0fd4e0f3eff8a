//! Why two cases are not compared: one sentence for each reason.

use benchhost_plugin_api::meta::ParamSpec;
use benchhost_record::{Direction, Metric, Params, names};

use super::{Contest, matching::Sides};
use crate::{load::Plugin, meant::meant};

/// A sentence when --param has made one case of several.
pub(super) fn twice(contests: &[Contest<'_>]) -> Option<String> {
    let repeated = contests
        .iter()
        .enumerate()
        .find(|(i, one)| contests[..*i].iter().any(|other| other.id == one.id))?;
    Some(format!(
        "--param makes several cases of the suite the same: {}; leave the parameter out, or name one case with --filter",
        repeated.1.id
    ))
}

/// A side has no workload called `name`.
pub(super) fn no_workload(side: &str, plugin: &Plugin, name: &str) -> String {
    let offered: Vec<&str> = plugin
        .meta
        .workloads
        .iter()
        .map(|w| w.name.as_str())
        .collect();
    format!(
        "the {side} has no workload `{name}`{}, it has {}",
        meant(name, &offered),
        offered.join(", ")
    )
}

/// A sentence when the sides have other parameters, or other defaults for what nobody set.
pub(super) fn other_parameters(
    base: &[ParamSpec],
    candidate: &[ParamSpec],
    set: &Params,
) -> Option<String> {
    let way_out = "(--allow-other-parameters compares all the same)";
    let lacks = |having: &[ParamSpec], lacking: &[ParamSpec]| {
        having
            .iter()
            .find(|param| !lacking.iter().any(|other| other.name == param.name))
            .map(|param| param.name.clone())
    };
    if let Some(name) = lacks(base, candidate) {
        return Some(format!(
            "only the baseline has the parameter `{name}` {way_out}"
        ));
    }
    if let Some(name) = lacks(candidate, base) {
        return Some(format!(
            "only the candidate has the parameter `{name}` {way_out}"
        ));
    }
    base.iter().find_map(|param| {
        let other = candidate.iter().find(|other| other.name == param.name)?;
        let differs = param.default != other.default && !set.contains_key(&param.name);
        differs.then(|| {
            let show = |spec: &ParamSpec| {
                spec.default.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
            };
            format!(
                "the parameter `{0}` is {1} by default in the baseline and {2} in the candidate; set it with --param {0}=…",
                param.name,
                show(param),
                show(other)
            )
        })
    })
}

/// No workload of either side has a metric called `name`.
pub(super) fn unknown_metric(sides: &Sides<'_>, name: &str) -> String {
    let workloads = sides.plugins.iter().filter_map(|state| state.as_ref().ok());
    let mut known: Vec<&str> = names::ALL.to_vec();
    for metric in workloads
        .flat_map(|plugin| &plugin.meta.workloads)
        .flat_map(|w| &w.metrics)
    {
        if !known.contains(&metric.name.as_str()) {
            known.push(&metric.name);
        }
    }
    format!(
        "no workload has a metric `{name}`{}; there are {}",
        meant(name, &known),
        known.join(", ")
    )
}

/// A sentence when the sides mean something else by a metric.
pub(super) fn other_metric(base: &Metric, candidate: &Metric) -> Option<String> {
    let differs = base.unit != candidate.unit || base.direction != candidate.direction;
    let meant = |metric: &Metric| {
        let better = match metric.direction {
            Direction::Lower => "lower is better",
            Direction::Higher => "higher is better",
            Direction::Neither => "neither is better",
        };
        format!("in `{}`, {better}", metric.unit)
    };
    differs.then(|| {
        format!(
            "the metric `{}` is {} in the baseline and {} in the candidate",
            base.name,
            meant(base),
            meant(candidate)
        )
    })
}
