//! Parameters of `classify`.

use benchhost_plugin_api::{Ctx, Description, Error, Metric, Param};
use serde::{Deserialize, Serialize};

use crate::Implementation;

/// Most images of a batch.
const LARGEST_BATCH: usize = 1024;

/// Parameters of [`Classify`](super::Classify); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct ClassifyConfig {
    pub model: String,
    pub batch: usize,
    pub implementation: Implementation,
}

impl Default for ClassifyConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            batch: 1,
            implementation: Implementation::Fused,
        }
    }
}

impl ClassifyConfig {
    /// Refuses what cannot work, before anything is loaded.
    pub(super) fn check(&self, ctx: &Ctx) -> Result<(), Error> {
        if !(1..=LARGEST_BATCH).contains(&self.batch) {
            return Err(Error::config(format!(
                "batch is {}, expected 1 to {LARGEST_BATCH}",
                self.batch
            )));
        }
        self.implementation.check(ctx)
    }
}

/// What `classify` says of itself.
pub(super) fn describe() -> Description {
    Description::new("Classifies photos of 224 × 224 pixels with EfficientNet-Lite0.")
        .param(Param::new(
            "model",
            "efficientnet_lite0.safetensors; empty looks in the folders of data",
        ))
        .param(
            Param::new("batch", "images of an iteration; the three photos by turns")
                .unit("images")
                .range(1.0, LARGEST_BATCH as f64),
        )
        .param(
            Param::new("implementation", "own fused layers or stock candle")
                .choices(Implementation::NAMES),
        )
        .metric(Metric::neutral("parameters", "1").help("numbers that were learned"))
}
