//! Candle's own llama, unchanged.

use std::io::Cursor;

use benchhost_plugin_api::Error;
use candle_core::{
    Device, Tensor,
    quantized::{
        QTensor,
        gguf_file::{self, Content, Value},
    },
};
use candle_transformers::models::quantized_llama::ModelWeights;

use super::{gguf::ModelFile, model::LanguageModel, quantity::Quantity};

/// `quantized_llama` with its context.
#[derive(Debug)]
pub(crate) struct Stock {
    weights: ModelWeights,
    device: Device,
    position: usize,
    logits: Vec<f32>,
}

/// Reads all weights of `file`, in another `quantity` if there is one.
///
/// # Errors
/// Those of candle.
pub(crate) fn read(
    file: &ModelFile,
    quantity: Option<Quantity>,
    device: &Device,
) -> Result<ModelWeights, Error> {
    match quantity {
        None => {
            // Candle wants the header for itself.
            let mut reader = file.reader()?;
            let content = Content::read(&mut reader)?;
            Ok(ModelWeights::from_gguf(content, &mut reader, device)?)
        }
        Some(quantity) => {
            let mut written = Cursor::new(requantised(file, quantity)?);
            let content = Content::read(&mut written)?;
            Ok(ModelWeights::from_gguf(content, &mut written, device)?)
        }
    }
}

/// A file of the same model whose layers have their matrices in `quantity`.
fn requantised(file: &ModelFile, quantity: Quantity) -> Result<Vec<u8>, Error> {
    let mut reader = file.reader()?;
    let mut tensors = Vec::new();
    for name in file.content.tensor_infos.keys() {
        let tensor = file.content.tensor(&mut reader, name, &Device::Cpu)?;
        let is_kept = quantity.keeps(name, tensor.dtype());
        let to = quantity.dtype(*tensor.shape().dims().last().unwrap_or(&0));
        let tensor = match is_kept || tensor.dtype() == to {
            true => tensor,
            false => QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, to)?,
        };
        tensors.push((name.as_str(), tensor));
    }
    let tensors: Vec<(&str, &QTensor)> = tensors
        .iter()
        .map(|(name, tensor)| (*name, tensor))
        .collect();
    // The tokens' texts are not needed, and long.
    let metadata = file.content.metadata.iter();
    let metadata: Vec<(&str, &Value)> = metadata
        .filter(|(key, _)| !key.starts_with("tokenizer."))
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let mut written = Cursor::new(Vec::new());
    gguf_file::write(&mut written, &metadata, &tensors)?;
    Ok(written.into_inner())
}

impl Stock {
    /// A context of its own around `weights`, which all clones share.
    pub(crate) fn new(weights: &ModelWeights, device: &Device) -> Self {
        Self {
            weights: weights.clone(),
            device: device.clone(),
            position: 0,
            logits: Vec::new(),
        }
    }
}

impl LanguageModel for Stock {
    fn forward(&mut self, tokens: &[u32]) -> Result<&[f32], Error> {
        let input = Tensor::new(tokens, &self.device)?.unsqueeze(0)?;
        // On candle's own threads, or each of many small products would be handed over to them and back.
        let (weights, position) = (&mut self.weights, self.position);
        let logits = self
            .device
            .with_context(|| weights.forward(&input, position))?;
        self.position += tokens.len();
        self.logits = logits.flatten_all()?.to_vec1()?;
        Ok(&self.logits)
    }

    fn reset(&mut self) {
        self.weights.clear_kv_cache();
        self.position = 0;
    }
}
