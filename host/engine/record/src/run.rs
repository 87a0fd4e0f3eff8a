//! One execution of the host over one plan: cases, their repetitions, provenance.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Case, Contrast, Curve, Environment, Flag, Measurement, Outcome, Phase, ProbeCost, Reading,
    Roofline, SCHEMA, Search, Trace,
};

/// One execution of the host. This is what `run.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// [`SCHEMA`] of this form.
    pub schema: u32,
    /// Name of the run: start in UTC and a few random letters, sortable.
    pub id: String,
    /// Version of the host.
    pub host_version: String,
    /// Whether all cases are in.
    pub state: RunState,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End, RFC 3339 in UTC; absent while running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// Seed that orders the cases and seeds the workloads.
    pub seed: u64,
    /// The suite, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<SuiteSource>,
    /// State of the git work tree the run was started in, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<Git>,
    /// The machine.
    pub environment: Environment,
    /// What the host itself costs, measured at the start.
    pub overhead: Overhead,
    /// What each probe cost in the last case that it looked at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probe_costs: BTreeMap<String, ProbeCost>,
    /// Probes that were asked for and are not there, with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub absent_probes: BTreeMap<String, String>,
    /// Plugins of the plan.
    pub plugins: Vec<PluginRecord>,
    /// Cases that are finished, in the order of the plan.
    pub cases: Vec<CaseResult>,
    /// How metrics change along the axes of the plan; found once the run has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// Benchmarks that the suite sets against each other; found once the run has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contrasts: Vec<Contrast>,
    /// How many cases the plan has.
    pub planned_cases: u64,
    /// The `[[gate]]` tables of the suite, as they were when it ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<WrittenGate>,
}

/// A `[[gate]]` of a suite; the regression engine reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrittenGate {
    /// Its keys and values, TOML.
    pub toml: String,
    /// File and line of its heading.
    pub place: String,
}

impl Run {
    /// Whether this form can be read by this version of the host.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.schema <= SCHEMA
    }

    /// Planned cases that have no result.
    #[must_use]
    pub fn missing_cases(&self) -> usize {
        let planned = usize::try_from(self.planned_cases).unwrap_or(usize::MAX);
        planned.saturating_sub(self.cases.len())
    }

    /// Cases that are fine so far, with fewer repetitions than planned.
    #[must_use]
    pub fn partial_cases(&self) -> usize {
        let is_partial = |case: &&CaseResult| {
            let has_flag = |flag: &crate::Flag| flag.kind == crate::FlagKind::Partial;
            case.outcome.is_ok() && case.flags.iter().any(has_flag)
        };
        self.cases.iter().filter(is_partial).count()
    }
}

/// Whether a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Cases are still to come; what a crash of the host leaves behind.
    Running,
    /// Every case is in.
    Finished,
    /// Ended early by the user; finished cases are kept.
    Interrupted,
}

/// The suite a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteSource {
    /// Name it gives itself.
    pub name: String,
    /// Path as it was given.
    pub path: String,
    /// Hash of the text, hexadecimal.
    pub sha256: String,
}

/// State of a git work tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Git {
    /// Full hash of the commit.
    pub revision: String,
    /// Branch, when there is one.
    pub branch: Option<String>,
    /// Whether tracked files differ from the commit.
    pub dirty: bool,
}

/// What the host itself costs on this machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Overhead {
    /// Reading the clock once, ns.
    pub clock_read_ns: f64,
    /// Smallest step the clock shows, ns.
    pub clock_resolution_ns: f64,
    /// What the yardstick reads on a core of one's own, as far as this run saw one; 0 when it was not read.
    #[serde(default)]
    pub yardstick: f64,
    /// Size of the program in bytes: another build has another yardstick.
    #[serde(default)]
    pub program_bytes: u64,
}

/// A plugin of the plan and exactly which file it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PluginRecord {
    /// Name it gives itself, or the name in the suite when it could not be loaded.
    pub name: String,
    /// The file.
    pub path: String,
    /// Hash of the file, hexadecimal; empty when it could not be read.
    pub sha256: String,
    /// Version of its crate.
    pub version: String,
    /// Version of the plugin API it was built against.
    pub api: String,
    /// How it was built: compiler, target, profile, allocator, ….
    pub build: BTreeMap<String, String>,
    /// Why it was refused; absent when it was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}

/// One case with everything that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// What was measured.
    pub case: Case,
    /// How it ended: the worst of its repetitions.
    pub outcome: Outcome,
    /// One for each worker process.
    pub repetitions: Vec<Repetition>,
    /// One for each metric; without summaries when the case has no speed.
    pub measurements: Vec<Measurement>,
    /// Declared work of one iteration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// Remarks about the numbers.
    pub flags: Vec<Flag>,
    /// Targets of the suite for this case: metric → bound as written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, String>,
    /// The search that this case stands for, when it is none of one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// How near it came to the roofs of the machine, where these are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roofline: Option<Roofline>,
}

impl CaseResult {
    /// Whether nearly all samples that count were taken beside another program on the same core, for want of others.
    #[must_use]
    pub fn shared_its_core(&self) -> bool {
        let looked: Vec<&Sharing> = self
            .repetitions
            .iter()
            .filter_map(|one| one.sharing.as_ref())
            .collect();
        let share: f64 = looked.iter().map(|one| one.share).sum();
        looked.iter().all(|one| one.set_aside_ns.is_empty()) && share > 0.5 * looked.len() as f64
    }
}

/// Declared work of one iteration.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Work {
    /// Items handled; 0 when there are none.
    pub items: f64,
    /// What an item is, in the plural.
    pub item: String,
    /// Floating-point operations; 0 when not known.
    pub flop: f64,
    /// Bytes of memory traffic; 0 when not known.
    pub bytes: f64,
}

