//! What host and worker say to each other. One request, one answer, with remarks in between.

#![expect(
    missing_docs,
    reason = "fields of messages are named after what they carry"
)]

use benchhost_record::{Phase, StopReason, Usage, WarmUpResult, Work};
use serde::{Deserialize, Serialize};

use crate::measure::MeasureSpec;

/// Version of the protocol; both sides are the same binary, so a difference means the file was replaced.
pub const PROTOCOL: u32 = 4;

/// Rule in a [`FromWorker::Failed`] about a plugin that is a process and does not keep to its protocol.
pub const PROTOCOL_RULE: &str = "protocol";

/// Host to worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum ToWorker {
    /// First word.
    Hello { protocol: u32, build: String },
    /// Open and check the library.
    Load { path: String },
    /// Make an instance.
    Create(Box<CreateSpec>),
    /// `Workload::setup`.
    Setup,
    /// One iteration, then `verify`.
    FirstIteration,
    /// Warm-up and samples.
    Measure(MeasureSpec),
    /// The batches from here on are warm-up (`false`) or samples (`true`) of a comparison.
    Record { on: bool },
    /// One timed batch; the sample goes into the page while recording. It begins at once, or at a moment of the kernel's
    /// monotonic clock, which all processes share.
    Batch {
        iterations: u64,
        start_at_ns: Option<u64>,
    },
    /// What was used since `Record { on: true }`.
    Usage,
    /// `Workload::verify`.
    Verify,
    /// `Workload::teardown` and drop.
    Teardown,
    /// Last word; the worker ends.
    Bye,
}

impl ToWorker {
    /// Phase that the request begins.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::Hello { .. } => Phase::Spawn,
            Self::Load { .. } => Phase::Load,
            Self::Create(_) => Phase::Create,
            Self::Setup => Phase::Setup,
            Self::FirstIteration => Phase::FirstIteration,
            Self::Measure(_) | Self::Record { on: false } => Phase::WarmUp,
            Self::Record { on: true } | Self::Batch { .. } | Self::Usage => Phase::Measure,
            Self::Verify => Phase::Verify,
            Self::Teardown => Phase::Teardown,
            Self::Bye => Phase::Down,
        }
    }
}

/// What an instance is made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateSpec {
    /// Name of the workload.
    pub workload: String,
    /// Its parameters as TOML.
    pub config: String,
    /// Names of the metrics it declares.
    pub metrics: Vec<String>,
    /// Threads each instance may use.
    pub threads: u32,
    /// Instances on a thread each; absent for one on the worker's own.
    #[serde(default)]
    pub instances: Option<u32>,
    /// CPUs the process is pinned to.
    pub cpus: Vec<u32>,
    /// Device by name.
    pub device: String,
    /// Seed.
    pub seed: u64,
    /// Index of the repetition.
    pub repetition: u32,
    /// Folder of the instance alone.
    pub scratch_dir: String,
}

/// Worker to host. All but `Log` and `MetricName` answer a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum FromWorker {
    /// Answer to `Hello`.
    Hello { protocol: u32, build: String },
    /// The library is open.
    Loaded {
        elapsed_ns: u64,
        dlopen_ns: u64,
        layout_ns: u64,
    },
    /// The step is done.
    Done { elapsed_ns: u64 },
    /// `Setup` is done; this is the declared work.
    Ready { elapsed_ns: u64, work: Work },
    /// Samples are in the page.
    Measured(Box<Measured>),
    /// A batch is done.
    Batched {
        iterations: u64,
        elapsed_ns: u64,
        started_ns: u64,
        finished: bool,
        stopped: bool,
    },
    /// Answer to `Usage`.
    Used(Box<Usage>),
    /// The step failed. `code`: a status word of the plugin API. `rule`: the check that spoke, for a wrong answer.
    Failed {
        phase: Phase,
        code: u32,
        rule: String,
        message: String,
        detail: String,
    },
    /// The library was refused.
    Refused { message: String },
    /// The number by which the page names a metric from here on.
    MetricName { id: u32, name: String, unit: String },
    /// A line of the plugin's log.
    Log { level: u32, message: String },
    /// Answer to `Bye`.
    Bye,
}

/// How measuring went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// The warm-up.
    pub warm_up: WarmUpResult,
    /// Iterations in one sample.
    pub iterations_per_sample: u64,
    /// Why no further sample was taken.
    pub stopped_by: StopReason,
    /// Wall-clock time from the first sample's start to the last one's end.
    pub measure_ns: u64,
    /// Resources used in that time.
    pub usage: Usage,
}
