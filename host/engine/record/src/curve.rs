//! How a metric of a benchmark changes along one axis, everything else held.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Amdahl, Metric, PowerLaw, ScalingLevel, Usl};

/// One metric along one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// The benchmark.
    pub benchmark: String,
    /// Plugin and workload: `contrastive/training`.
    pub workload: String,
    /// The axis.
    pub axis: Axis,
    /// What is held, as in the name of a case: `dtype=f32&window=1024`.
    pub held: String,
    /// The metric.
    pub metric: Metric,
    /// What the axis does to it.
    pub law: CurveLaw,
    /// What makes the answer doubtful, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// What varies along a curve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Axis {
    /// `threads`, `instances`, or a parameter.
    pub key: String,
    /// What happens to the work while workers are added; absent where the axis is a size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
}

/// What happens to the work when there are more workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Growth {
    /// The same work is shared out.
    Strong,
    /// This parameter grows with them, or each of them has work of its own.
    Weak(String),
}

/// Laws that were fitted, each or why not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a run has a handful of curves; a box would be in the way of everybody who reads them"
)]
pub enum CurveLaw {
    /// Throughput by workers. Where the metric is a time, the laws are about its inverse: a throughput in 1/s, of what one worker
    /// does in that time.
    Workers {
        /// Speed-up and efficiency by number of workers; empty when there is none.
        levels: Vec<ScalingLevel>,
        /// CPUs that were used, by level: CPU time by wall-clock time, median of the repetitions; absent where it is not known.
        cpus_used: Vec<Option<f64>>,
        /// Amdahl's law.
        amdahl: Fit<Amdahl>,
        /// The Universal Scalability Law.
        usl: Fit<Usl>,
    },
    /// Cost by size.
    Size {
        /// The law of all sizes.
        law: Fit<PowerLaw>,
        /// Where that does not describe them, because a fixed cost flattens the small ones: the law of the larger ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upper: Option<UpperLaw>,
    },
}

/// A law of the larger sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpperLaw {
    /// The smallest size it holds for.
    pub from: f64,
    /// The law.
    pub law: PowerLaw,
}

/// A law with its parameters, or the sentence that says why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fit<T> {
    /// It was fitted.
    Fitted(T),
    /// It was not.
    Refused(String),
}

impl<T> Fit<T> {
    /// What was fitted.
    #[must_use]
    pub fn fitted(&self) -> Option<&T> {
        match self {
            Self::Fitted(law) => Some(law),
            Self::Refused(_) => None,
        }
    }
}
