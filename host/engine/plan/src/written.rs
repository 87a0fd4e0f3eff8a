//! What was written: the second of the three shapes. Every setting is optional, every value has been checked for
//! type, unit and range where it stood, so that the error could name its line.

use std::collections::BTreeMap;

use benchhost_record::{InstancesMode, ParamValue};

use crate::{
    against::Against,
    plan::{GateTable, PluginSource, Target},
    search::Search,
    settings::{EnergySpec, IterationsPerSample, MemoryBy, Mode, Pin, SeedPolicy, WarmUp},
};

/// A suite.
#[derive(Debug)]
pub(crate) struct PlanFile {
    pub(crate) name: String,
    pub(crate) question: Option<String>,
    pub(crate) seed: Option<u64>,
    pub(crate) defaults: SettingsFile,
    pub(crate) tiers: BTreeMap<String, SettingsFile>,
    pub(crate) plugins: Vec<PluginSource>,
    pub(crate) benchmarks: Vec<BenchmarkFile>,
    pub(crate) gates: Vec<GateTable>,
}

/// A `[[benchmark]]`.
#[derive(Debug)]
pub(crate) struct BenchmarkFile {
    pub(crate) name: String,
    pub(crate) plugin: String,
    pub(crate) plugin_line: usize,
    pub(crate) workload: String,
    pub(crate) line: usize,
    pub(crate) tiers: Vec<String>,
    pub(crate) settings: SettingsFile,
    pub(crate) sweep: Sweep,
    /// Parameter that grows with the number of threads or instances, and its line.
    pub(crate) grows: Option<(String, usize)>,
    pub(crate) search: Option<Search>,
    pub(crate) against: Option<Against>,
    pub(crate) targets: BTreeMap<String, Target>,
    /// Parameters that are no part of a case's name, with their lines.
    pub(crate) untracked: Vec<(String, usize)>,
}

/// One layer of settings: `[defaults]`, `[tier.X]`, the keys of a benchmark, or the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsFile {
    pub(crate) repetitions: Option<u32>,
    pub(crate) warm_up: Option<WarmUp>,
    pub(crate) samples: Option<(u32, u32)>,
    pub(crate) precision: Option<f64>,
    pub(crate) confidence: Option<f64>,
    pub(crate) max_time_ns: Option<u64>,
    pub(crate) iterations: Option<IterationsPerSample>,
    pub(crate) mode: Option<Mode>,
    pub(crate) pin: Option<Pin>,
    pub(crate) seed_policy: Option<SeedPolicy>,
    pub(crate) limits: LimitsFile,
    pub(crate) probes: Option<Vec<String>>,
    pub(crate) poll_ns: Option<u64>,
    pub(crate) energy: EnergySpec,
    pub(crate) threads: Option<u32>,
    pub(crate) instances: Option<u32>,
    pub(crate) instances_mode: Option<InstancesMode>,
    pub(crate) offered_load: Option<f64>,
    pub(crate) device: Option<String>,
    pub(crate) dtype: Option<String>,
    /// Line of `dtype`, which may turn out to be no parameter of the workload.
    pub(crate) dtype_line: Option<usize>,
}

/// One layer of limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct LimitsFile {
    pub(crate) memory: Option<MemoryLimit>,
    pub(crate) memory_by: Option<MemoryBy>,
    /// By key, in ns.
    pub(crate) deadlines: BTreeMap<&'static str, u64>,
}

/// A memory limit that was written, perhaps to lift one of a weaker layer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MemoryLimit {
    None,
    Bytes(u64),
}

/// Values by key; those that place a case among them.
pub(crate) type Point = BTreeMap<String, ParamValue>;

/// Parameters and how they vary.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    pub(crate) params: Point,
    pub(crate) axes: Vec<Axis>,
    pub(crate) zips: Vec<Zip>,
    pub(crate) include: Vec<Listed>,
    pub(crate) exclude: Vec<Listed>,
    /// Line of each key where it was first named.
    pub(crate) lines: BTreeMap<String, usize>,
}

/// One parameter and its values; at least one.
#[derive(Debug)]
pub(crate) struct Axis {
    pub(crate) key: String,
    pub(crate) values: Vec<ParamValue>,
}

/// Parameters whose values go together; all lists have the same length.
#[derive(Debug)]
pub(crate) struct Zip {
    pub(crate) axes: Vec<Axis>,
}

/// A point that was written out, in `include` or `exclude`.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) point: Point,
    pub(crate) line: usize,
}
