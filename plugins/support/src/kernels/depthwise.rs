//! Convolutions in which each channel sees only itself, over pixels with channels innermost.
//!
//! The vectors lie along the channels; several pixels of a line are summed at once, so that a weight that was loaded
//! serves all of them. Padding is the caller's: zeros around the image.

use pulp::{Arch, Simd, WithSimd};

use super::packed::Finish;

/// Pixels of a line that are summed at once: the widths of ImageNet's nets (7, 14, … 112) are multiples of it.
const PIXELS: usize = 7;

/// Weights and biases of a depthwise convolution.
#[derive(Debug, Clone)]
pub struct Depthwise {
    /// `[size, size, channels]`.
    weights: Vec<f32>,
    bias: Vec<f32>,
    size: usize,
    step: usize,
}

/// Lines of an image, padding included.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// `[lines, width, channels]`.
    pub values: &'a [f32],
    /// Pixels of a line.
    pub width: usize,
}

impl Depthwise {
    /// A convolution with windows of `size` × `size`, `step` pixels apart. `weights`: `[channels, size, size]` as torch
    /// keeps them; `bias` for each channel.
    ///
    /// # Panics
    /// The sizes do not fit, or `size` is neither 3 nor 5 or `step` neither 1 nor 2.
    #[must_use]
    pub fn new(weights: &[f32], bias: &[f32], (size, step): (usize, usize)) -> Self {
        let channels = bias.len();
        let taps = size * size;
        assert!(
            [3, 5].contains(&size) && [1, 2].contains(&step),
            "known windows"
        );
        assert_eq!(weights.len(), channels * taps, "values of the weights");
        let weights = (0..channels * taps).map(|at| weights[at % channels * taps + at / channels]);
        Self {
            weights: weights.collect(),
            bias: bias.to_vec(),
            size,
            step,
        }
    }

    /// Channels of input and output.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Width and height of a window.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Pixels from one window to the next.
    #[must_use]
    pub fn step(&self) -> usize {
        self.step
    }

    /// Bytes of weights and biases.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * (self.weights.len() + self.bias.len())
    }

    /// Fills `out`, `[lines, width, channels]`, from the windows that begin with the first line and pixel of `x`.
    /// `finish` does not add. 2·size² operations for each value, on the caller's thread.
    ///
    /// # Panics
    /// A window would lie outside of `x`.
    pub fn product(&self, x: Lines<'_>, out: &mut [f32], width: usize, finish: Finish) {
        assert!(!finish.add, "a depthwise product is not added");
        assert_eq!(out.len() % (width * self.channels()), 0, "whole lines");
        let call = Product {
            layer: self,
            x,
            out,
            width,
            clamp: finish.clamp,
        };
        Arch::new().dispatch(call);
    }
}

struct Product<'a> {
    layer: &'a Depthwise,
    x: Lines<'a>,
    out: &'a mut [f32],
    width: usize,
    clamp: (f32, f32),
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match (self.layer.size, self.layer.step) {
            (3, 1) => lines::<S, 3, 1>(simd, self),
            (3, _) => lines::<S, 3, 2>(simd, self),
            (_, 1) => lines::<S, 5, 1>(simd, self),
            (..) => lines::<S, 5, 2>(simd, self),
        }
    }
}

#[inline(always)]
fn lines<S: Simd, const SIZE: usize, const STEP: usize>(simd: S, call: Product<'_>) {
    let channels = call.layer.channels();
    let line = call.x.width * channels;
    for (index, out) in call.out.chunks_exact_mut(call.width * channels).enumerate() {
        let x = &call.x.values[index * STEP * line..];
        for first in (0..channels).step_by(S::F32_LANES) {
            let place = Place {
                line,
                channels,
                first,
                end: channels.min(first + S::F32_LANES),
            };
            let mut pixel = 0;
            while pixel + PIXELS <= call.width {
                pixels::<S, SIZE, STEP, PIXELS>(
                    simd,
                    (call.layer, call.clamp),
                    (x, out),
                    (place, pixel),
                );
                pixel += PIXELS;
            }
            while pixel < call.width {
                pixels::<S, SIZE, STEP, 1>(
                    simd,
                    (call.layer, call.clamp),
                    (x, out),
                    (place, pixel),
                );
                pixel += 1;
            }
        }
    }
}

