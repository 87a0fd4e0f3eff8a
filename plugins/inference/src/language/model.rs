//! What every implementation of the language model offers.

use std::sync::Arc;

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::device;
use candle_core::Device;
use candle_transformers::models::quantized_llama::ModelWeights;

use super::{
    fused::{Session, Weights},
    gguf::ModelFile,
    quantity::Quantity,
    stock::{self, Stock},
};
use crate::Implementation;

/// Most tokens of a context, prompt and answer.
pub(crate) const CONTEXT: usize = 2048;

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

/// Weights in memory, shared by all contexts over them.
pub(crate) enum Loaded {
    Fused(Arc<Weights>),
    Candle(Box<ModelWeights>, Device),
}

impl Loaded {
    /// Reads the model in `file`; its matrices as the file has them, or in another `quantity`.
    ///
    /// # Errors
    /// The file cannot be read, or holds another model than the implementation knows.
    pub(crate) fn new(
        implementation: Implementation,
        file: &ModelFile,
        quantity: Option<Quantity>,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        Ok(match implementation {
            Implementation::Fused => {
                let packing = quantity.map(Quantity::packing).transpose()?;
                Self::Fused(Arc::new(Weights::new(file, packing)?))
            }
            Implementation::Candle => {
                let device = device(ctx)?;
                Self::Candle(Box::new(stock::read(file, quantity, &device)?), device)
            }
        })
    }

    /// An empty context with room for `capacity` tokens. Candle takes as many threads as the whole process has, and
    /// grows its context as it goes.
    pub(crate) fn context(&self, capacity: usize, threads: usize) -> Box<dyn LanguageModel> {
        match self {
            Self::Fused(weights) => Box::new(Session::new(weights, capacity, threads)),
            Self::Candle(weights, device) => Box::new(Stock::new(weights, device)),
        }
    }
}

/// The other implementation: each is the other's reference.
pub(crate) fn other(implementation: Implementation) -> Implementation {
    match implementation {
        Implementation::Fused => Implementation::Candle,
        Implementation::Candle => Implementation::Fused,
    }
}

/// The token with the largest logit; the first of equals.
pub(crate) fn largest(logits: &[f32]) -> u32 {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, logit) in logits.iter().enumerate() {
        if *logit > best.1 {
            best = (token, *logit);
        }
    }
    best.0 as u32
}
