//! Two benchmarks of one run beside each other, case by case: what `against` of a suite asks for.
//!
//! The words are those of a comparison: the benchmark is the candidate, the one it is set against the baseline, a ratio is
//! candidate / baseline. Unlike there, the sides may be different programs, and did not run in lock-step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CaseId, Interval, Metric, Verdict};

/// A benchmark set against another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contrast {
    /// The benchmark: the candidate.
    pub benchmark: String,
    /// The benchmark it is set against: the baseline.
    pub against: String,
    /// Parameters and keys of placement in which they differ on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differ_in: Vec<String>,
    /// Level of false verdicts, for all pairs together.
    pub level: f64,
    /// A difference must be larger than this ratio − 1.
    pub tolerance: f64,
    /// A difference within this ratio − 1 is none.
    pub margin: f64,
    /// One for each case of the benchmark, in its order.
    pub pairs: Vec<ContrastPair>,
}

/// A case set against another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContrastPair {
    /// The case of the benchmark.
    pub candidate: CaseId,
    /// The case it is set against; absent where the run has none that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<CaseId>,
    /// What the ratio is of: `time`, or `latency` under an offered load.
    pub metric: Metric,
    /// What is known; absent where there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// candidate / baseline, of the geometric means of the processes' medians; absent where there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Interval of the ratio; absent with fewer than two processes on a side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Processes of the baseline whose values count.
    pub baseline_repetitions: u32,
    /// Processes of the candidate whose values count.
    pub candidate_repetitions: u32,
    /// Why there is nothing to compare, or what is missing for a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Metrics that both have, that of the ratio first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub both: Vec<BothValues>,
    /// Metrics of one name that cannot stand beside each other, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// A metric that both cases have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BothValues {
    /// The metric, as the candidate has it.
    pub metric: Metric,
    /// Median of the baseline, in the unit of the metric.
    pub baseline: f64,
    /// Median of the candidate.
    pub candidate: f64,
}

impl ContrastPair {
    /// Both medians of a metric.
    #[must_use]
    pub fn both_of(&self, metric: &str) -> Option<&BothValues> {
        self.both.iter().find(|one| one.metric.name == metric)
    }
}
