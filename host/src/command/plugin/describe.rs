//! The text of `plugin check`: everything a plugin says about itself.

use std::fmt::Write;

use benchhost_plugin_api::meta::{Direction, MetricSpec, ParamSpec, WorkloadMeta};

use super::table;
use crate::load::Plugin;

/// Everything `plugin` says about itself.
pub(super) fn describe(plugin: &Plugin) -> String {
    let (meta, build) = (&plugin.meta, &plugin.manifest.build);
    let mut text = format!("{} {}: {}\n", meta.name, meta.version, meta.summary);
    let rows = [
        ["  file".to_owned(), plugin.path.display().to_string()],
        ["  sha256".to_owned(), plugin.identity.sha256.clone()],
        ["  plugin-api".to_owned(), meta.api.clone()],
        [
            "  compiler".to_owned(),
            format!("{} for {}", known(&build.rustc), known(&build.target)),
        ],
        [
            "  profile".to_owned(),
            format!(
                "{}, opt-level {}, panic {}",
                known(&build.profile),
                known(&build.opt_level),
                known(&build.panic)
            ),
        ],
        ["  allocator".to_owned(), known(&build.allocator).to_owned()],
        [
            "  opened in".to_owned(),
            format!(
                "{} µs, of which {} µs for comparing types",
                plugin.timings.total_ns / 1000,
                plugin.timings.layout_ns / 1000
            ),
        ],
    ];
    text.push_str(&table(&rows));
    for warning in warnings(plugin) {
        let _ = writeln!(text, "  warning: {warning}");
    }
    for workload in &meta.workloads {
        text.push_str(&describe_workload(workload));
    }
    text
}

/// What a manifest says, or that it does not.
fn known(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn warnings(plugin: &Plugin) -> Vec<&'static str> {
    let build = &plugin.manifest.build;
    let rows = [
        (
            build.opt_level == "0",
            "built without optimisation; its numbers mean little",
        ),
        (
            build.debug_assertions,
            "debug assertions are on, so integer overflow is checked in what is measured",
        ),
        (
            build.panic == "abort",
            "built with panic = \"abort\": a panic will be reported as SIGABRT, without its message",
        ),
        (plugin.meta.workloads.is_empty(), "it offers no workloads"),
    ];
    rows.into_iter()
        .filter_map(|(is_so, text)| is_so.then_some(text))
        .collect()
}

fn describe_workload(workload: &WorkloadMeta) -> String {
    let mut text = format!("\n{}: {}\n", workload.name, workload.summary);
    if workload.prepares_each_iteration {
        text.push_str("  one iteration a sample, each with its own input\n");
    }
    let params: Vec<[String; 4]> = workload.params.iter().map(param_row).collect();
    let metrics: Vec<[String; 4]> = workload.metrics.iter().map(metric_row).collect();
    for (title, rows) in [("parameters", params), ("metrics", metrics)] {
        if !rows.is_empty() {
            let _ = write!(text, "  {title}\n{}", table(&rows));
        }
    }
    text
}

fn param_row(param: &ParamSpec) -> [String; 4] {
    let default = param
        .default
        .as_ref()
        .map(|v| format!("= {v} {}", param.unit));
    [
        format!("    {}", param.name),
        default
            .unwrap_or_else(|| format!("unset {}", param.unit))
            .trim()
            .to_owned(),
        range(param),
        param.help.clone(),
    ]
}

fn range(param: &ParamSpec) -> String {
    if !param.choices.is_empty() {
        return param.choices.join("|");
    }
    match (param.min, param.max) {
        (None, None) => String::new(),
        (Some(min), None) => format!("≥ {min}"),
        (None, Some(max)) => format!("≤ {max}"),
        (Some(min), Some(max)) => format!("{min}–{max}"),
    }
}

fn metric_row(metric: &MetricSpec) -> [String; 4] {
    let direction = match metric.direction {
        Direction::Lower => "lower is better",
        Direction::Higher => "higher is better",
        Direction::Neither => "",
    };
    [
        format!("    {}", metric.name),
        metric.unit.clone(),
        direction.to_owned(),
        metric.help.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_defaults_of_a_parameter_are_shown() {
        let param = ParamSpec {
            name: "length".to_owned(),
            default: Some(1024.into()),
            unit: "values".to_owned(),
            min: Some(1.0),
            ..ParamSpec::default()
        };

        assert_eq!(
            param_row(&param),
            ["    length", "= 1024 values", "≥ 1", ""]
        );
    }
}
