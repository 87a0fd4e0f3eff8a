//! TinyVLM on slices: channels innermost, normalisations folded, no allocation after the first image.

use benchhost_plugin_api::Error;
use benchhost_support::kernels::{
    layer_norm::LayerNorm,
    packed::{Finish, Out, Packed, Rows},
    pool,
};

use super::weights::{
    CHANNELS, EPSILON, GRID, HEADS, HIDDEN, INNER, LAYERS, SIDE, TEXT, VISUAL, VOCABULARY,
};
use crate::{
    attention::{Attention, Heads},
    classify::{channels_last, fold_with, normalisation},
    tensors::Tensors,
};

/// Visual tokens of an image.
const PATCHES: usize = GRID * GRID;

/// The net and the memory it works in.
#[derive(Debug)]
pub(super) struct Net {
    convolutions: Vec<Packed>,
    visual: Packed,
    words: Vec<f32>,
    positions: Vec<f32>,
    layers: Vec<TextLayer>,
    text_norm: LayerNorm,
    projected: Packed,
    /// Queries, divided by √width of a head.
    cross_query: Packed,
    /// Keys and values in one.
    cross_kv: Packed,
    cross_out: Packed,
    cross_norm: LayerNorm,
    head: [Packed; 2],
    scratch: Scratch,
}

#[derive(Debug)]
struct TextLayer {
    norm: LayerNorm,
    /// Queries (divided by √width of a head), keys and values in one.
    qkv: Packed,
    out: Packed,
    inner_norm: LayerNorm,
    up: Packed,
    down: Packed,
}

#[derive(Debug)]
struct Scratch {
    /// Input of each convolution with a pixel of zeros around it.
    images: Vec<Vec<f32>>,
    /// Two lines of a convolution's output.
    lines: Vec<f32>,
    /// Sum of four lines of the last one, by columns.
    pixels: Vec<f32>,
    patches: Vec<f32>,
    vision: Vec<f32>,
    text: Vec<f32>,
    normal: Vec<f32>,
    wide: Vec<f32>,
    context: Vec<f32>,
    projected: Vec<f32>,
    pooled: [f32; VISUAL + TEXT],
    hidden: [f32; HIDDEN],
    attention: Attention,
}

impl Net {
    pub(super) fn new(tensors: &Tensors) -> Result<Self, Error> {
        let linear = |name: &str, inputs: usize, outputs: usize| {
            let (weights, bias) = weights_of(tensors, name, inputs, outputs)?;
            Ok::<_, Error>(Packed::new(weights, bias))
        };
        let convolution = |(index, pair): (usize, &[usize])| {
            let shape = [pair[1], pair[0], 3, 3];
            let weights = tensors.get(&format!("conv{index}.weight"), &shape)?;
            let norm = normalisation(tensors, &format!("bn{index}"), pair[1])?;
            let (weights, bias) = fold_with(weights, norm, EPSILON);
            let weights = channels_last(&weights, (pair[1], pair[0], 3));
            Ok::<_, Error>(Packed::new(&weights, &bias))
        };
        let text_layer = |layer: usize| {
            let name = |part: &str| format!("text.{layer}.{part}");
            Ok::<_, Error>(TextLayer {
                norm: norm(tensors, &name("norm1"), TEXT)?,
                qkv: with_scaled_queries(tensors, &name("qkv"), TEXT)?,
                out: linear(&name("out"), TEXT, TEXT)?,
                inner_norm: norm(tensors, &name("norm2"), TEXT)?,
                up: linear(&name("up"), TEXT, INNER)?,
                down: linear(&name("down"), INNER, TEXT)?,
            })
        };
        let (keys, keys_bias) = weights_of(tensors, "cross.k", VISUAL, VISUAL)?;
        let (values, values_bias) = weights_of(tensors, "cross.v", VISUAL, VISUAL)?;
        let convolutions = CHANNELS.windows(2).enumerate();
        Ok(Self {
            convolutions: convolutions.map(convolution).collect::<Result<_, _>>()?,
            visual: linear("visual", VISUAL, VISUAL)?,
            words: tensors.get("words", &[VOCABULARY, TEXT])?.to_vec(),
            positions: tensors
                .get("positions", &[super::weights::POSITIONS, TEXT])?
                .to_vec(),
            layers: (0..LAYERS).map(text_layer).collect::<Result<_, _>>()?,
            text_norm: norm(tensors, "text.norm", TEXT)?,
            projected: linear("projected", TEXT, VISUAL)?,
            cross_query: with_scaled_queries(tensors, "cross.q", VISUAL)?,
            cross_kv: Packed::new(&[keys, values].concat(), &[keys_bias, values_bias].concat()),
            cross_out: linear("cross.out", VISUAL, VISUAL)?,
            cross_norm: norm(tensors, "cross.norm", VISUAL)?,
            head: [
                linear("head.0", VISUAL + TEXT, HIDDEN)?,
                linear("head.1", HIDDEN, 1)?,
            ],
            scratch: Scratch::new(),
        })
    }

