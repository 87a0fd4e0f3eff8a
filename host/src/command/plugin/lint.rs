//! What should be mended in a plugin, each with the way out: nothing of it stops a run, all of it makes numbers worse or harder
//! to understand.

use std::collections::BTreeSet;

use benchhost_record::{Outcome, names};
use schemars::JsonSchema;
use serde::Serialize;

use super::described::{Build, DescribedPlugin, DescribedWorkload};

/// Something that should be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Lint {
    /// Which: a word for scripts.
    pub(super) lint: &'static str,
    /// The workload; empty for the plugin as a whole.
    pub(super) at: String,
    /// What is wrong.
    pub(super) message: String,
    /// What mends it.
    pub(super) way_out: &'static str,
}

/// Everything that should be mended, the plugin as a whole first.
pub(super) fn of(plugin: &DescribedPlugin) -> Vec<Lint> {
    let mut lints = of_build(&plugin.build);
    if plugin.workloads.is_empty() {
        lints.push(Lint::of_plugin(
            "no-workloads",
            "it offers no workloads: there is nothing to run",
            "name some in `workloads` of export_plugin!",
        ));
    }
    lints.extend(plugin.workloads.iter().flat_map(of_workload));
    lints
}

fn of_build(build: &Build) -> Vec<Lint> {
    let rows = [
        (
            build.opt_level == "0",
            Lint::of_plugin(
                "not-optimised",
                "built without optimisation: its numbers mean little",
                "build it with `cargo build --release`, C with `-O2` or `-O3`",
            ),
        ),
        (
            build.debug_assertions,
            Lint::of_plugin(
                "debug-assertions",
                "debug assertions are on: checks, of integer overflow for example, are a part of what is measured",
                "build it with `cargo build --release`, and without `debug-assertions` in the profile",
            ),
        ),
        (
            build.panic == "abort",
            Lint::of_plugin(
                "panic-abort",
                "built with panic = \"abort\": a panic will be reported as SIGABRT, without its message",
                "take `panic` out of the profile in Cargo.toml",
            ),
        ),
    ];
    rows.into_iter()
        .filter_map(|(is_so, lint)| is_so.then_some(lint))
        .collect()
}

fn of_workload(workload: &DescribedWorkload) -> Vec<Lint> {
    let mut lints = Vec::new();
    let mut add = |lint, message: String, way_out| {
        lints.push(Lint {
            lint,
            at: workload.name.clone(),
            message,
            way_out,
        });
    };
    if workload.summary.trim().is_empty() {
        add(
            "no-summary",
            "nothing says what it measures".to_owned(),
            "begin its description with a sentence: `Description::new(\"…\")`, `summary` elsewhere",
        );
    }
    if !workload.verifies {
        add(
            "no-verify",
            "proves no answer: it may be fast and wrong, and every result of it is flagged"
                .to_owned(),
            "write `verify`",
        );
    }
    let params = || workload.params.iter();
    let no_help: Vec<&str> = params()
        .filter(|param| param.help.trim().is_empty() && !param.default.is_null())
        .map(|param| param.name.as_str())
        .collect();
    if !no_help.is_empty() {
        add(
            "no-help",
            format!("without help: {}", listed(&no_help)),
            "describe each: `.param(Param::new(name, help))`, `help` elsewhere",
        );
    }
    let idle: Vec<&str> = params()
        .filter(|param| param.help.trim().is_empty() && param.default.is_null())
        .map(|param| param.name.as_str())
        .collect();
    if !idle.is_empty() {
        add(
            "unknown-parameter",
            format!(
                "described without help, and without a default in `Config`: {}",
                listed(&idle)
            ),
            "give each a field in `Config`, or a help text; or take it out",
        );
    }
    for param in params() {
        let default = param.default.as_str();
        if let Some(default) = default.filter(|default| {
            !param.choices.is_empty() && !param.choices.iter().any(|choice| choice == default)
        }) {
            add(
                "default-no-choice",
                format!(
                    "the default of `{}` is \"{default}\", which is none of its choices",
                    param.name
                ),
                "write the choices as they are read, with serde's `rename_all` for example",
            );
        }
    }
    let twice = twice(params().map(|param| param.name.as_str()));
    if !twice.is_empty() {
        add(
            "parameter-twice",
            format!("described twice: {}", listed(&twice)),
            "describe each parameter once: a suite could not tell them apart",
        );
    }
    of_metrics(workload, &mut add);
    of_try(workload, &mut add);
    lints
}

