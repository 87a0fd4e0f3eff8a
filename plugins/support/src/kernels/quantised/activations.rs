//! Activations in eight bits.

use super::{BLOCK, Strip};
use crate::kernels::lanes::{LANES, Lanes};

/// 32 activations of one token: `scale · values`.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(16))]
pub struct Block {
    pub(super) values: [i8; BLOCK],
    pub(super) scale: f32,
    /// `scale · Σ values`.
    pub(super) sum: f32,
    /// −128 · Σ values: undoes the offset of weights that are stored as unsigned bytes.
    pub(super) offset: i32,
}

impl Block {
    /// 32 zeros.
    pub const ZERO: Self = Self {
        values: [0; BLOCK],
        scale: 0.0,
        sum: 0.0,
        offset: 0,
    };

    /// The activations again, rounded as they are.
    #[must_use]
    pub fn dequantised(&self) -> [f32; BLOCK] {
        self.values.map(|value| f32::from(value) * self.scale)
    }
}

/// A block whose values are all smaller counts as 0: their scale would have no inverse in f32.
const SMALLEST: f32 = 1e-36;

/// Rounds 32 values to a scale of 1/127 of the largest magnitude.
#[inline(always)]
pub(crate) fn quantise<L: Lanes>(lanes: L, a: L::Floats, b: L::Floats) -> Block {
    let largest = lanes.largest_magnitude(a).max(lanes.largest_magnitude(b));
    let (scale, inverse) = if largest < SMALLEST {
        (0.0, 0.0)
    } else {
        (largest / 127.0, 127.0 / largest)
    };
    let (mut first, mut second) = ([0; LANES], [0; LANES]);
    let sum = lanes.to_bytes(a, inverse, &mut first) + lanes.to_bytes(b, inverse, &mut second);
    let mut values = [0; BLOCK];
    values[..LANES].copy_from_slice(&first);
    values[LANES..].copy_from_slice(&second);
    Block {
        values,
        scale,
        sum: scale * sum as f32,
        offset: -128 * sum,
    }
}

/// Root mean squares' inverse of each token of `x`, `[tiles][tokens]`: `1/√(mean x² + epsilon)`.
#[inline(always)]
pub(crate) fn inverse_norms<L: Lanes>(lanes: L, x: &[Strip], epsilon: f32, inverse: &mut [f32]) {
    let tokens = inverse.len();
    let values = (x.len() / tokens * LANES) as f32;
    for (token, inverse) in inverse.iter_mut().enumerate() {
        let mut sums = [lanes.splat(0.0); 4];
        for (index, strip) in x[token..].iter().step_by(tokens).enumerate() {
            let value = lanes.load(strip);
            sums[index % 4] = lanes.mul_add(value, value, sums[index % 4]);
        }
        let sum = lanes.sum(lanes.add(lanes.add(sums[0], sums[1]), lanes.add(sums[2], sums[3])));
        *inverse = 1.0 / (sum / values + epsilon).sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::{Kernel, with_lanes};

    struct Quantise<'a>(f32, &'a mut Block);

    impl Kernel for Quantise<'_> {
        #[inline(always)]
        fn run(self, lanes: impl Lanes) {
            *self.1 = quantise(lanes, lanes.splat(self.0), lanes.splat(self.0 / 2.0));
        }
    }

    #[test]
    fn values_too_small_for_a_scale_are_zero_and_others_are_near() {
        for (value, tolerance) in [(1e-44, 1e-36), (1e-37, 1e-36), (1e-35, 1e-37), (3.0, 0.02)] {
            let mut block = Block::ZERO;
            with_lanes(Quantise(value, &mut block));

            let found = block.dequantised();
            assert!((found[0] - value).abs() <= tolerance, "{value}: {found:?}");
            assert!(
                (found[BLOCK - 1] - value / 2.0).abs() <= tolerance,
                "{value}: {found:?}"
            );
            let sum: f32 = found.iter().sum();
            assert!((block.sum - sum).abs() <= 1e-5 * sum.max(1e-30), "{value}");
        }
    }
}
