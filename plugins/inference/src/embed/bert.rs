//! BERT's encoder on slices: weights packed at load, sentences of any length beside each other, no padding.
//!
//! Source: Devlin et al. (2018), arXiv:1810.04805; pooling as in sentence-transformers (Reimers & Gurevych (2019),
//! arXiv:1908.10084).

use benchhost_plugin_api::Error;
use benchhost_support::kernels::{
    gelu::{self, gelu},
    layer_norm::LayerNorm,
    packed::{Finish, Out, Packed, Rows},
};
use serde::Deserialize;

use crate::{
    attention::{Attention, Heads},
    tensors::Tensors,
};

/// Rows of the feed-forward layers that are computed at once: their 1536 values a row stay in the second-level cache.
const ROWS_AT_ONCE: usize = 64;

/// What `config.json` says of the shape.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shape {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_attention_heads: usize,
    pub num_hidden_layers: usize,
    pub max_position_embeddings: usize,
    pub vocab_size: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
    pub hidden_act: String,
}

/// An encoder ready to run.
#[derive(Debug)]
pub(crate) struct Bert {
    shape: Shape,
    /// `[vocabulary, hidden]`.
    words: Vec<f32>,
    /// `[positions, hidden]`, with the embedding of sentence type 0 added.
    positions: Vec<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    /// Queries (already divided by √width), keys and values in one.
    qkv: Packed,
    attended: Packed,
    attended_norm: LayerNorm,
    up: Packed,
    down: Packed,
    norm: LayerNorm,
}

/// Memory for one thread; grows with the largest batch seen.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    x: Vec<f32>,
    qkv: Vec<f32>,
    context: Vec<f32>,
    inner: Vec<f32>,
    active: Vec<f32>,
    attention: Attention,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            x: Vec::new(),
            qkv: Vec::new(),
            context: Vec::new(),
            inner: Vec::new(),
            active: Vec::new(),
            attention: Attention::new(),
        }
    }
}

impl Shape {
    /// Floating-point operations of the products for one sentence of `length` tokens.
    pub(crate) fn flop(&self, length: usize) -> f64 {
        let (hidden, inner, length) = (
            self.hidden_size as f64,
            self.intermediate_size as f64,
            length as f64,
        );
        let linear = 2.0 * length * (4.0 * hidden * hidden + 2.0 * hidden * inner);
        let attention = 4.0 * length * length * hidden;
        self.num_hidden_layers as f64 * (linear + attention)
    }

    /// Bytes to and from memory that `batch` sentences of `length` tokens need at least, all in f32: the weights of the layers
    /// and the first normalisation once, for each token its rows of the tables, each embedding. Rows of positions are the same
    /// for all sentences.
    pub(crate) fn bytes(&self, batch: usize, length: usize) -> f64 {
        let [hidden, inner, batch, length] =
            [self.hidden_size, self.intermediate_size, batch, length].map(|size| size as f64);
        // Queries, keys, values, output, each with a shift; up and down; two normalisations.
        let layer =
            4.0 * (hidden + 1.0) * hidden + 2.0 * hidden * inner + inner + hidden + 4.0 * hidden;
        let weights = self.num_hidden_layers as f64 * layer + 2.0 * hidden;
        let tables = (batch + 1.0) * length * hidden;
        4.0 * (weights + tables + batch * hidden)
    }

    /// Refuses what the layers here do not compute.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.hidden_act != "gelu" {
            return Err(Error::config(format!(
                "hidden_act of the model is \"{}\", expected \"gelu\"",
                self.hidden_act
            )));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(Error::config(format!(
                "hidden_size of the model is {}, expected a multiple of its {} heads",
                self.hidden_size, self.num_attention_heads
            )));
        }
        Ok(())
    }
}

