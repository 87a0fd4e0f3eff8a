//! What a plugin says about itself, as text that any later host can read.
//!
//! The text is TOML with `schema = 1`; readers ignore keys they do not know, so that either side may grow.

use serde::{Deserialize, Serialize};

/// Newest version of the text form that this crate writes.
pub const META_SCHEMA: u32 = 1;

/// A plugin and its workloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginMeta {
    /// Version of this text form.
    pub schema: u32,
    /// Name of the plugin, unique among those of a run.
    pub name: String,
    /// Version of the plugin's crate.
    pub version: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// Version of `benchhost-plugin-api` it was built against.
    pub api: String,
    /// Its workloads, in the order of `export_plugin!`.
    #[serde(default)]
    pub workloads: Vec<WorkloadMeta>,
    /// How it was built, where no manifest says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildInfo>,
}

fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn is_yes(value: &bool) -> bool {
    *value
}

/// One workload: what it measures, what can be set, what it reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadMeta {
    /// Name, unique in the plugin.
    pub name: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// The host must take one iteration a sample and call `prepare` before each.
    #[serde(default)]
    pub prepares_each_iteration: bool,
    /// The workload proves its answers. Always so in Rust, where the trait demands it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub verifies: bool,
    /// Parameters.
    #[serde(default)]
    pub params: Vec<ParamSpec>,
    /// Metrics of its own, besides those every workload has.
    #[serde(default)]
    pub metrics: Vec<MetricSpec>,
}

impl Default for WorkloadMeta {
    fn default() -> Self {
        Self {
            name: String::new(),
            summary: String::new(),
            prepares_each_iteration: false,
            verifies: true,
            params: Vec::new(),
            metrics: Vec::new(),
        }
    }
}

/// One parameter of a workload.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Key in the suite.
    pub name: String,
    /// Value used when the suite is silent; absent when the parameter is optional and unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<toml::Value>,
    /// Unit of the value; empty for a plain number or name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// One sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Smallest value accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest value accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The only values accepted; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// One metric of a workload.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MetricSpec {
    /// Name, unique in the workload; the names of the host's own metrics are taken.
    pub name: String,
    /// Unit of the value.
    #[serde(default)]
    pub unit: String,
    /// Which direction is better.
    #[serde(default)]
    pub direction: Direction,
    /// What is measured.
    #[serde(default)]
    pub kind: MetricKind,
    /// One sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Lower is better.
    Lower,
    /// Higher is better.
    Higher,
    /// The metric is only shown.
    #[default]
    Neither,
}

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// A duration.
    Time,
    /// Work in a time.
    Throughput,
    /// An amount of memory.
    Memory,
    /// An amount of energy.
    Energy,
    /// How good an answer is.
    Quality,
    /// A number of things.
    #[default]
    Count,
    /// A fraction, stored as 0–1.
    Ratio,
}

/// How and by what a plugin was built; part of every result.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BuildInfo {
    /// `rustc -V` of the compiler; empty when it was another one.
    #[serde(default)]
    pub rustc: String,
    /// Compiler or interpreter, when it was not rustc.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compiler: String,
    /// Target triple.
    #[serde(default)]
    pub target: String,
    /// `0`, `1`, `2`, `3`, `s` or `z`.
    #[serde(default)]
    pub opt_level: String,
    /// `debug` or `release`, as cargo tells build scripts.
    #[serde(default)]
    pub profile: String,
    /// Whether debug assertions were on.
    #[serde(default)]
    pub debug_assertions: bool,
    /// Instruction-set features that were enabled at compile time.
    #[serde(default)]
    pub target_features: String,
    /// `unwind` or `abort`; an aborting plugin cannot report a panic.
    #[serde(default)]
    pub panic: String,
    /// Allocator the plugin brings: `system` unless it says otherwise.
    #[serde(default)]
    pub allocator: String,
}
