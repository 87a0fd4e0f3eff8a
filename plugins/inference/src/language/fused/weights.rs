//! The packed weights: read once, shared by all sessions.

use benchhost_plugin_api::Error;
use benchhost_support::kernels::{
    attention::HEAD,
    lanes::LANES,
    quantised::{BLOCK, Matrix, Packing, Strip},
};
use candle_core::{
    Device,
    quantized::{GgmlDType, QStorage, QTensor},
};

use crate::language::gguf::{ModelFile, Sizes, Stored};

/// All weights of a model.
#[derive(Debug)]
pub(crate) struct Weights {
    pub(super) sizes: Sizes,
    /// Rows are tokens: the embedding, and as the last matrix the output.
    pub(super) embedding: Matrix,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Vec<Strip>,
}

/// One layer.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) attention_norm: Vec<Strip>,
    /// Queries, keys, values, one below the other. Rows of queries and keys are in the order in which positions turn.
    pub(super) attention_in: Matrix,
    pub(super) attention_out: Matrix,
    pub(super) inner_norm: Vec<Strip>,
    /// Gate and up, two tiles of each by turns.
    pub(super) gate_up: Matrix,
    pub(super) down: Matrix,
}

impl Weights {
    /// Reads and packs `file`; `packing` is that of the layers' matrices, into which others are requantised.
    ///
    /// # Errors
    /// The file cannot be read, or its sizes are not those the kernels are made for.
    pub(crate) fn new(file: &ModelFile, packing: Option<Packing>) -> Result<Self, Error> {
        let sizes = file.sizes()?;
        check(&sizes)?;
        if file.content.tensor_infos.contains_key("output.weight") {
            return Err(Error::config(
                "the file has an output of its own, the fused implementation takes the embedding for it; use \
                 implementation = \"candle\"",
            ));
        }
        let norm = |name: &str| strips(&file.tensor(name)?);
        let layer = |index: usize| {
            let name = |part: &str| format!("blk.{index}.{part}.weight");
            let read = |part: &str| Part::read(file, &name(part), packing);
            let (q, k, v) = (read("attn_q")?, read("attn_k")?, read("attn_v")?);
            let (gate, up) = (read("ffn_gate")?, read("ffn_up")?);
            let two = 2 * LANES;
            let by_turns = (0..sizes.inner / two).flat_map(|pair| {
                [&gate, &up]
                    .into_iter()
                    .flat_map(move |part| (0..two).map(move |row| part.row(pair * two + row)))
            });
            Ok(Layer {
                attention_norm: norm(&name("attn_norm"))?,
                attention_in: pack(
                    &[q.packing, k.packing, v.packing],
                    q.halves().chain(k.halves()).chain(v.rows()),
                    sizes.width,
                )?,
                attention_out: read("attn_output")?.matrix()?,
                inner_norm: norm(&name("ffn_norm"))?,
                gate_up: pack(&[gate.packing, up.packing], by_turns, sizes.width)?,
                down: read("ffn_down")?.matrix()?,
            })
        };
        Ok(Self {
            sizes,
            embedding: Part::read(file, "token_embd.weight", None)?.matrix()?,
            layers: (0..sizes.layers).map(layer).collect::<Result<_, Error>>()?,
            norm: norm("output_norm.weight")?,
        })
    }
}

/// A matrix as the file has it, or requantised: rows of blocks.
struct Part {
    packing: Packing,
    inputs: usize,
    bytes: Vec<u8>,
}

impl Part {
    fn read(file: &ModelFile, name: &str, packing: Option<Packing>) -> Result<Self, Error> {
        let stored = file.tensor(name)?;
        let inputs = stored.dims[1];
        let found = match stored.dtype {
            GgmlDType::Q4_1 => Packing::Q4_1,
            GgmlDType::Q8_0 => Packing::Q8_0,
            other => {
                return Err(Error::config(format!(
                    "tensor {name} is {other:?}, the fused implementation knows Q4_1 and Q8_0; use implementation = \
                     \"candle\""
                )));
            }
        };
        let packing = packing.unwrap_or(found);
        let bytes = if packing == found {
            stored.bytes
        } else {
            requantised(stored, packing)?
        };
        Ok(Self {
            packing,
            inputs,
            bytes,
        })
    }

    fn row(&self, index: usize) -> &[u8] {
        let size = self.packing.row_bytes(self.inputs);
        &self.bytes[index * size..][..size]
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.packing.row_bytes(self.inputs))
    }

    /// Rows in the order that turns value i with value i + 32: llama's files turn neighbours, 2i with 2i + 1.
    fn halves(&self) -> impl Iterator<Item = &[u8]> {
        let heads = self.rows().count() / HEAD;
        let row = |head, i| self.row(head * HEAD + i % (HEAD / 2) * 2 + i / (HEAD / 2));
        (0..heads).flat_map(move |head| (0..HEAD).map(move |i| row(head, i)))
    }

    fn matrix(&self) -> Result<Matrix, Error> {
        pack(&[self.packing], self.rows(), self.inputs)
    }
}

fn pack<'a>(
    packings: &[Packing],
    rows: impl Iterator<Item = &'a [u8]>,
    inputs: usize,
) -> Result<Matrix, Error> {
    if packings.iter().any(|packing| *packing != packings[0]) {
        return Err(Error::config(
            "the file mixes Q4_1 and Q8_0 within a layer, which the fused implementation cannot; use implementation = \
             \"candle\"",
        ));
    }
    let rows: Vec<&[u8]> = rows.collect();
    Ok(Matrix::pack(packings[0], &rows, inputs))
}

fn requantised(stored: Stored, packing: Packing) -> Result<Vec<u8>, Error> {
    let to = match packing {
        Packing::Q4_1 => GgmlDType::Q4_1,
        Packing::Q8_0 => GgmlDType::Q8_0,
    };
    let storage = QStorage::from_data(stored.bytes.into(), &Device::Cpu, stored.dtype)?;
    let tensor = QTensor::new(storage, stored.dims)?.dequantize(&Device::Cpu)?;
    Ok(QTensor::quantize(&tensor, to)?.data()?.into_owned())
}

/// Values of an f32 tensor in strips.
fn strips(stored: &Stored) -> Result<Vec<Strip>, Error> {
    if stored.dtype != GgmlDType::F32 {
        return Err(Error::config(format!(
            "weights of a norm are {:?}, expected F32",
            stored.dtype
        )));
    }
    let values = stored
        .bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes));
    let values: Vec<f32> = values.collect();
    Ok(values.as_chunks().0.to_vec())
}

/// Refuses sizes that the kernels are not made for.
fn check(sizes: &Sizes) -> Result<(), Error> {
    let Sizes {
        width,
        inner,
        heads,
        shared_heads,
        vocabulary,
        ..
    } = *sizes;
    let fits = width == heads * HEAD
        && shared_heads > 0
        && heads.is_multiple_of(shared_heads)
        && inner.is_multiple_of(BLOCK)
        && vocabulary.is_multiple_of(LANES);
    if fits {
        return Ok(());
    }
    Err(Error::config(format!(
        "the fused implementation cannot take a model of width {width}, {heads} heads ({shared_heads} of keys), inner width \
         {inner} and {vocabulary} tokens: it needs heads of {HEAD}, a multiple of {BLOCK} within and of {LANES} tokens; use \
         implementation = \"candle\""
    )))
}
