//! Candle's own llama, unchanged.

use benchhost_plugin_api::Error;
use candle_core::{Device, Tensor, quantized::gguf_file::Content};
use candle_transformers::models::quantized_llama::ModelWeights;

use super::{gguf::ModelFile, model::LanguageModel};

/// `quantized_llama` with its context.
#[derive(Debug)]
pub(crate) struct Stock {
    weights: ModelWeights,
    device: Device,
    position: usize,
    logits: Vec<f32>,
}

impl Stock {
    /// Reads all weights of `file`.
    ///
    /// # Errors
    /// Those of candle.
    pub(crate) fn new(file: &ModelFile, device: &Device) -> Result<Self, Error> {
        // Candle wants the header for itself.
        let mut reader = file.reader()?;
        let content = Content::read(&mut reader)?;
        Ok(Self::of(
            ModelWeights::from_gguf(content, &mut reader, device)?,
            device,
        ))
    }

    /// A context of its own around `weights`, which are shared by their clones.
    pub(crate) fn of(weights: ModelWeights, device: &Device) -> Self {
        Self {
            weights,
            device: device.clone(),
            position: 0,
            logits: Vec::new(),
        }
    }
}

impl LanguageModel for Stock {
    fn forward(&mut self, tokens: &[u32]) -> Result<&[f32], Error> {
        let input = Tensor::new(tokens, &self.device)?.unsqueeze(0)?;
        let logits = self.weights.forward(&input, self.position)?;
        self.position += tokens.len();
        self.logits = logits.flatten_all()?.to_vec1()?;
        Ok(&self.logits)
    }

    fn reset(&mut self) {
        self.weights.clear_kv_cache();
        self.position = 0;
    }
}