/// One worker process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repetition {
    /// Index from 0.
    pub index: u32,
    /// Position in the order in which the run executed its workers, from 0.
    pub position: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Samples that were taken, also when it ended badly.
    pub samples: u64,
    /// Iterations in one sample, as calibrated.
    pub iterations_per_sample: u64,
    /// Why sampling stopped; absent when it never began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<StopReason>,
    /// Whether the settings, not time, decided how many iterations there were: then figures of runs can be compared that
    /// change with them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_fixed_length: bool,
    /// The warm-up; absent when it never began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUpResult>,
    /// Durations of the parts around the samples.
    pub times: SetupTimes,
    /// Resources used while samples were taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What others took from the CPUs, from the first warm-up iteration to the last sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineNoise>,
    /// What the yardstick said about the core; absent when nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<Sharing>,
    /// What the probes read while samples were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// What was seen over time while samples were taken: resident memory, and levels that the probes polled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<Trace>,
    /// Where it crashed, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash: Option<CrashReport>,
    /// What the plugin printed.
    #[serde(default, skip_serializing_if = "Output::is_empty")]
    pub output: Output,
    /// Lines the plugin wrote to its log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

impl Repetition {
    /// A worker of which nothing is known but how it ended.
    #[must_use]
    pub fn new(index: u32, position: u64, outcome: Outcome) -> Self {
        Self {
            index,
            position,
            outcome,
            samples: 0,
            iterations_per_sample: 0,
            stopped_by: None,
            has_fixed_length: false,
            warm_up: None,
            times: SetupTimes::default(),
            usage: None,
            machine: None,
            sharing: None,
            readings: Vec::new(),
            traces: Vec::new(),
            crash: None,
            output: Output::default(),
            log: Vec::new(),
        }
    }
}

/// Why no further sample was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The asked precision was reached.
    Precision,
    /// The time budget was spent.
    TimeBudget,
    /// The largest number of samples was taken.
    SampleLimit,
    /// The workload had nothing more to do.
    Finished,
    /// The host asked to stop.
    Stopped,
}

/// How the warm-up went.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUpResult {
    /// Iterations done and discarded.
    pub iterations: u64,
    /// How long it took, ns.
    pub elapsed_ns: u64,
    /// Whether it ended because the series was steady, not because its cap was reached, and the samples after it stood
    /// still too.
    pub steady: bool,
}

/// Durations around the samples, ns; 0 for what never happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SetupTimes {
    /// From spawn to the worker's first word.
    pub start_ns: u64,
    /// Opening and checking the library.
    pub load_ns: u64,
    /// `create`.
    pub create_ns: u64,
    /// `setup`.
    pub setup_ns: u64,
    /// The first iteration.
    pub first_iteration_ns: u64,
    /// Wall-clock time of all samples together.
    pub measure_ns: u64,
}

/// Resources used between the first and the last sample.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// CPU time in user mode, all threads.
    pub user_ns: u64,
    /// CPU time in the kernel, all threads.
    pub system_ns: u64,
    /// Page faults that needed no input or output.
    pub minor_faults: u64,
    /// Page faults that read from a device.
    pub major_faults: u64,
    /// Times the process gave up the CPU.
    pub voluntary_switches: u64,
    /// Times the CPU was taken away.
    pub involuntary_switches: u64,
    /// Highest resident memory while measuring.
    pub peak_bytes: u64,
    /// Resident memory before the first sample.
    pub before_bytes: u64,
    /// Resident memory after the last sample.
    pub after_bytes: u64,
    /// Threads of the process after the last sample.
    pub threads_seen: u32,
    /// Threads, alive at the end, that did more than a twentieth of the work.
    #[serde(default)]
    pub busy_threads: u32,
    /// Threads that were running or ready to run at once: median of the host's looks, 0 for too few looks.
    #[serde(default)]
    pub runnable_threads: u32,
}

/// What others took from the measured CPUs: those a worker is pinned to, or all it may use. What could not be read, or
/// not well enough in so short a time, is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MachineNoise {
    /// Wall-clock time that was looked at.
    pub elapsed_ns: u64,
    /// Share of the CPUs' time that the hypervisor gave to something else, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_share: Option<f64>,
    /// Share of the CPUs' time that went to other programs and to interrupts, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_share: Option<f64>,
    /// Time for which the worker's threads were ready to run and had no CPU, summed over those alive at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_ns: Option<u64>,
    /// Times a CPU was slowed because of heat: by the counter, of a core or of a package, that moved most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle_events: Option<u64>,
    /// Time for which a CPU quota of a control group stopped its processes, summed over CPUs: by the group, ours or one
    /// that holds it, that was stopped longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_stopped_ns: Option<u64>,
}

/// Whether the worker had its core to itself, by a yardstick read between samples: the time of a piece of work that fills
/// every unit of a core, by that of one that waits for itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Sharing {
    /// Share of the samples that were taken beside another program on the same core, 0–1.
    pub share: f64,
    /// Median reading over the samples that count.
    pub yardstick: f64,
    /// Times of the samples that do not count, ns an iteration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside_ns: Vec<f64>,
}

/// What the worker's signal handler wrote before it died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrashReport {
    /// Number of the signal.
    pub signal: i32,
    /// `si_code` of the signal.
    pub code: i32,
    /// Address that was accessed.
    pub address: u64,
    /// Instruction that did it.
    pub instruction: u64,
    /// Phase it happened in.
    pub phase: Phase,
}

/// What a plugin printed, cut to what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Bytes that were printed but not kept.
    pub dropped_bytes: u64,
}

impl Output {
    /// Whether nothing was printed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
