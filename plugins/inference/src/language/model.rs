//! What every implementation of the language model offers.

use std::path::Path;

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::device;
use serde::{Deserialize, Serialize};

use super::{gguf::ModelFile, stock::Stock};

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// `quantized_llama` of candle-transformers, as it is.
    Candle,
}

impl Implementation {
    /// The names a suite may use.
    pub(crate) const NAMES: &[&str] = &["candle"];
}

/// A model with its own context: keys and values of the tokens it has seen.
pub(crate) trait LanguageModel: Send {
    /// Appends `tokens` to the context; the logits of what comes after the last of them.
    ///
    /// # Errors
    /// Those of candle; no tokens, or more than the context holds.
    fn forward(&mut self, tokens: &[u32]) -> Result<&[f32], Error>;

    /// Forgets the context.
    fn reset(&mut self);
}

/// Reads the model at `path` into memory, ready for its first token.
///
/// # Errors
/// The file cannot be read, or holds another model than the implementation knows.
pub(crate) fn load(
    implementation: Implementation,
    path: &Path,
    ctx: &Ctx,
) -> Result<Box<dyn LanguageModel>, Error> {
    let file = ModelFile::open(path)?;
    Ok(match implementation {
        Implementation::Candle => Box::new(Stock::new(&file, &device(ctx)?)?),
    })
}

/// The token with the largest logit; the first of equals.
pub(crate) fn largest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = token;
        }
    }
    best as u32
}
