//! What every implementation of the language model offers.

use std::{path::Path, sync::Arc};

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::device;
use serde::{Deserialize, Serialize};

use super::{
    fused::{Session, Weights},
    gguf::ModelFile,
    stock::Stock,
};

/// Tokens that a context has room for, prompt and answer.
pub(crate) const CONTEXT: usize = 2048;

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// Kernels of this project, on the CPU.
    Fused,
    /// `quantized_llama` of candle-transformers, as it is.
    Candle,
}

impl Implementation {
    /// The other one: each is the other's reference.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Fused => Self::Candle,
            Self::Candle => Self::Fused,
        }
    }

    /// The names a suite may use.
    pub(crate) const NAMES: &[&str] = &["fused", "candle"];
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
        Implementation::Fused => {
            let device = device(ctx)?;
            if !device.is_cpu() {
                return Err(Error::unsupported(
                    "implementation = \"fused\" computes on the CPU alone; use implementation = \"candle\" on a GPU",
                ));
            }
            let weights = Arc::new(Weights::new(&file, None)?);
            Box::new(Session::new(&weights, CONTEXT, ctx.threads()))
        }
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
