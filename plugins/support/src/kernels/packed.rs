//! Products with weights that never change: packed once in the order in which the kernel reads them.
//!
//! A general product packs its operands anew in each call, which small ones do not earn back. Here the weights lie in
//! panels from the start, and bias, clamp and residual are done while the sums are still in registers. A convolution
//! over pixels with channels innermost is such a product, too: see [`Rows::window`].

mod kernel;

use pulp::Arch;

use self::kernel::Product;

/// Values of the widest vector; panels are multiples of it on every CPU, so that one layout fits all.
const GROUP: usize = 16;

/// Most groups of a panel: 3 × 8 rows are 24 of the 32 registers of AVX-512.
const WIDEST_PANEL: usize = 3;

/// Weights `[inputs, outputs]` and biases of a fully connected layer or a convolution.
#[derive(Debug, Clone)]
pub struct Packed {
    /// Panel after panel: `[inputs, columns of the panel]`, the last column padded with zeros.
    panels: Vec<f32>,
    /// Padded with zeros like the panels.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// Rows of a left operand inside a slice.
///
/// A row has `inputs` values in `segments` pieces of equal length, `segment_stride` apart; the next row begins
/// `stride` values later.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    values: &'a [f32],
    count: usize,
    stride: usize,
    segments: usize,
    segment_stride: usize,
}

impl<'a> Rows<'a> {
    /// `count` rows that begin `stride` values apart, each in one piece.
    #[must_use]
    pub fn new(values: &'a [f32], count: usize, stride: usize) -> Self {
        Self {
            values,
            count,
            stride,
            segments: 1,
            segment_stride: 0,
        }
    }

    /// The windows of a square convolution of size `size` along one row of output pixels: `count` windows, `step`
    /// pixels apart, in an image of `channels` innermost and `width` pixels (its padding included) that begins where
    /// the first window does. Weights are in the order (row, column, channel) of the window.
    #[must_use]
    pub fn window(
        values: &'a [f32],
        count: usize,
        (width, channels): (usize, usize),
        (size, step): (usize, usize),
    ) -> Self {
        Self {
            values,
            count,
            stride: step * channels,
            segments: size,
            segment_stride: width * channels,
        }
    }
}

/// Where the rows of a product go.
#[derive(Debug)]
pub struct Out<'a> {
    values: &'a mut [f32],
    stride: usize,
    line: usize,
    gap: usize,
}

impl<'a> Out<'a> {
    /// Rows that begin `stride` values apart.
    #[must_use]
    pub fn new(values: &'a mut [f32], stride: usize) -> Self {
        Self {
            values,
            stride,
            line: usize::MAX,
            gap: 0,
        }
    }

    /// After each `line` rows `gap` further values are left as they are: the padding of an image.
    #[must_use]
    pub fn with_gaps(self, line: usize, gap: usize) -> Self {
        Self { line, gap, ..self }
    }

    #[inline(always)]
    fn begin(&self, row: usize) -> usize {
        row * self.stride + row / self.line * self.gap
    }
}

/// What happens to a sum before it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finish {
    /// Smallest and largest value written; infinities for none.
    pub clamp: (f32, f32),
    /// The old value is added.
    pub add: bool,
}

impl Finish {
    /// The sum and its bias as they are.
    pub const PLAIN: Self = Self {
        clamp: (f32::NEG_INFINITY, f32::INFINITY),
        add: false,
    };
    /// Added to what is there.
    pub const ADD: Self = Self {
        add: true,
        ..Self::PLAIN
    };
    /// max(0, x).
    pub const RELU: Self = Self {
        clamp: (0.0, f32::INFINITY),
        add: false,
    };
    /// min(max(0, x), 6).
    pub const RELU6: Self = Self {
        clamp: (0.0, 6.0),
        add: false,
    };
}

impl Packed {
    /// An empty one, to be filled by [`pack`](Self::pack).
    #[must_use]
    pub fn empty() -> Self {
        Self {
            panels: Vec::new(),
            bias: Vec::new(),
            inputs: 0,
            outputs: 0,
        }
    }

    /// Packs `weights`, `[outputs, inputs]` row by row as torch keeps them, with a bias for each output.
    ///
    /// # Panics
    /// The sizes do not fit.
    #[must_use]
    pub fn new(weights: &[f32], bias: &[f32]) -> Self {
        let outputs = bias.len();
        let inputs = weights.len() / outputs;
        assert_eq!(weights.len(), inputs * outputs, "values of the weights");
        let mut packed = Self::empty();
        packed.pack(weights, (inputs, outputs), (1, inputs));
        packed.bias[..outputs].copy_from_slice(bias);
        packed
    }

    /// Packs other weights into the same memory, without bias: weight (i, o) of `[inputs, outputs]` lies at
    /// `i · strides.0 + o · strides.1`, and one of the strides is 1.
    ///
    /// # Panics
    /// A weight would lie outside of `values`, or no stride is 1.
    pub fn pack(
        &mut self,
        values: &[f32],
        (inputs, outputs): (usize, usize),
        (input_stride, output_stride): (usize, usize),
    ) {
        assert!(input_stride == 1 || output_stride == 1, "a stride of 1");
        let padded = outputs.next_multiple_of(GROUP);
        (self.inputs, self.outputs) = (inputs, outputs);
        self.panels.resize(inputs * padded, 0.0);
        self.bias.clear();
        self.bias.resize(padded, 0.0);
        for (first, groups) in panels(outputs) {
            let width = groups * GROUP;
            let panel = &mut self.panels[first * inputs..][..width * inputs];
            let columns = width.min(outputs - first);
            if columns < width {
                panel.fill(0.0);
            }
            if output_stride == 1 {
                for (i, row) in panel.chunks_exact_mut(width).enumerate() {
                    row[..columns].copy_from_slice(&values[i * input_stride + first..][..columns]);
                }
            } else {
                for o in 0..columns {
                    let column = &values[(first + o) * output_stride..][..inputs];
                    for (row, value) in panel.chunks_exact_mut(width).zip(column) {
                        row[o] = *value;
                    }
                }
            }
        }
    }

    /// Values of a row of the left operand.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Values of a row of the product.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Bytes of the packed weights and biases.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * (self.panels.len() + self.bias.len())
    }

    /// `out ← finish(x · weights + bias)`: a row of `outputs` values for each of `x`. 2·m·n·k operations on the
    /// caller's thread.
    ///
    /// # Panics
    /// A row would lie outside of its slice.
    pub fn product(&self, x: Rows<'_>, out: Out<'_>, finish: Finish) {
        assert!(out.stride >= self.outputs, "stride of the product");
        if x.count == 0 {
            return;
        }
        assert_eq!(self.inputs % x.segments, 0, "pieces of a row");
        Arch::new().dispatch(Product {
            packed: self,
            x,
            out,
            finish,
        });
    }
}

/// First column and groups of each panel: as wide as possible, none of one group beside a wide one if it can be helped.
fn panels(outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut left = outputs.div_ceil(GROUP);
    let mut first = 0;
    std::iter::from_fn(move || {
        let groups = match left {
            0 => return None,
            // Two of 2 are faster than one of 3 and one of 1.
            4.. if left % WIDEST_PANEL == 1 => 2,
            _ => left.min(WIDEST_PANEL),
        };
        let panel = (first, groups);
        left -= groups;
        first += groups * GROUP;
        Some(panel)
    })
}

#[cfg(test)]
mod tests;