impl Bert {
    /// Packs the weights of `tensors`, named as in Hugging Face's `BertModel`; each is freed when it is packed.
    pub(crate) fn new(shape: Shape, mut tensors: Tensors) -> Result<Self, Error> {
        let tensors = &mut tensors;
        shape.check()?;
        let hidden = shape.hidden_size;
        let mut table = |name: &str, rows: usize| {
            tensors.take(
                &format!("embeddings.{name}_embeddings.weight"),
                &[rows, hidden],
            )
        };
        let words = table("word", shape.vocab_size)?;
        let mut positions = table("position", shape.max_position_embeddings)?;
        let kind = &table("token_type", shape.type_vocab_size)?[..hidden];
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut().zip(kind).for_each(|(x, kind)| *x += kind);
        }
        Ok(Self {
            words,
            positions,
            norm: norm(tensors, "embeddings.LayerNorm", &shape)?,
            layers: (0..shape.num_hidden_layers)
                .map(|index| Layer::new(tensors, &format!("encoder.layer.{index}"), &shape))
                .collect::<Result<_, _>>()?,
            shape,
        })
    }

    /// The unit-length embedding of each sentence into `out`, `[sentences, hidden]`.
    ///
    /// # Panics
    /// A token is not in the vocabulary or a sentence is longer than the model's positions: checked at load.
    pub(crate) fn embed(&self, sentences: &[Vec<u32>], out: &mut [f32], scratch: &mut Scratch) {
        let hidden = self.shape.hidden_size;
        self.look_up(sentences, &mut scratch.x);
        for layer in &self.layers {
            layer.forward(sentences, &self.shape, scratch);
        }
        let mut x = &*scratch.x;
        for (sentence, out) in sentences.iter().zip(out.chunks_exact_mut(hidden)) {
            let (rows, rest) = x.split_at(sentence.len() * hidden);
            mean_of_unit_length(rows, out);
            x = rest;
        }
    }

    fn look_up(&self, sentences: &[Vec<u32>], x: &mut Vec<f32>) {
        let hidden = self.shape.hidden_size;
        let tokens: usize = sentences.iter().map(Vec::len).sum();
        x.resize(tokens * hidden, 0.0);
        let places = sentences
            .iter()
            .flat_map(|sentence| sentence.iter().enumerate());
        for (row, (position, token)) in x.chunks_exact_mut(hidden).zip(places) {
            let word = &self.words[*token as usize * hidden..][..hidden];
            let position = &self.positions[position * hidden..][..hidden];
            for (x, (word, position)) in row.iter_mut().zip(word.iter().zip(position)) {
                *x = word + position;
            }
        }
        self.norm.apply(x);
    }
}

impl Layer {
    fn new(tensors: &mut Tensors, name: &str, shape: &Shape) -> Result<Self, Error> {
        let (hidden, inner) = (shape.hidden_size, shape.intermediate_size);
        let mut linear = |part: &str, inputs: usize, outputs: usize| {
            let part = format!("{name}.{part}");
            let weights = tensors.take(&format!("{part}.weight"), &[outputs, inputs])?;
            Ok::<_, Error>((weights, tensors.take(&format!("{part}.bias"), &[outputs])?))
        };
        let scale = ((hidden / shape.num_attention_heads) as f32).sqrt().recip();
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (part, factor) in [("query", scale), ("key", 1.0), ("value", 1.0)] {
            let (w, b) = linear(&format!("attention.self.{part}"), hidden, hidden)?;
            weights.extend(w.iter().map(|w| w * factor));
            biases.extend(b.iter().map(|b| b * factor));
        }
        let qkv = Packed::new(&weights, &biases);
        let mut packed = |part, inputs, outputs| {
            linear(part, inputs, outputs).map(|(weights, bias)| Packed::new(&weights, &bias))
        };
        let attended = packed("attention.output.dense", hidden, hidden)?;
        let up = packed("intermediate.dense", hidden, inner)?;
        let down = packed("output.dense", inner, hidden)?;
        Ok(Self {
            qkv,
            attended,
            attended_norm: norm(
                tensors,
                &format!("{name}.attention.output.LayerNorm"),
                shape,
            )?,
            up,
            down,
            norm: norm(tensors, &format!("{name}.output.LayerNorm"), shape)?,
        })
    }

