//! The encoder of candle-transformers, as it is, with pooling of candle's operations.

use std::path::Path;

use benchhost_plugin_api::Error;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};

/// A loaded model.
pub(crate) struct Stock {
    model: BertModel,
    device: Device,
}

impl Stock {
    /// Reads `model` with the shape of the text `config`.
    pub(super) fn load(model: &Path, config: &str, device: &Device) -> Result<Self, Error> {
        let config: Config = serde_json::from_str(config)?;
        let tensors = candle_core::safetensors::load(model, device)?;
        let builder = VarBuilder::from_tensors(tensors, DType::F32, device);
        Ok(Self {
            model: BertModel::load(builder, &config)?,
            device: device.clone(),
        })
    }

    /// The unit-length embeddings of sentences of equal length, `[sentences, hidden]`.
    pub(super) fn embed(&self, sentences: &[Vec<u32>]) -> Result<Vec<f32>, Error> {
        // On candle's own threads, or each of many small operations would be handed over to them and back.
        self.device.with_context(|| self.forward(sentences))
    }

    fn forward(&self, sentences: &[Vec<u32>]) -> Result<Vec<f32>, Error> {
        let tokens = Tensor::new(sentences.to_vec(), &self.device)?;
        let x = self.model.forward(&tokens, &tokens.zeros_like()?, None)?;
        let mean = x.mean(1)?;
        let length = mean.sqr()?.sum_keepdim(1)?.sqrt()?;
        Ok(mean.broadcast_div(&length)?.flatten_all()?.to_vec1()?)
    }
}

impl std::fmt::Debug for Stock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stock").finish_non_exhaustive()
    }
}
