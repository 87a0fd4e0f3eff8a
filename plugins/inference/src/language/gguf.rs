//! The model's file: where it is, what its header says, the bytes of its tensors.
//!
//! Candle reads the header. The bytes are read here, because candle would copy them twice on their way.

use std::{
    fs::File,
    io::{BufReader, Seek},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use benchhost_plugin_api::Error;
use candle_core::quantized::{
    GgmlDType,
    gguf_file::{Content, TensorInfo, Value},
};

use super::{cost::Cost, quantity::Quantity, shape};

/// An open GGUF file whose header has been read.
#[derive(Debug)]
pub(crate) struct ModelFile {
    path: PathBuf,
    file: File,
    /// Length of the file.
    pub(super) bytes: u64,
    /// The header as candle has it.
    pub(crate) content: Content,
}

/// The sizes of a llama.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sizes {
    pub(crate) layers: usize,
    /// Width of the residual stream.
    pub(crate) width: usize,
    /// Width between the two products of a feed-forward layer.
    pub(crate) inner: usize,
    pub(crate) heads: usize,
    /// Heads of keys and values; several query heads share one.
    pub(crate) shared_heads: usize,
    pub(crate) vocabulary: usize,
    /// Values of a head that are turned by their position.
    pub(crate) turned: usize,
    /// Base of the angles of the rotary embedding.
    pub(crate) rope_base: f32,
    /// ε under the root of RMSNorm.
    pub(crate) epsilon: f32,
}

/// One tensor as the file stores it.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) dtype: GgmlDType,
    /// Outputs, and for a matrix inputs.
    pub(crate) dims: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl ModelFile {
    /// Opens the file at `path` and reads its header.
    ///
    /// # Errors
    /// [`Error::failed`] naming the file, when it cannot be read, is no GGUF file, or holds no whole llama.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let cannot = |error: &dyn std::fmt::Display| {
            Error::failed(format!("cannot read {}: {error}", path.display()))
        };
        let file = File::open(path).map_err(|error| cannot(&error))?;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let content = Content::read(&mut reader).map_err(|error| cannot(&error))?;
        let opened = Self {
            path: path.to_owned(),
            bytes: file.metadata().map_err(|error| cannot(&error))?.len(),
            file,
            content,
        };
        shape::check(&opened, &opened.sizes()?)?;
        Ok(opened)
    }

    /// A reader that starts at the first byte, for candle. Readers of one file share their position: one at a time.
    ///
    /// # Errors
    /// The file cannot be sought in.
    pub(crate) fn reader(&self) -> Result<BufReader<&File>, Error> {
        (&self.file).rewind()?;
        Ok(BufReader::with_capacity(1 << 20, &self.file))
    }

    /// Bytes of all weights when the layers' matrices are kept in `quantity`. The embedding, which is also the output,
    /// stays as it is, unless nothing is to be quantised.
    pub(crate) fn weight_bytes(&self, quantity: Quantity) -> usize {
        let infos = self.content.tensor_infos.iter();
        infos
            .map(|(name, info)| bytes_in(info, name, Some(quantity)))
            .sum()
    }

    /// What passes through the model cost; its matrices as the file has them, or in another `quantity`.
    ///
    /// # Errors
    /// Those of [`Self::sizes`].
    pub(crate) fn cost(&self, quantity: Option<Quantity>) -> Result<Cost, Error> {
        let infos = &self.content.tensor_infos;
        let has_output = infos.contains_key("output.weight");
        let bytes = infos.iter().map(|(name, info)| {
            // Of an embedding that is not the output as well, a pass reads a row.
            if has_output && name == "token_embd.weight" {
                return 0;
            }
            bytes_in(info, name, quantity)
        });
        Ok(Cost {
            sizes: self.sizes()?,
            weight_bytes: bytes.sum(),
        })
    }

    /// What the header says of the model's sizes.
    ///
    /// # Errors
    /// [`Error::failed`] for another architecture than llama, or a header that lacks a key.
    pub(crate) fn sizes(&self) -> Result<Sizes, Error> {
        let architecture = match self.content.metadata.get("general.architecture") {
            Some(Value::String(name)) => name.as_str(),
            _ => "",
        };
        if architecture != "llama" {
            return Err(self.wrong(&format!(
                "architecture is \"{architecture}\", expected \"llama\""
            )));
        }
        let count = |key: &str| {
            self.value(key)?
                .to_u32()
                .map(|n| n as usize)
                .map_err(|error| self.wrong(&format!("{key} in the header: {error}")))
        };
        let real = |key: &str| {
            self.value(key)?
                .to_f32()
                .map_err(|error| self.wrong(&format!("{key} in the header: {error}")))
        };
        let embedding = self.info("token_embd.weight")?.shape.dims().to_vec();
        Ok(Sizes {
            layers: count("llama.block_count")?,
            width: count("llama.embedding_length")?,
            inner: count("llama.feed_forward_length")?,
            heads: count("llama.attention.head_count")?,
            shared_heads: count("llama.attention.head_count_kv")?,
            vocabulary: embedding.first().copied().unwrap_or(0),
            turned: count("llama.rope.dimension_count")?,
            rope_base: real("llama.rope.freq_base")?,
            epsilon: real("llama.attention.layer_norm_rms_epsilon")?,
        })
    }

    /// Reads tensor `name`.
    ///
    /// # Errors
    /// The file has no such tensor, or ends before its last byte.
    pub(crate) fn tensor(&self, name: &str) -> Result<Stored, Error> {
        let info = self.info(name)?;
        let elements = info.shape.elem_count();
        let size = elements / info.ggml_dtype.block_size() * info.ggml_dtype.type_size();
        let mut bytes = vec![0; size];
        self.file
            .read_exact_at(&mut bytes, self.content.tensor_data_offset + info.offset)
            .map_err(|error| self.wrong(&format!("tensor {name}: {error}")))?;
        Ok(Stored {
            dtype: info.ggml_dtype,
            dims: info.shape.dims().to_vec(),
            bytes,
        })
    }

    /// What the header says of tensor `name`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn info(&self, name: &str) -> Result<&TensorInfo, Error> {
        let infos = &self.content.tensor_infos;
        infos
            .get(name)
            .ok_or_else(|| self.wrong(&format!("there is no tensor {name}")))
    }

    fn value(&self, key: &str) -> Result<&Value, Error> {
        let metadata = &self.content.metadata;
        metadata
            .get(key)
            .ok_or_else(|| self.wrong(&format!("the header has no {key}")))
    }

    /// `why` this file cannot be used.
    pub(super) fn wrong(&self, why: &str) -> Error {
        Error::failed(format!("{}: {why}", self.path.display()))
    }
}

/// Bytes of tensor `name`, as the file has it, or in another `quantity` if that does not keep it.
fn bytes_in(info: &TensorInfo, name: &str, quantity: Option<Quantity>) -> usize {
    let inputs = info.shape.dims().last().copied().unwrap_or(1);
    let dtype = match quantity {
        Some(quantity) if !quantity.keeps(name, info.ggml_dtype) => quantity.dtype(inputs),
        _ => info.ggml_dtype,
    };
    info.shape.elem_count() / dtype.block_size() * dtype.type_size()
}
