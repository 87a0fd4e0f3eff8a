//! The machine and its state, as far as it can change a number.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The machine a run was made on. What could not be read is absent, never guessed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Hash of what makes two machines comparable: CPU model, CPU and memory counts, kernel's architecture, GPUs.
    pub fingerprint: String,
    /// Name of the host.
    pub host_name: Option<String>,
    /// Operating system and version.
    pub os: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Architecture, like `x86_64`.
    pub architecture: String,
    /// Hypervisor or container, when one can be seen.
    pub virtualisation: Option<String>,
    /// The processor.
    pub cpu: Cpu,
    /// Main memory.
    pub memory: Memory,
    /// Limits of the control group the host runs in.
    pub cgroup: CgroupLimits,
    /// Graphics processors.
    pub gpus: Vec<Gpu>,
    /// Why no graphics processor is listed; absent when some are.
    pub gpu_note: Option<String>,
    /// Clock source of the kernel, like `tsc`.
    pub clock_source: Option<String>,
    /// Address-space randomisation: 0 off, 2 full.
    pub aslr: Option<u32>,
    /// Load average over one minute when the run began.
    pub load_average_1min: Option<f64>,
    /// Variables of the environment that change how workloads run.
    pub variables: BTreeMap<String, String>,
}

/// A processor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cpu {
    /// Model as the kernel names it.
    pub model: Option<String>,
    /// Physical cores.
    pub physical_cores: Option<u32>,
    /// Logical CPUs of the machine.
    pub logical_cpus: u32,
    /// Logical CPUs this process may use (affinity and quota).
    pub usable_cpus: u32,
    /// Whether two threads share a core.
    pub smt: Option<bool>,
    /// Frequency governor.
    pub governor: Option<String>,
    /// Whether the clock may rise above its base.
    pub turbo: Option<bool>,
    /// Sizes of the data caches by level, bytes.
    pub cache_bytes: BTreeMap<String, u64>,
    /// NUMA nodes.
    pub numa_nodes: Option<u32>,
}

/// Main memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Memory of the machine, or of the container when it is less.
    pub total_bytes: u64,
    /// Memory that could be had when the run began.
    pub available_bytes: u64,
    /// Swap space.
    pub swap_bytes: u64,
}

/// Limits set by a control group; absent means none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CgroupLimits {
    /// 1 or 2; absent when there is no control group.
    pub version: Option<u32>,
    /// Memory limit.
    pub memory_bytes: Option<u64>,
    /// CPU quota in CPUs.
    pub cpus: Option<f64>,
}

/// A graphics processor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Gpu {
    /// Index of the driver.
    pub index: u32,
    /// Product name.
    pub name: String,
    /// Memory.
    pub memory_bytes: u64,
    /// Version of the driver.
    pub driver: String,
}
