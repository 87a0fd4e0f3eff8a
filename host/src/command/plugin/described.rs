//! What `plugin check` knows of a plugin, as data: what it says of itself, what should be mended, how a try went. It is the
//! form of `--format json`, and what the text is made from.

use benchhost_plugin_api::meta::{self, BuildInfo, MetricSpec, ParamSpec, WorkloadMeta};
use benchhost_record::{CaseResult, Outcome, Work};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::lint::{self, Lint};
use crate::load::Plugin;

/// Version of the form.
const SCHEMA: u32 = 1;

/// A plugin, as `benchhost plugin check --format json` writes it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DescribedPlugin {
    /// Version of this form.
    schema: u32,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: String,
    /// The library.
    pub(super) file: String,
    pub(super) sha256: String,
    /// The way in: `rust`, `c` or `process`.
    pub(super) door: String,
    /// Version of plugin-api that it was built against.
    pub(super) api: String,
    pub(super) build: Build,
    /// Time that opening it took, ns.
    pub(super) opened_ns: u64,
    /// Part of that time that went into comparing types, ns.
    pub(super) types_ns: u64,
    pub(super) workloads: Vec<DescribedWorkload>,
    /// What should be mended.
    pub(super) lints: Vec<Lint>,
}

/// How it was built; what it does not say is empty.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Build {
    /// Compiler or interpreter.
    pub(super) compiler: String,
    pub(super) target: String,
    pub(super) profile: String,
    pub(super) opt_level: String,
    pub(super) debug_assertions: bool,
    /// `unwind` or `abort`.
    pub(super) panic: String,
    pub(super) allocator: String,
    /// Features of the CPU that the compiler was allowed to use.
    pub(super) target_features: Vec<String>,
}

/// A workload.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DescribedWorkload {
    pub(super) name: String,
    pub(super) summary: String,
    /// One iteration a sample, each with its own input.
    pub(super) prepares_each_iteration: bool,
    /// It proves its answers.
    pub(super) verifies: bool,
    pub(super) params: Vec<DescribedParam>,
    pub(super) metrics: Vec<DescribedMetric>,
    /// How a try with its defaults went; absent without `--try`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried: Option<Tried>,
}

/// A parameter.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DescribedParam {
    pub(super) name: String,
    /// `bool`, `int`, `float`, `text`, `list`; `any` where there is no default to tell by.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// `null` when it is optional and unset.
    pub(super) default: Value,
    pub(super) unit: String,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    /// The only values accepted; empty for any.
    pub(super) choices: Vec<String>,
    pub(super) help: String,
}

/// A metric of the workload's own.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DescribedMetric {
    pub(super) name: String,
    pub(super) unit: String,
    /// Which is better: `lower`, `higher` or `neither`.
    pub(super) direction: &'static str,
    pub(super) kind: &'static str,
    pub(super) help: String,
}

/// How a try went.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    pub(super) create_ns: u64,
    pub(super) setup_ns: u64,
    pub(super) first_iteration_ns: u64,
    /// What an iteration was said to do; absent where nothing was.
    pub(super) work: Option<Work>,
}

impl DescribedPlugin {
    /// Everything `plugin` says of itself; with `cases`, how a try of each workload went.
    pub(super) fn of(plugin: &Plugin, cases: Option<&[CaseResult]>) -> Self {
        let meta = &plugin.meta;
        let tried = |workload: &WorkloadMeta| {
            let case = cases?.iter().find(|one| one.case.workload == workload.name);
            case.map(Tried::of)
        };
        let workloads = meta.workloads.iter();
        let workloads: Vec<DescribedWorkload> = workloads
            .map(|workload| DescribedWorkload::of(workload, tried(workload)))
            .collect();
        let mut described = Self {
            schema: SCHEMA,
            name: meta.name.clone(),
            version: meta.version.clone(),
            summary: meta.summary.clone(),
            file: plugin.path.display().to_string(),
            sha256: plugin.identity.sha256.clone(),
            door: plugin.manifest.kind.clone(),
            api: meta.api.clone(),
            build: Build::of(&plugin.manifest.build),
            opened_ns: plugin.timings.total_ns,
            types_ns: plugin.timings.layout_ns,
            workloads,
            lints: Vec::new(),
        };
        described.lints = lint::of(&described);
        described
    }

