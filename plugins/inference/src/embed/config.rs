//! Parameters of `embed`.

use benchhost_plugin_api::{Ctx, Description, Error, Metric, Param};
use serde::{Deserialize, Serialize};

use crate::Implementation;

/// Shortest sentence: a word between the two marks.
const SHORTEST: usize = 3;

/// Longest sentence: the positions that BERT has learned.
const LONGEST: usize = 512;

/// Most sentences of a batch.
const LARGEST_BATCH: usize = 1024;

/// Parameters of [`Embed`](super::Embed); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct EmbedConfig {
    pub model: String,
    pub batch: usize,
    pub length: usize,
    pub implementation: Implementation,
}

impl Default for EmbedConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            batch: 8,
            length: 32,
            implementation: Implementation::Fused,
        }
    }
}

impl EmbedConfig {
    /// Refuses what cannot work, before anything is loaded.
    pub(super) fn check(&self, ctx: &Ctx) -> Result<(), Error> {
        for (name, value, least, most) in [
            ("batch", self.batch, 1, LARGEST_BATCH),
            ("length", self.length, SHORTEST, LONGEST),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::config(format!(
                    "{name} is {value}, expected {least} to {most}"
                )));
            }
        }
        self.implementation.check(ctx)
    }
}

/// What `embed` says of itself.
pub(super) fn describe() -> Description {
    Description::new("Embeds sentences with a BERT encoder: mean pooling, unit length.")
        .param(Param::new(
            "model",
            "model.safetensors with config.json and tokenizer.json beside it; empty for all-MiniLM-L6-v2",
        ))
        .param(
            Param::new("batch", "sentences of an iteration")
                .unit("sentences")
                .range(1.0, LARGEST_BATCH as f64),
        )
        .param(
            Param::new("length", "length of each sentence, its two marks included; 16 is short, 32 medium, 128 long")
                .unit("tokens")
                .range(SHORTEST as f64, LONGEST as f64),
        )
        .param(
            Param::new("implementation", "own fused layers or stock candle").choices(Implementation::NAMES),
        )
        .metric(
            Metric::neutral("parameters", "1").help("numbers that were learned"),
        )
}
