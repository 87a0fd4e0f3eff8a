//! Pooling of pixels with channels innermost.

use pulp::{Arch, Simd, WithSimd};

/// The largest of each 2 × 2 pixels: `lines` is `[2, width, channels]`, `out` `[width/2, channels]`.
///
/// # Panics
/// The sizes do not fit.
pub fn max_2x2(lines: &[f32], channels: usize, out: &mut [f32]) {
    assert_eq!(lines.len(), 4 * out.len(), "four pixels for each");
    assert_eq!(out.len() % channels, 0, "whole pixels");
    Arch::new().dispatch(Max {
        lines,
        channels,
        out,
    });
}

/// The mean of all rows: `x` is `[rows, out.len()]`.
///
/// # Panics
/// `x` is no whole number of rows, or has none.
pub fn mean(x: &[f32], out: &mut [f32]) {
    assert!(
        !x.is_empty() && x.len().is_multiple_of(out.len()),
        "whole rows"
    );
    Arch::new().dispatch(Mean { x, out });
}

struct Max<'a> {
    lines: &'a [f32],
    channels: usize,
    out: &'a mut [f32],
}

impl WithSimd for Max<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (upper, lower) = self.lines.split_at(self.lines.len() / 2);
        let pairs = upper.chunks_exact(2 * self.channels);
        let pairs = pairs.zip(lower.chunks_exact(2 * self.channels));
        for (out, (upper, lower)) in self.out.chunks_exact_mut(self.channels).zip(pairs) {
            let (a, b) = upper.split_at(self.channels);
            let (c, d) = lower.split_at(self.channels);
            for (out, ((a, b), (c, d))) in out.iter_mut().zip(a.iter().zip(b).zip(c.iter().zip(d)))
            {
                *out = larger(larger(*a, *b), larger(*c, *d));
            }
        }
    }
}

/// The larger one; a NaN stays.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b || a.is_nan() { a } else { b }
}

struct Mean<'a> {
    x: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Mean<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let columns = self.out.len();
        self.out.fill(0.0);
        for row in self.x.chunks_exact(columns) {
            for (out, x) in self.out.iter_mut().zip(row) {
                *out += x;
            }
        }
        let factor = columns as f32 / self.x.len() as f32;
        for out in self.out {
            *out *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_four_pixels_of_each_channel() {
        // Two lines of four pixels with two channels.
        let lines = [
            1.0,
            -1.0,
            5.0,
            -2.0,
            0.0,
            0.0,
            0.0,
            f32::NAN, //
            2.0,
            -3.0,
            3.0,
            -4.0,
            0.5,
            0.0,
            0.0,
            0.0,
        ];
        let mut out = [7.0; 4];

        max_2x2(&lines, 2, &mut out);

        assert_eq!(out[..3], [5.0, -1.0, 0.5]);
        assert!(out[3].is_nan());
    }

    #[test]
    fn the_mean_of_each_column() {
        let mut out = [7.0; 2];

        mean(&[1.0, 2.0, 3.0, 4.0, 5.0, 9.0], &mut out);

        assert_eq!(out, [3.0, 5.0]);
    }
}