/// Which channels of which lines.
#[derive(Clone, Copy)]
struct Place {
    /// Values of a line of the input.
    line: usize,
    channels: usize,
    /// First channel of the vector, and the one after its last.
    first: usize,
    end: usize,
}

/// One vector of channels for `P` pixels of a line.
#[inline(always)]
fn pixels<S: Simd, const SIZE: usize, const STEP: usize, const P: usize>(
    simd: S,
    (layer, (low, high)): (&Depthwise, (f32, f32)),
    (x, out): (&[f32], &mut [f32]),
    (place, pixel): (Place, usize),
) {
    let Place {
        line,
        channels,
        first,
        end,
    } = place;
    let mut sums = [load(simd, &layer.bias[first..end]); P];
    for ky in 0..SIZE {
        let x = &x[ky * line + pixel * STEP * channels..][..((P - 1) * STEP + SIZE) * channels];
        for kx in 0..SIZE {
            let at = (ky * SIZE + kx) * channels;
            let weight = load(simd, &layer.weights[at + first..at + end]);
            for (p, sum) in sums.iter_mut().enumerate() {
                let at = (p * STEP + kx) * channels;
                *sum = simd.mul_add_f32s(load(simd, &x[at + first..at + end]), weight, *sum);
            }
        }
    }
    let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
    for (p, sum) in sums.into_iter().enumerate() {
        let at = (pixel + p) * channels;
        // The limits come first, so that a NaN stays one.
        let sum = simd.min_f32s(high, simd.max_f32s(low, sum));
        let out = &mut out[at + first..at + end];
        match S::as_mut_simd_f32s(out).0 {
            [whole] => *whole = sum,
            _ => simd.partial_store_f32s(out, sum),
        }
    }
}

#[inline(always)]
fn load<S: Simd>(simd: S, values: &[f32]) -> S::f32s {
    match S::as_simd_f32s(values).0 {
        [whole] => *whole,
        _ => simd.partial_load_f32s(values),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn every_window_and_size_is_the_plain_sum(
            (height, width, channels) in (1usize..4, 1usize..17, 1usize..40),
            (size, step) in (prop_oneof![Just(3usize), Just(5)], 1usize..3),
        ) {
            let (lines, line) = ((height - 1) * step + size, (width - 1) * step + size);
            let value = |i: usize| (i % 17) as f32 / 8.0 - 1.0;
            let x: Vec<f32> = (0..lines * line * channels).map(|i| value(5 * i)).collect();
            let weights: Vec<f32> = (0..channels * size * size).map(|i| value(7 * i)).collect();
            let bias: Vec<f32> = (0..channels).map(value).collect();
            let mut out = vec![7.0; height * width * channels];

            let layer = Depthwise::new(&weights, &bias, (size, step));
            let input = Lines { values: &x, width: line };
            layer.product(input, &mut out, width, Finish::RELU6);

            for (at, found) in out.iter().enumerate() {
                let (oy, ox, c) = (at / channels / width, at / channels % width, at % channels);
                let mut sum = f64::from(bias[c]);
                for (ky, kx) in (0..size * size).map(|tap| (tap / size, tap % size)) {
                    let weight = weights[(c * size + ky) * size + kx];
                    let x = x[((oy * step + ky) * line + ox * step + kx) * channels + c];
                    sum += f64::from(weight) * f64::from(x);
                }
                let expected = sum.clamp(0.0, 6.0);
                prop_assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} is not {expected}");
            }
        }
    }
}
