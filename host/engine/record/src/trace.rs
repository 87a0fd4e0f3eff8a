//! One metric of one repetition over time. Holds what was seen; who looks, and how often, is the host's business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Metric;

/// One metric of one repetition over time: at most 200 points, thinned evenly when a case lasts long.
///
/// Both columns are of equal length; the times do not fall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// What was seen: a level, like `memory` in B or the power of a device in W.
    pub metric: Metric,
    /// When, ns from the first look at anything in this repetition.
    pub time_ns: Vec<u64>,
    /// What was seen then, in the metric's unit; always finite.
    pub value: Vec<f64>,
}

impl Trace {
    /// The most points that are kept.
    pub const POINTS: usize = 200;
}
