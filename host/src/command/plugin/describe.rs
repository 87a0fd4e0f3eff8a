//! The text of `plugin check`: everything a plugin says about itself, and what should be mended.
//!
//! Whatever comes from the plugin stays on its line and commands no terminal.

use std::fmt::Write;

use benchhost_record::{Work, format_quantity};
use benchhost_report::harmless;
use serde_json::Value;

use super::{
    described::{DescribedMetric, DescribedParam, DescribedPlugin, DescribedWorkload, Tried},
    lint::Lint,
    table,
};

/// The plugin for people.
pub(super) fn text(plugin: &DescribedPlugin) -> String {
    let build = &plugin.build;
    let head = format!("{} {}: {}", plugin.name, plugin.version, plugin.summary);
    let mut text = format!("{}\n", harmless(&head));
    let features = match build.target_features.is_empty() {
        true => known("").to_owned(),
        false => build.target_features.join(" "),
    };
    let checks = if build.debug_assertions { "on" } else { "off" };
    let is_rust = plugin.door == "rust";
    let target = match build.target.as_str() {
        "" => String::new(),
        target => format!(" for {target}"),
    };
    let profile = if is_rust {
        format!(
            "{}, opt-level {}, panic {}, debug assertions {checks}",
            known(&build.profile),
            known(&build.opt_level),
            known(&build.panic)
        )
    } else {
        format!("opt-level {}", known(&build.opt_level))
    };
    let took = |ns: u64| format_quantity(ns as f64, "ns");
    let types = match plugin.types_ns {
        0 => String::new(),
        ns => format!(", of which {} for comparing types", took(ns)),
    };
    // What only Rust plugins tell of themselves is not shown as unknown of all others.
    let rows = [
        (true, "file", plugin.file.clone()),
        (true, "sha256", plugin.sha256.clone()),
        (true, "door", plugin.door.clone()),
        (!plugin.api.is_empty(), "plugin-api", plugin.api.clone()),
        (
            true,
            "compiler",
            format!("{}{target}", known(&build.compiler)),
        ),
        (is_rust || !build.opt_level.is_empty(), "profile", profile),
        (is_rust, "features", features),
        (is_rust, "allocator", known(&build.allocator).to_owned()),
        (true, "opened in", took(plugin.opened_ns) + &types),
    ];
    let rows: Vec<[String; 2]> = rows
        .into_iter()
        .filter(|(shown, _, _)| *shown)
        .map(|(_, title, value)| [format!("  {title}"), harmless(&value)])
        .collect();
    text.push_str(&table(&rows));
    for workload in &plugin.workloads {
        text.push_str(&of_workload(workload));
    }
    if !plugin.lints.is_empty() {
        text.push_str("\nto be mended\n");
        plugin
            .lints
            .iter()
            .for_each(|lint| text.push_str(&of_lint(lint)));
    }
    text
}

/// What a manifest says, or that it does not.
fn known(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn of_lint(lint: &Lint) -> String {
    let at = match lint.at.as_str() {
        "" => String::new(),
        at => format!("{at}: "),
    };
    let line = format!("  warning: {at}{}; {}", lint.message, lint.way_out);
    format!("{}\n", harmless(&line))
}

fn of_workload(workload: &DescribedWorkload) -> String {
    let head = format!("{}: {}", workload.name, workload.summary);
    let mut text = format!("\n{}\n", harmless(&head));
    if workload.prepares_each_iteration {
        text.push_str("  one iteration a sample, each with its own input\n");
    }
    let params: Vec<[String; 5]> = workload.params.iter().map(param_row).collect();
    let metrics: Vec<[String; 5]> = workload.metrics.iter().map(metric_row).collect();
    for (title, rows) in [("parameters", params), ("metrics", metrics)] {
        if !rows.is_empty() {
            let _ = write!(text, "  {title}\n{}", table(&rows));
        }
    }
    if let Some(tried) = &workload.tried {
        let _ = writeln!(text, "  tried: {}", harmless(&of_try(tried)));
    }
    text
}

fn param_row(param: &DescribedParam) -> [String; 5] {
    let default = match &param.default {
        Value::Null => format!("unset {}", param.unit),
        value => format!("= {value} {}", param.unit),
    };
    [
        format!("    {}", harmless(&param.name)),
        param.kind.to_owned(),
        harmless(&default).trim().to_owned(),
        harmless(&range(param)),
        harmless(&param.help),
    ]
}

fn range(param: &DescribedParam) -> String {
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

fn metric_row(metric: &DescribedMetric) -> [String; 5] {
    let direction = match metric.direction {
        "neither" => "only shown".to_owned(),
        better => format!("{better} is better"),
    };
    [
        format!("    {}", harmless(&metric.name)),
        harmless(&metric.unit),
        metric.kind.to_owned(),
        direction,
        harmless(&metric.help),
    ]
}

/// `ok; create 3 µs, …; an iteration: 64 samples, 1.2 MFLOP`.
fn of_try(tried: &Tried) -> String {
    if !tried.outcome.is_ok() {
        return tried.outcome.sentence();
    }
    let time = |ns: u64| format_quantity(ns as f64, "ns");
    let work = tried.work.as_ref().map_or_else(
        || "declares no work".to_owned(),
        |work| format!("an iteration is {}", amounts(work)),
    );
    format!(
        "ok; create {}, setup {}, first iteration {}; {work}",
        time(tried.create_ns),
        time(tried.setup_ns),
        time(tried.first_iteration_ns)
    )
}

fn amounts(work: &Work) -> String {
    let amounts = [
        (work.items, work.item.as_str()),
        (work.flop, "FLOP"),
        (work.bytes, "B"),
    ];
    let amounts = amounts.into_iter().filter(|(amount, _)| *amount > 0.0);
    let amounts: Vec<String> = amounts
        .map(|(amount, unit)| format_quantity(amount, unit))
        .collect();
    amounts.join(", ")
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::meta::ParamSpec;

    use super::*;

    fn row(spec: &ParamSpec) -> [String; 5] {
        param_row(&DescribedParam::of(spec))
    }

    #[test]
    fn types_ranges_and_defaults_of_a_parameter_are_shown() {
        let length = ParamSpec {
            name: "length".to_owned(),
            default: Some(1024.into()),
            unit: "values".to_owned(),
            min: Some(1.0),
            ..ParamSpec::default()
        };
        let size = ParamSpec {
            name: "size".to_owned(),
            choices: vec!["small".to_owned(), "large".to_owned()],
            help: "of the encoder".to_owned(),
            ..ParamSpec::default()
        };

        assert_eq!(
            row(&length),
            ["    length", "int", "= 1024 values", "≥ 1", ""]
        );
        let expected = ["    size", "text", "unset", "small|large", "of the encoder"];
        assert_eq!(row(&size), expected);
    }

    #[test]
    fn what_a_plugin_says_stays_on_its_line_and_drives_no_terminal() {
        let hostile = "a\nwarning: b\u{1b}[2J\u{202e}c\u{7}";
        let spec = ParamSpec {
            name: hostile.to_owned(),
            default: Some(hostile.into()),
            help: hostile.to_owned(),
            ..ParamSpec::default()
        };

        for cell in row(&spec) {
            assert!(
                !cell.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{cell:?}"
            );
        }
        let lint = Lint {
            lint: "x",
            at: hostile.to_owned(),
            message: hostile.to_owned(),
            way_out: "z",
        };
        assert_eq!(of_lint(&lint).matches('\n').count(), 1);
    }
}