    /// The answer to `text` about `image`, `[64, 64, 3]`.
    ///
    /// # Panics
    /// More tokens than positions, or a token outside of the vocabulary: refused at creation.
    pub(super) fn answer(&mut self, image: &[f32], text: &[u32]) -> f32 {
        self.see(image);
        self.read(text);
        self.join(text.len())
    }

    /// Image to visual tokens, in `scratch.vision`.
    fn see(&mut self, image: &[f32]) {
        let Scratch {
            images,
            lines,
            pixels,
            patches,
            vision,
            ..
        } = &mut self.scratch;
        let padded = (SIDE + 2) * CHANNELS[0];
        for (y, pixels) in image.chunks_exact(SIDE * CHANNELS[0]).enumerate() {
            let at = (y + 1) * padded + CHANNELS[0];
            images[0][at..at + pixels.len()].copy_from_slice(pixels);
        }
        let last = self.convolutions.len() - 1;
        for (index, layer) in self.convolutions.iter().enumerate() {
            let (side, inputs, outputs) = (SIDE >> index, layer.inputs() / 9, layer.outputs());
            let (input, output) = images.split_at_mut(index + 1);
            let lines = &mut lines[..2 * side * outputs];
            for y in (0..side).step_by(2) {
                for (line, out) in lines.chunks_exact_mut(side * outputs).enumerate() {
                    let first = &input[index][(y + line) * (side + 2) * inputs..];
                    let windows = Rows::window(first, side, (side + 2, inputs), (3, 1));
                    layer.product(windows, Out::new(out, outputs), Finish::RELU);
                }
                if index < last {
                    let line = (side / 2 + 2) * outputs;
                    let out = &mut output[0][(y / 2 + 1) * line + outputs..];
                    pool::max_2x2(lines, outputs, &mut out[..side / 2 * outputs]);
                } else {
                    sum_patches(lines, (y, side), pixels, patches);
                }
            }
        }
        let patches = Rows::new(patches, PATCHES, VISUAL);
        self.visual
            .product(patches, Out::new(vision, VISUAL), Finish::PLAIN);
    }

    /// Text to its tokens, in `scratch.text`.
    fn read(&mut self, text: &[u32]) {
        let Scratch {
            text: x,
            normal,
            wide,
            context,
            attention,
            ..
        } = &mut self.scratch;
        let rows = text.len();
        x.resize(rows * TEXT, 0.0);
        wide.resize(rows * INNER, 0.0);
        context.resize(rows * TEXT, 0.0);
        let positions = self.positions.chunks_exact(TEXT);
        for ((row, token), position) in x.chunks_exact_mut(TEXT).zip(text).zip(positions) {
            let word = &self.words[*token as usize * TEXT..][..TEXT];
            for (x, (word, position)) in row.iter_mut().zip(word.iter().zip(position)) {
                *x = word + position;
            }
        }
        for layer in &self.layers {
            normal.clone_from(x);
            layer.norm.apply(normal);
            let stride = 3 * TEXT;
            let qkv = &mut wide[..rows * stride];
            layer.qkv.product(
                Rows::new(normal, rows, TEXT),
                Out::new(qkv, stride),
                Finish::PLAIN,
            );
            let part = |offset: usize| Heads {
                values: &qkv[offset..],
                stride,
                rows,
            };
            let qkv = (part(0), part(TEXT), part(2 * TEXT));
            attention.apply(qkv, (HEADS, TEXT / HEADS), context);
            layer.out.product(
                Rows::new(context, rows, TEXT),
                Out::new(x, TEXT),
                Finish::ADD,
            );
            normal.clone_from(x);
            layer.inner_norm.apply(normal);
            layer.up.product(
                Rows::new(normal, rows, TEXT),
                Out::new(wide, INNER),
                Finish::RELU,
            );
            layer
                .down
                .product(Rows::new(wide, rows, INNER), Out::new(x, TEXT), Finish::ADD);
        }
        self.text_norm.apply(x);
    }

