//! EfficientNet-Lite0 on slices: channels innermost, batch normalisation folded into the convolutions at load.
//!
//! A block runs in strips of lines: expanded lines, the depthwise convolution over them and the projection follow each
//! other while the lines are in the second-level cache; its widest values, six times those of its input, never go to
//! memory as a whole.
//!
//! Source: Tan & Le (2019), arXiv:1905.11946; the Lite variant without squeeze-and-excitation and with ReLU6 is
//! TensorFlow's, `efficientnet/lite`.

use benchhost_plugin_api::Error;
use benchhost_support::kernels::{
    depthwise::{Depthwise, Lines},
    packed::{Finish, Out, Packed, Rows},
    pool,
};

use super::layout::{Layout, same};
use crate::tensors::Tensors;

/// Bytes of expanded lines that are worked on at once: with the depthwise result and the weights they fit into a
/// second-level cache of 1 MiB.
const STRIP_BYTES: usize = 384 << 10;

/// The net, ready to run.
#[derive(Debug)]
pub(crate) struct Net {
    /// 3 × 3, step 2, `[colours → channels]`.
    stem: Packed,
    blocks: Vec<Block>,
    head: Packed,
    classes: Packed,
    layout: Layout,
}

#[derive(Debug)]
struct Block {
    expand: Option<Packed>,
    depthwise: Depthwise,
    project: Packed,
    /// The input is added to the output, in place.
    skips: bool,
}

/// Memory for one image; grows to what the net needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    padded: Vec<f32>,
    x: Vec<f32>,
    next: Vec<f32>,
    lines: Vec<f32>,
    deep: Vec<f32>,
    pooled: Vec<f32>,
}

impl Net {
    /// Folds and packs the weights of `tensors`.
    pub(crate) fn new(layout: Layout, tensors: &Tensors) -> Result<Self, Error> {
        let (stem, bias) = layout.folded(tensors, "_conv_stem", "_bn0")?;
        let [outputs, inputs, size, _] = layout.shape_of(tensors, "_conv_stem")?;
        let classes = tensors.shape("_fc.weight")?.to_vec();
        Ok(Self {
            stem: Packed::new(&channels_last(&stem, (outputs, inputs, size)), &bias),
            blocks: (0..layout.steps.len())
                .map(|index| Block::new(&layout, tensors, index))
                .collect::<Result<_, _>>()?,
            head: {
                let (weights, bias) = layout.folded(tensors, "_conv_head", "_bn1")?;
                Packed::new(&weights, &bias)
            },
            classes: Packed::new(
                tensors.get("_fc.weight", &classes)?,
                tensors.get("_fc.bias", &classes[..1])?,
            ),
            layout,
        })
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.classes.outputs()
    }

    /// The logits of one image, `[side, side, 3]`.
    pub(crate) fn classify(&self, image: &[f32], logits: &mut [f32], scratch: &mut Scratch) {
        let mut side = self.stem(image, scratch);
        for block in &self.blocks {
            side = block.forward(side, scratch);
        }
        let Scratch {
            x, next, pooled, ..
        } = scratch;
        let (pixels, width) = (side * side, self.head.outputs());
        resize(next, pixels * width);
        let x = Rows::new(x, pixels, self.head.inputs());
        self.head.product(x, Out::new(next, width), Finish::RELU6);
        resize(pooled, width);
        pool::mean(next, pooled);
        let pooled = Rows::new(pooled, 1, width);
        let logits = Out::new(logits, self.classes());
        self.classes.product(pooled, logits, Finish::PLAIN);
    }

    /// Fills `scratch.x` with the first layer; returns its side in pixels.
    fn stem(&self, image: &[f32], scratch: &mut Scratch) -> usize {
        let (side, colours) = (self.layout.side, 3);
        let (size, step) = (3, 2);
        let (outputs, before, padded) = same(side, size, step);
        let line = padded * colours;
        scratch.padded.clear();
        scratch.padded.resize(padded * line, 0.0);
        for (y, pixels) in image.chunks_exact(side * colours).enumerate() {
            let at = (y + before) * line + before * colours;
            scratch.padded[at..at + pixels.len()].copy_from_slice(pixels);
        }
        let width = self.stem.outputs();
        resize(&mut scratch.x, outputs * outputs * width);
        for (y, out) in scratch.x.chunks_exact_mut(outputs * width).enumerate() {
            let first = &scratch.padded[y * step * line..];
            let windows = Rows::window(first, outputs, (padded, colours), (size, step));
            self.stem
                .product(windows, Out::new(out, width), Finish::RELU6);
        }
        outputs
    }
}

impl Block {
    fn new(layout: &Layout, tensors: &Tensors, index: usize) -> Result<Self, Error> {
        let name = |part: &str| format!("_blocks.{index}.{part}");
        let folded = |conv: &str, norm: &str| layout.folded(tensors, &name(conv), &name(norm));
        let expand = match tensors.has(&name("_expand_conv.weight")) {
            true => {
                let (weights, bias) = folded("_expand_conv", "_bn0")?;
                Some(Packed::new(&weights, &bias))
            }
            false => None,
        };
        let [_, _, size, _] = layout.shape_of(tensors, &name("_depthwise_conv"))?;
        let (weights, bias) = folded("_depthwise_conv", "_bn1")?;
        let step = layout.steps[index];
        let depthwise = Depthwise::new(&weights, &bias, (size, step));
        let (weights, bias) = folded("_project_conv", "_bn2")?;
        let project = Packed::new(&weights, &bias);
        let inputs = expand.as_ref().map_or(depthwise.channels(), Packed::inputs);
        Ok(Self {
            skips: step == 1 && inputs == project.outputs(),
            expand,
            depthwise,
            project,
        })
    }