    /// Whether a try failed.
    pub(super) fn has_failed(&self) -> bool {
        let mut tried = self.workloads.iter().filter_map(|one| one.tried.as_ref());
        tried.any(|tried| tried.outcome.is_failure())
    }
}

impl Build {
    fn of(build: &BuildInfo) -> Self {
        let features = build.target_features.split(',').map(str::trim);
        let features = features.filter(|feature| !feature.is_empty());
        Self {
            compiler: match build.rustc.as_str() {
                "" => build.compiler.clone(),
                rustc => rustc.to_owned(),
            },
            target: build.target.clone(),
            profile: build.profile.clone(),
            opt_level: build.opt_level.clone(),
            debug_assertions: build.debug_assertions,
            panic: build.panic.clone(),
            allocator: build.allocator.clone(),
            target_features: features.map(str::to_owned).collect(),
        }
    }
}

impl DescribedWorkload {
    pub(super) fn of(meta: &WorkloadMeta, tried: Option<Tried>) -> Self {
        Self {
            name: meta.name.clone(),
            summary: meta.summary.clone(),
            prepares_each_iteration: meta.prepares_each_iteration,
            verifies: meta.verifies,
            params: meta.params.iter().map(DescribedParam::of).collect(),
            metrics: meta.metrics.iter().map(DescribedMetric::of).collect(),
            tried,
        }
    }
}

impl DescribedParam {
    pub(super) fn of(spec: &ParamSpec) -> Self {
        let kind = match &spec.default {
            Some(toml::Value::Boolean(_)) => "bool",
            Some(toml::Value::Integer(_)) => "int",
            Some(toml::Value::Float(_)) => "float",
            Some(toml::Value::String(_)) => "text",
            Some(toml::Value::Array(_)) => "list",
            // Choices are compared as text.
            None if !spec.choices.is_empty() => "text",
            Some(toml::Value::Datetime(_) | toml::Value::Table(_)) | None => "any",
        };
        Self {
            name: spec.name.clone(),
            kind,
            default: spec.default.as_ref().map_or(Value::Null, json),
            unit: spec.unit.clone(),
            min: spec.min,
            max: spec.max,
            choices: spec.choices.clone(),
            help: spec.help.clone(),
        }
    }
}

/// A value of a plugin's metadata; a number that is none becomes `null`.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Boolean(value) => Value::from(*value),
        toml::Value::Integer(value) => Value::from(*value),
        toml::Value::Float(value) => Value::from(*value),
        toml::Value::String(value) => Value::from(value.clone()),
        toml::Value::Datetime(value) => Value::from(value.to_string()),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(table) => table.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
    }
}

impl DescribedMetric {
    fn of(spec: &MetricSpec) -> Self {
        Self {
            name: spec.name.clone(),
            unit: spec.unit.clone(),
            direction: match spec.direction {
                meta::Direction::Lower => "lower",
                meta::Direction::Higher => "higher",
                meta::Direction::Neither => "neither",
            },
            kind: match spec.kind {
                meta::MetricKind::Time => "time",
                meta::MetricKind::Throughput => "throughput",
                meta::MetricKind::Memory => "memory",
                meta::MetricKind::Energy => "energy",
                meta::MetricKind::Quality => "quality",
                meta::MetricKind::Count => "count",
                meta::MetricKind::Ratio => "ratio",
            },
            help: spec.help.clone(),
        }
    }
}

impl Tried {
    fn of(case: &CaseResult) -> Self {
        let times = case.repetitions.first().map(|one| one.times);
        let times = times.unwrap_or_default();
        let is_declared = |work: &&Work| work.items > 0.0 || work.flop > 0.0 || work.bytes > 0.0;
        Self {
            outcome: case.outcome.clone(),
            create_ns: times.create_ns,
            setup_ns: times.setup_ns,
            first_iteration_ns: times.first_iteration_ns,
            work: case.work.as_ref().filter(is_declared).cloned(),
        }
    }
}
