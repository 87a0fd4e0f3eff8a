//! Parameters of `training`.

use benchhost_plugin_api::{Description, Error, Metric, Param};
use serde::{Deserialize, Serialize};

use crate::clusters::CLASSES;

/// Widest hidden layer: 4 · 16384 · 8192 bytes are half a GiB of weights.
const WIDEST: usize = 16_384;

/// Most layers.
const DEEPEST: usize = 64;

/// Fewest rows of a batch; two steps on fewer may teach one class and unteach the others.
const SMALLEST_BATCH: usize = 8;

/// Most rows of a batch.
const LARGEST_BATCH: usize = 65_536;

/// Most steps of an iteration; their batches all lie in memory.
const MOST_STEPS: usize = 10_000;

/// Parameters of [`Training`](super::Training); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct TrainingConfig {
    pub hidden: usize,
    pub layers: usize,
    pub batch: usize,
    pub steps: usize,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            hidden: 512,
            layers: 3,
            batch: 64,
            steps: 3,
        }
    }
}

impl TrainingConfig {
    /// Refuses what cannot work, before anything is made.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (name, value, least, most) in [
            ("hidden", self.hidden, CLASSES, WIDEST),
            ("layers", self.layers, 2, DEEPEST),
            ("batch", self.batch, SMALLEST_BATCH, LARGEST_BATCH),
            ("steps", self.steps, 2, MOST_STEPS),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::config(format!(
                    "{name} is {value}, expected {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}

/// What `training` says of itself.
pub(super) fn describe() -> Description {
    let range = |least: usize, most: usize| (least as f64, most as f64);
    let param =
        |name, help, unit, (least, most)| Param::new(name, help).unit(unit).range(least, most);
    Description::new(
        "Trains a small network for a few steps, from the same start every time: the same work in every iteration.",
    )
    .param(param(
        "hidden",
        "width of the first hidden layer; each further one is half as wide, the last layer has 10",
        "values",
        range(CLASSES, WIDEST),
    ))
    .param(param("layers", "fully connected layers", "layers", range(2, DEEPEST)))
    .param(param("batch", "rows of a step", "samples", range(SMALLEST_BATCH, LARGEST_BATCH)))
    .param(param("steps", "steps of an iteration", "steps", range(2, MOST_STEPS)))
    .metric(
        Metric::lower("loss", "nat")
            .quality()
            .help("loss of the last step of the iteration: the same in every iteration"),
    )
}