    /// Replaces the image of `side` × `side` pixels in `scratch.x` by that of the block; returns its side.
    ///
    /// Where the input is added, the output goes to its place: a strip of output lines lies above the input lines
    /// that have not been expanded yet.
    fn forward(&self, side: usize, scratch: &mut Scratch) -> usize {
        let channels = self.depthwise.channels();
        let (size, step) = (self.depthwise.size(), self.depthwise.step());
        let (outputs, before, padded) = same(side, size, step);
        let line = padded * channels;
        let at_once = strip(line, (size, step)).min(outputs);
        let Scratch {
            x,
            next,
            lines,
            deep,
            ..
        } = scratch;
        resize(lines, ((at_once - 1) * step + size) * line);
        resize(deep, at_once * outputs * channels);
        let width = self.project.outputs();
        if !self.skips {
            resize(next, outputs * outputs * width);
        }
        // The padding at both ends of the lines: products leave it alone.
        for line in lines.chunks_exact_mut(line) {
            line[..before * channels].fill(0.0);
            line[(before + side) * channels..].fill(0.0);
        }
        // Lines counted from the first of the padding above the image.
        let mut made = 0;
        for top in (0..outputs).step_by(at_once) {
            let count = at_once.min(outputs - top);
            let (first, end) = (top * step, (top + count - 1) * step + size);
            let kept = made - first.min(made);
            if top > 0 {
                let moved = at_once * step * line;
                lines.copy_within(moved..moved + kept * line, 0);
            }
            let new = &mut lines[kept * line..(end - first) * line];
            self.fill(&x[..], (side, before), (first + kept, end), new);
            made = end;
            let deep = &mut deep[..count * outputs * channels];
            let input = Lines {
                values: lines,
                width: padded,
            };
            self.depthwise.product(input, deep, outputs, Finish::RELU6);
            let rows = Rows::new(deep, count * outputs, channels);
            let (out, finish) = match self.skips {
                true => (&mut *x, Finish::ADD),
                false => (&mut *next, Finish::PLAIN),
            };
            let out = Out::new(&mut out[top * outputs * width..], width);
            self.project.product(rows, out, finish);
        }
        if !self.skips {
            std::mem::swap(x, next);
        }
        outputs
    }

    /// Fills the padded lines `from` to `end` of the depthwise input, counted from the first of the padding.
    fn fill(
        &self,
        x: &[f32],
        (side, before): (usize, usize),
        (from, end): (usize, usize),
        out: &mut [f32],
    ) {
        let channels = self.depthwise.channels();
        let line = out.len() / (end - from);
        // The lines of the image among them; there may be none at all.
        let first = from.max(before).min(end);
        let after = end.min(before + side).max(first);
        let (head, rest) = out.split_at_mut((first - from) * line);
        let (body, tail) = rest.split_at_mut((after - first) * line);
        head.fill(0.0);
        tail.fill(0.0);
        if body.is_empty() {
            return;
        }
        let (first, lines) = (first - before, after - first);
        match &self.expand {
            Some(expand) => {
                let inputs = expand.inputs();
                let x = Rows::new(&x[first * side * inputs..], lines * side, inputs);
                let gap = line - side * channels;
                let body = &mut body[before * channels..];
                let out = Out::new(body, channels).with_gaps(side, gap);
                expand.product(x, out, Finish::RELU6);
            }
            None => {
                let x = x[first * side * channels..].chunks_exact(side * channels);
                for (line, x) in body.chunks_exact_mut(line).zip(x) {
                    line[before * channels..][..x.len()].copy_from_slice(x);
                }
            }
        }
    }
}

#[cfg(test)]
impl Net {
    /// Makes the weights of the last block wrong.
    pub(crate) fn disturb(&mut self) {
        let last = self.blocks.last_mut().unwrap();
        let (inputs, outputs) = (last.project.inputs(), last.project.outputs());
        last.project = Packed::new(&vec![0.01; inputs * outputs], &vec![0.0; outputs]);
    }
}

/// Output lines of a strip whose input lines have `line` values.
fn strip(line: usize, (size, step): (usize, usize)) -> usize {
    let lines = STRIP_BYTES / 4 / line;
    lines.saturating_sub(size) / step + 1
}

/// Sets the length without touching what is there.
fn resize(values: &mut Vec<f32>, length: usize) {
    values.resize(length, 0.0);
}

/// `[outputs, inputs, size, size]` to `[outputs, size, size, inputs]`.
pub(crate) fn channels_last(
    weights: &[f32],
    (outputs, inputs, size): (usize, usize, usize),
) -> Vec<f32> {
    let taps = size * size;
    let at = |i: usize| {
        let (output, tap, input) = (i / inputs / taps, i / inputs % taps, i % inputs);
        weights[(output * inputs + input) * taps + tap]
    };
    (0..outputs * taps * inputs).map(at).collect()
}