    /// Attention from the visual tokens to those of the text, and the head.
    fn join(&mut self, rows: usize) -> f32 {
        let Scratch {
            patches,
            vision,
            text,
            wide,
            context,
            projected,
            pooled,
            hidden,
            attention,
            ..
        } = &mut self.scratch;
        projected.resize(rows * VISUAL, 0.0);
        wide.resize(rows * 2 * VISUAL, 0.0);
        context.resize(PATCHES * VISUAL, 0.0);
        let x = Rows::new(text, rows, TEXT);
        self.projected
            .product(x, Out::new(projected, VISUAL), Finish::PLAIN);
        let x = Rows::new(projected, rows, VISUAL);
        let stride = 2 * VISUAL;
        self.cross_kv
            .product(x, Out::new(wide, stride), Finish::PLAIN);
        // The patches are not needed any more: queries take their place.
        let x = Rows::new(vision, PATCHES, VISUAL);
        self.cross_query
            .product(x, Out::new(patches, VISUAL), Finish::PLAIN);
        let queries = Heads {
            values: patches,
            stride: VISUAL,
            rows: PATCHES,
        };
        let part = |offset: usize| Heads {
            values: &wide[offset..],
            stride,
            rows,
        };
        attention.apply(
            (queries, part(0), part(VISUAL)),
            (HEADS, VISUAL / HEADS),
            context,
        );
        let x = Rows::new(context, PATCHES, VISUAL);
        self.cross_out
            .product(x, Out::new(vision, VISUAL), Finish::ADD);
        self.cross_norm.apply(vision);
        let (seen, read) = pooled.split_at_mut(VISUAL);
        pool::mean(vision, seen);
        pool::mean(text, read);
        let [first, second] = &self.head;
        let x = Rows::new(&*pooled, 1, VISUAL + TEXT);
        first.product(x, Out::new(hidden, HIDDEN), Finish::RELU);
        let mut answer = [0.0];
        let x = Rows::new(&*hidden, 1, HIDDEN);
        second.product(x, Out::new(&mut answer, 1), Finish::PLAIN);
        answer[0]
    }

    /// Makes the layer after the convolutions wrong, for tests.
    #[cfg(test)]
    pub(super) fn disturb(&mut self) {
        let (inputs, outputs) = (self.visual.inputs(), self.visual.outputs());
        self.visual = Packed::new(&vec![0.01; inputs * outputs], &vec![0.0; outputs]);
    }
}

impl Scratch {
    fn new() -> Self {
        let image = |(index, channels): (usize, &usize)| {
            let side = (SIDE >> index) + 2;
            vec![0.0; side * side * channels]
        };
        Self {
            images: CHANNELS[..3].iter().enumerate().map(image).collect(),
            lines: vec![0.0; 2 * SIDE * CHANNELS[1]],
            pixels: vec![0.0; VISUAL],
            patches: vec![0.0; PATCHES * VISUAL],
            vision: vec![0.0; PATCHES * VISUAL],
            text: Vec::new(),
            normal: Vec::new(),
            wide: Vec::new(),
            context: Vec::new(),
            projected: Vec::new(),
            pooled: [0.0; VISUAL + TEXT],
            hidden: [0.0; HIDDEN],
            attention: Attention::new(),
        }
    }
}

/// Adds two lines from line `y` on of the last image, of `side` pixels, to the means of the patches they belong to.
fn sum_patches(lines: &[f32], (y, side): (usize, usize), pixels: &mut [f32], patches: &mut [f32]) {
    let patch = side / GRID;
    let share = 2.0 / patch as f32;
    let (upper, lower) = lines.split_at(side * VISUAL);
    for column in 0..GRID {
        let out = &mut patches[(y / patch * GRID + column) * VISUAL..][..VISUAL];
        if y.is_multiple_of(patch) {
            out.fill(0.0);
        }
        for line in [upper, lower] {
            pool::mean(&line[column * patch * VISUAL..][..patch * VISUAL], pixels);
            for (out, x) in out.iter_mut().zip(&*pixels) {
                *out += x * (share / 2.0);
            }
        }
    }
}

fn weights_of<'a>(
    tensors: &'a Tensors,
    name: &str,
    inputs: usize,
    outputs: usize,
) -> Result<(&'a [f32], &'a [f32]), Error> {
    let weights = tensors.get(&format!("{name}.weight"), &[outputs, inputs])?;
    Ok((weights, tensors.get(&format!("{name}.bias"), &[outputs])?))
}

/// A layer whose first `width` outputs are queries; they are divided by √width of a head.
fn with_scaled_queries(tensors: &Tensors, name: &str, width: usize) -> Result<Packed, Error> {
    let outputs = tensors.shape(&format!("{name}.bias"))?[0];
    let (weights, bias) = weights_of(tensors, name, width, outputs)?;
    let (mut weights, mut bias) = (weights.to_vec(), bias.to_vec());
    let scale = ((width / HEADS) as f32).sqrt().recip();
    weights[..width * width]
        .iter_mut()
        .for_each(|w| *w *= scale);
    bias[..width].iter_mut().for_each(|b| *b *= scale);
    Ok(Packed::new(&weights, &bias))
}

fn norm(tensors: &Tensors, name: &str, width: usize) -> Result<LayerNorm, Error> {
    let values = |part: &str| tensors.get(&format!("{name}.{part}"), &[width]);
    Ok(LayerNorm {
        scale: values("weight")?.to_vec(),
        shift: values("bias")?.to_vec(),
        epsilon: EPSILON,
    })
}