fn of_metrics(
    workload: &DescribedWorkload,
    add: &mut dyn FnMut(&'static str, String, &'static str),
) {
    let metrics = || workload.metrics.iter();
    let no_unit: Vec<&str> = metrics()
        .filter(|metric| metric.unit.trim().is_empty())
        .map(|metric| metric.name.as_str())
        .collect();
    if !no_unit.is_empty() {
        add(
            "no-unit",
            format!("metrics without a unit: {}", listed(&no_unit)),
            "give each a unit, \"1\" for plain numbers",
        );
    }
    let is_ours = |name: &str| {
        names::ALL.contains(&name)
            || name == names::MEMORY
            || name.starts_with(names::PHASE_PREFIX)
            || name.starts_with(names::LARGEST_PREFIX)
    };
    let taken: Vec<&str> = metrics()
        .map(|metric| metric.name.as_str())
        .filter(|name| is_ours(name))
        .collect();
    if !taken.is_empty() {
        add(
            "reserved-metric",
            format!("metrics with names of benchhost's own: {}", listed(&taken)),
            "call them otherwise: both would be one series",
        );
    }
    let twice = twice(metrics().map(|metric| metric.name.as_str()));
    if !twice.is_empty() {
        add(
            "metric-twice",
            format!("metrics described twice: {}", listed(&twice)),
            "describe each metric once",
        );
    }
}

fn of_try(workload: &DescribedWorkload, add: &mut dyn FnMut(&'static str, String, &'static str)) {
    let Some(tried) = &workload.tried else { return };
    if tried.outcome.is_failure() {
        add(
            "failed",
            format!(
                "does not work with its defaults: {}",
                tried.outcome.sentence()
            ),
            match tried.outcome {
                Outcome::PluginError { .. } => {
                    "choose defaults with which anyone can run it; what this machine lacks is `Error::unsupported`"
                }
                _ => "mend it: a case that ends like this has no numbers",
            },
        );
    } else if matches!(tried.outcome, Outcome::Ok) && tried.work.is_none() {
        add(
            "no-work",
            "declares no work: no throughput can be shown".to_owned(),
            "say in `work` what an iteration does: items, floating-point operations or bytes",
        );
    }
}

impl Lint {
    fn of_plugin(lint: &'static str, message: &str, way_out: &'static str) -> Self {
        Self {
            lint,
            at: String::new(),
            message: message.to_owned(),
            way_out,
        }
    }
}

/// The names that come more than once, each once.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let mut twice: Vec<&str> = names.filter(|name| !seen.insert(*name)).collect();
    twice.sort_unstable();
    twice.dedup();
    twice
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::meta::{MetricSpec, ParamSpec, WorkloadMeta};

    use super::*;

    fn param(name: &str, default: Option<i64>, help: &str) -> ParamSpec {
        ParamSpec {
            name: name.to_owned(),
            default: default.map(Into::into),
            help: help.to_owned(),
            ..ParamSpec::default()
        }
    }

    fn metric(name: &str, unit: &str) -> MetricSpec {
        MetricSpec {
            name: name.to_owned(),
            unit: unit.to_owned(),
            ..MetricSpec::default()
        }
    }

    fn found(meta: &WorkloadMeta) -> Vec<(&'static str, String)> {
        let lints = of_workload(&DescribedWorkload::of(meta, None));
        lints
            .into_iter()
            .map(|one| (one.lint, one.message))
            .collect()
    }

    #[test]
    fn a_workload_that_says_everything_has_nothing_to_mend() {
        let meta = WorkloadMeta {
            summary: "Sorts.".to_owned(),
            params: vec![
                param("length", Some(1), "values"),
                param("path", None, "a file"),
            ],
            metrics: vec![metric("swaps", "1")],
            ..WorkloadMeta::default()
        };

        assert_eq!(found(&meta), []);
    }

    #[test]
    fn what_is_left_out_said_twice_or_taken_is_named() {
        let meta = WorkloadMeta {
            params: vec![
                param("length", Some(1), ""),
                param("seed", Some(1), "of the values"),
                param("seed", None, "again"),
                param("lenght", None, ""),
            ],
            metrics: vec![
                metric("swaps", ""),
                metric("time", "ns"),
                metric("time.sort", "ns"),
            ],
            ..WorkloadMeta::default()
        };

        let found = found(&meta);

        let of = |lint: &str| {
            let found = found.iter().find(|(name, _)| *name == lint);
            found.map(|(_, message)| message.as_str())
        };
        assert_eq!(of("no-summary"), Some("nothing says what it measures"));
        assert_eq!(of("no-help"), Some("without help: `length`"));
        assert!(of("unknown-parameter").is_some_and(|text| text.ends_with(": `lenght`")));
        assert_eq!(of("parameter-twice"), Some("described twice: `seed`"));
        assert_eq!(of("no-unit"), Some("metrics without a unit: `swaps`"));
        assert!(of("reserved-metric").is_some_and(|text| text.ends_with("`time`, `time.sort`")));
        assert_eq!(found.len(), 6, "{found:?}");
    }
}
