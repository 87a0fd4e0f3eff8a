//! Layer normalisation of the rows of a matrix, in place.
//!
//! Source: Ba, Kiros, Hinton (2016), arXiv:1607.06450; the variance is that of `torch.nn.LayerNorm` (divided by n).

use pulp::{Arch, Simd, WithSimd};

/// Numbers that a sum keeps apart: two vectors of 512 bits, so that one addition need not wait for the last.
const LANES: usize = 32;

/// Scale and shift of a layer normalisation.
#[derive(Debug, Clone)]
pub struct LayerNorm {
    /// Multiplies a normalised row.
    pub scale: Vec<f32>,
    /// Added to it then.
    pub shift: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f32,
}

impl LayerNorm {
    /// Normalises each row of `x`, `[rows, values of the scale]`, in place.
    ///
    /// # Panics
    /// `x` is no whole number of rows, or scale and shift differ in length.
    pub fn apply(&self, x: &mut [f32]) {
        assert_eq!(self.scale.len(), self.shift.len(), "a shift for each scale");
        assert_eq!(x.len() % self.scale.len(), 0, "whole rows");
        Arch::new().dispatch(Apply { norm: self, x });
    }
}

struct Apply<'a> {
    norm: &'a LayerNorm,
    x: &'a mut [f32],
}

impl WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let columns = self.norm.scale.len();
        let count = columns as f32;
        for row in self.x.chunks_exact_mut(columns) {
            let mean = sum(row, |x| x) / count;
            let variance = sum(row, |x| (x - mean) * (x - mean)) / count;
            let factor = 1.0 / (variance + self.norm.epsilon).sqrt();
            let affine = self.norm.scale.iter().zip(&self.norm.shift);
            for (x, (scale, shift)) in row.iter_mut().zip(affine) {
                *x = ((*x - mean) * factor).mul_add(*scale, *shift);
            }
        }
    }
}

/// Σ term(x).
#[inline(always)]
fn sum(x: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let (groups, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane += term(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane += term(*x);
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_length_are_those_of_the_definition() {
        for columns in [1, 7, 31, 32, 33, 64, 100, 384] {
            let value = |i: usize| (i * 7 % 23) as f32 / 4.0 - 2.0;
            let mut x: Vec<f32> = (0..3 * columns).map(value).collect();
            let plain = x.clone();
            let norm = LayerNorm {
                scale: (0..columns).map(|i| value(3 * i)).collect(),
                shift: (0..columns).map(|i| value(5 * i)).collect(),
                epsilon: 1e-5,
            };

            norm.apply(&mut x);

            for (found, plain) in x.chunks(columns).zip(plain.chunks(columns)) {
                let plain: Vec<f64> = plain.iter().map(|x| f64::from(*x)).collect();
                let mean = plain.iter().sum::<f64>() / columns as f64;
                let variance =
                    plain.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / columns as f64;
                for i in 0..columns {
                    let (scale, shift) = (f64::from(norm.scale[i]), f64::from(norm.shift[i]));
                    let expected = (plain[i] - mean) / (variance + 1e-5).sqrt() * scale + shift;
                    assert!((f64::from(found[i]) - expected).abs() < 2e-5, "{columns}");
                }
            }
        }
    }
}
