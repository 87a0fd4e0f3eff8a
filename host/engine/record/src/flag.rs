//! Noise flags: what may make a number less good than it looks, shown beside it and stored with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One remark about the quality of a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// What kind of remark.
    pub kind: FlagKind,
    /// One sentence with the numbers that triggered it.
    pub message: String,
}

/// Kinds of remarks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FlagKind {
    /// The plugin was built with debug assertions or without optimisation.
    DebugBuild,
    /// The clock is too coarse for the samples taken.
    CoarseClock,
    /// The scheduler took the CPU away while samples were taken.
    Descheduled,
    /// Page faults happened in the timed part.
    PageFaults,
    /// More CPU time was used than the threads asked for can give.
    ThreadExcess,
    /// The case has more threads than there are CPUs.
    Oversubscribed,
    /// Other programs, or the hypervisor, took a good part of the measured CPUs.
    OtherLoad,
    /// Another program ran on the same core while samples were taken.
    SharedCore,
    /// The warm-up ended at its cap, not because the series was steady.
    WarmUpCapped,
    /// The times moved while they were measured.
    NotSteady,
    /// The time budget ended before the asked precision was reached.
    Imprecise,
    /// Many samples lie far from the median.
    Outliers,
    /// The values gather around two levels.
    Bimodal,
    /// The CPU or device ran below its usual clock, or a CPU quota stopped the process.
    Throttled,
    /// Repetitions ended differently; the case has the worst outcome among them.
    MixedOutcomes,
    /// The plugin wrote a warning to its log.
    PluginWarning,
    /// The plugin wrote more output than is kept.
    OutputTruncated,
    /// Processes that the plugin left behind were ended.
    StrayProcesses,
    /// More was asked for from outside than could be served.
    Overloaded,
    /// The plugin is a process that timed itself.
    SelfTimed,
    /// The workload proves nothing: its answers may be wrong.
    Unverified,
    /// Only part of the samples could be saved, because the worker died, or not all repetitions are in.
    Partial,
}

impl FlagKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 22] = [
        Self::DebugBuild,
        Self::CoarseClock,
        Self::Descheduled,
        Self::PageFaults,
        Self::ThreadExcess,
        Self::Oversubscribed,
        Self::OtherLoad,
        Self::SharedCore,
        Self::WarmUpCapped,
        Self::NotSteady,
        Self::Imprecise,
        Self::Outliers,
        Self::Bimodal,
        Self::Throttled,
        Self::MixedOutcomes,
        Self::PluginWarning,
        Self::OutputTruncated,
        Self::StrayProcesses,
        Self::Overloaded,
        Self::SelfTimed,
        Self::Unverified,
        Self::Partial,
    ];

    /// Short word for the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DebugBuild => "debug-build",
            Self::CoarseClock => "coarse-clock",
            Self::Descheduled => "descheduled",
            Self::PageFaults => "page-faults",
            Self::ThreadExcess => "thread-excess",
            Self::Oversubscribed => "oversubscribed",
            Self::OtherLoad => "other-load",
            Self::SharedCore => "shared-core",
            Self::WarmUpCapped => "warm-up-capped",
            Self::NotSteady => "not-steady",
            Self::Imprecise => "imprecise",
            Self::Outliers => "outliers",
            Self::Bimodal => "bimodal",
            Self::Throttled => "throttled",
            Self::MixedOutcomes => "mixed-outcomes",
            Self::PluginWarning => "plugin-warning",
            Self::OutputTruncated => "output-truncated",
            Self::StrayProcesses => "stray-processes",
            Self::Overloaded => "overloaded",
            Self::SelfTimed => "self-timed",
            Self::Unverified => "unverified",
            Self::Partial => "partial",
        }
    }
}
