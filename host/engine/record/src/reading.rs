//! What a probe read of the machine while a case was measured, and how far it can be trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Metric;

/// One number of one probe, for one repetition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// What was read.
    pub metric: Metric,
    /// How much, over the whole time in which samples were taken.
    pub value: f64,
    /// Whether it grows with that time.
    pub extent: Extent,
    /// Whether an instrument or a model says so.
    pub basis: Basis,
    /// Where it comes from: `powercap intel-rapl:0`, `NVML`, `model: 65 W TDP`.
    pub source: String,
}

/// What a probe cost in the last case it looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeCost {
    /// The look before the first sample, ns.
    pub begin_ns: u64,
    /// One look while samples were taken, ns: the mean, 0 without any.
    pub poll_ns: f64,
    /// How many of these there were.
    pub polls: u64,
    /// The look after the last sample, ns.
    pub end_ns: u64,
}

/// Whether a number grows with the time that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// It does, and so is shown for one iteration: joules, bytes, instructions.
    Amount,
    /// It does not, and is shown as it is: a power, a temperature, a share.
    Level,
}

/// Whether an instrument or a model says a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Counted or measured by hardware or kernel.
    Measured,
    /// Computed from other numbers by a model.
    Estimated,
}

impl Basis {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
        }
    }
}
