//! A search for the largest value that works, with everything that was tried on the way.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// How the largest value of a key was looked for: doubling until something fails, then bisection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Search {
    /// What was varied: a parameter, or `offered-load`.
    pub key: String,
    /// The largest value that worked; absent when not even the first did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<f64>,
    /// The smallest value that did not; absent when all did up to the end of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_failing: Option<f64>,
    /// Everything that was tried, in order.
    pub tried: Vec<Tried>,
}

/// One value that was tried. That it does not work is an answer, not a failure of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// The value.
    pub value: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// The condition that did not hold, as a sentence; absent when all held, or when the outcome says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<String>,
    /// Medians by metric, where there are some.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub medians: BTreeMap<String, f64>,
}

impl Tried {
    /// Whether the value works.
    #[must_use]
    pub fn works(&self) -> bool {
        self.outcome.is_ok() && self.missed.is_none()
    }
}
