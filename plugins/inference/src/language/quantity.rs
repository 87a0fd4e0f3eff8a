//! In how many bits the weights of the layers are kept: as in the file, or requantised when it is loaded.

use benchhost_plugin_api::Error;
use benchhost_support::kernels::quantised::Packing;
use candle_core::quantized::GgmlDType;
use serde::{Deserialize, Serialize};

/// A format of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quantity {
    /// 4 bits, scale and minimum for each 32 weights.
    #[serde(rename = "q4_1")]
    Q4_1,
    /// 8 bits and a scale for each 32 weights.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// 4 bits in blocks of 256 with two levels of scales.
    #[serde(rename = "q4_k")]
    Q4K,
    /// Not quantised.
    #[serde(rename = "f32")]
    F32,
}

impl Quantity {
    /// The names a suite may use.
    pub(crate) const NAMES: &[&str] = &["q4_1", "q8_0", "q4_k", "f32"];

    /// Candle's type for a row of `inputs` weights. Q4_K has blocks of 256: a row that is no multiple of it becomes Q5_0,
    /// as llama.cpp does it.
    pub(crate) fn dtype(self, inputs: usize) -> GgmlDType {
        match self {
            Self::Q4_1 => GgmlDType::Q4_1,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q4K if inputs.is_multiple_of(256) => GgmlDType::Q4K,
            Self::Q4K => GgmlDType::Q5_0,
            Self::F32 => GgmlDType::F32,
        }
    }

    /// Whether tensor `name` stays as the file has it: norms do, and the embedding, which is also the output, unless
    /// nothing is to be quantised.
    pub(crate) fn keeps(self, name: &str, dtype: GgmlDType) -> bool {
        dtype == GgmlDType::F32 || (name == "token_embd.weight" && self != Self::F32)
    }

    /// The kernels' own format.
    ///
    /// # Errors
    /// [`Error::config`] where there is none.
    pub(crate) fn packing(self) -> Result<Packing, Error> {
        match self {
            Self::Q4_1 => Ok(Packing::Q4_1),
            Self::Q8_0 => Ok(Packing::Q8_0),
            Self::Q4K | Self::F32 => Err(Error::config(
                "weights is \"q4_k\" or \"f32\" and implementation \"fused\", which has kernels for \"q4_1\" and \
                 \"q8_0\"; use implementation = \"candle\"",
            )),
        }
    }
}