    /// Replaces the rows in `scratch.x` by those of the layer.
    fn forward(&self, sentences: &[Vec<u32>], shape: &Shape, scratch: &mut Scratch) {
        let Scratch {
            x,
            qkv,
            context,
            inner,
            active,
            attention,
        } = scratch;
        let (hidden, heads) = (shape.hidden_size, shape.num_attention_heads);
        let rows = x.len() / hidden;
        qkv.resize(3 * x.len(), 0.0);
        context.resize(x.len(), 0.0);
        let stride = 3 * hidden;
        self.qkv.product(
            Rows::new(x, rows, hidden),
            Out::new(qkv, stride),
            Finish::PLAIN,
        );
        let mut first = 0;
        for sentence in sentences {
            let rows = sentence.len();
            let part = |offset| Heads {
                values: &qkv[first * stride + offset..],
                stride,
                rows,
            };
            let context = &mut context[first * hidden..][..rows * hidden];
            attention.apply(
                (part(0), part(hidden), part(2 * hidden)),
                (heads, hidden / heads),
                context,
            );
            first += rows;
        }
        let context = Rows::new(context, rows, hidden);
        self.attended
            .product(context, Out::new(x, hidden), Finish::ADD);
        self.attended_norm.apply(x);
        for x in x.chunks_mut(ROWS_AT_ONCE * hidden) {
            let rows = x.len() / hidden;
            let width = self.up.outputs();
            inner.resize(rows * width, 0.0);
            active.resize(rows * width, 0.0);
            self.up.product(
                Rows::new(x, rows, hidden),
                Out::new(inner, width),
                Finish::PLAIN,
            );
            gelu(active, inner, gelu::Form::Erf, 1);
            let active = Rows::new(active, rows, width);
            self.down.product(active, Out::new(x, hidden), Finish::ADD);
            self.norm.apply(x);
        }
    }

    /// Makes the layer wrong, for tests.
    #[cfg(test)]
    fn disturb(&mut self) {
        self.norm.shift[0] += 1.0;
    }
}

#[cfg(test)]
impl Bert {
    /// Makes one number of the last layer wrong.
    pub(crate) fn disturb(&mut self) {
        self.layers.last_mut().unwrap().disturb();
    }
}

fn norm(tensors: &Tensors, name: &str, shape: &Shape) -> Result<LayerNorm, Error> {
    let values = |part: &str| tensors.get(&format!("{name}.{part}"), &[shape.hidden_size]);
    Ok(LayerNorm {
        scale: values("weight")?.to_vec(),
        shift: values("bias")?.to_vec(),
        epsilon: shape.layer_norm_eps,
    })
}

/// The direction of the mean of `rows`.
fn mean_of_unit_length(rows: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for row in rows.chunks_exact(out.len()) {
        out.iter_mut().zip(row).for_each(|(out, x)| *out += x);
    }
    let length = out.iter().map(|x| x * x).sum::<f32>().sqrt();
    out.iter_mut().for_each(|x| *x /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_a_small_encoder_is_what_a_hand_counts() {
        let shape = Shape {
            hidden_size: 4,
            intermediate_size: 6,
            num_hidden_layers: 2,
            num_attention_heads: 2,
            max_position_embeddings: 8,
            vocab_size: 10,
            type_vocab_size: 2,
            layer_norm_eps: 1e-12,
            hidden_act: "gelu".to_owned(),
        };

        // Four products of 4×4 and two of 4×6 for each token; 3×3 pairs of tokens, each twice a product of 4.
        let layer = 2.0 * 3.0 * (4.0 * 16.0 + 2.0 * 24.0) + 9.0 * 2.0 * (2.0 * 4.0);
        assert_eq!(shape.flop(3), 2.0 * layer);
        // A layer: 4·(16 + 4), 24 + 6, 24 + 4, 2·(4 + 4); the first normalisation 4 + 4; rows of 2·3 words and 3 positions;
        // two embeddings.
        let numbers = 2.0 * (80.0 + 30.0 + 28.0 + 16.0) + 8.0 + (6.0 + 3.0) * 4.0 + 2.0 * 4.0;
        assert_eq!(shape.bytes(2, 3), 4.0 * numbers);
    }
}
