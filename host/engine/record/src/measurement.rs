//! Every sample of one (case, metric) from one run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Metric, Summary};

/// All samples of one metric of one case, and what they come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// What was measured.
    pub metric: Metric,
    /// The raw samples, kept.
    pub samples: Samples,
    /// Their statistics; absent when the case has no speed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

/// Samples as columns of equal length, in the order they were taken within each repetition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Samples {
    /// Index of the repetition (worker process) each sample comes from; repetitions are independent, samples
    /// within one are not.
    pub repetition: Vec<u32>,
    /// Iterations in the timed block of each sample.
    pub iterations: Vec<u64>,
    /// Value of each sample in the metric's unit, per iteration where that makes sense (times).
    pub value: Vec<f64>,
}

impl Samples {
    /// Adds a sample.
    pub fn push(&mut self, repetition: u32, iterations: u64, value: f64) {
        self.repetition.push(repetition);
        self.iterations.push(iterations);
        self.value.push(value);
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Values grouped by repetition, in order of first appearance.
    #[must_use]
    pub fn by_repetition(&self) -> Vec<Vec<f64>> {
        let mut groups: Vec<(u32, Vec<f64>)> = Vec::new();
        for (repetition, value) in self.repetition.iter().zip(&self.value) {
            match groups.iter_mut().find(|(known, _)| known == repetition) {
                Some((_, values)) => values.push(*value),
                None => groups.push((*repetition, vec![*value])),
            }
        }
        groups.into_iter().map(|(_, values)| values).collect()
    }
}
