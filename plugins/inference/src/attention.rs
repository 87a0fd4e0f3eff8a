//! Attention of several heads on slices, without a tensor around them and without allocation.

use benchhost_support::kernels::{
    packed::{Finish, Out, Packed, Rows},
    rows::softmax,
};

/// Memory that attention works in; grows with the longest sequence seen.
#[derive(Debug, Clone)]
pub(crate) struct Attention {
    keys: Packed,
    values: Packed,
    scores: Vec<f32>,
    shares: Vec<f32>,
}

/// Queries, keys or values of a sequence: row by row, the heads beside each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads<'a> {
    /// Begins with the first row.
    pub values: &'a [f32],
    /// Values from one row to the next.
    pub stride: usize,
    pub rows: usize,
}

impl Attention {
    pub(crate) fn new() -> Self {
        Self {
            keys: Packed::empty(),
            values: Packed::empty(),
            scores: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// `out ← softmax(q·kᵀ)·v` for each of `heads` heads of `width` values; `out`: `[rows of q, heads · width]`. The
    /// factor 1/√width is part of `q` already.
    ///
    /// Source: Vaswani et al. (2017), arXiv:1706.03762.
    pub(crate) fn apply(
        &mut self,
        (q, k, v): (Heads<'_>, Heads<'_>, Heads<'_>),
        (heads, width): (usize, usize),
        out: &mut [f32],
    ) {
        let count = q.rows * k.rows;
        self.scores.resize(count, 0.0);
        self.shares.resize(count, 0.0);
        for head in 0..heads {
            let at = head * width;
            self.keys
                .pack(&k.values[at..], (width, k.rows), (1, k.stride));
            self.values
                .pack(&v.values[at..], (v.rows, width), (v.stride, 1));
            let queries = Rows::new(&q.values[at..], q.rows, q.stride);
            let scores = Out::new(&mut self.scores, k.rows);
            self.keys.product(queries, scores, Finish::PLAIN);
            softmax(&mut self.shares, &self.scores, k.rows, 1);
            let shares = Rows::new(&self.shares, q.rows, k.rows);
            let out = Out::new(&mut out[at..], heads * width);
            self.values.product(shares, out, Finish::PLAIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heads_are_the_plain_sums() {
        let (heads, width, rows, others) = (2, 3, 4, 5);
        let value = |i: usize| (i * 7 % 19) as f32 / 6.0 - 1.5;
        let draw = |rows: usize, step: usize| -> Vec<f32> {
            (0..rows * heads * width).map(|i| value(i * step)).collect()
        };
        let (q, k, v) = (draw(rows, 1), draw(others, 3), draw(others, 5));
        fn all(values: &[f32], rows: usize) -> Heads<'_> {
            Heads {
                values,
                stride: values.len() / rows,
                rows,
            }
        }
        let mut out = vec![0.0; rows * heads * width];

        Attention::new().apply(
            (all(&q, rows), all(&k, others), all(&v, others)),
            (heads, width),
            &mut out,
        );

        for (row, head) in (0..rows * heads).map(|i| (i / heads, i % heads)) {
            let at =
                |x: &[f32], row: usize, i: usize| f64::from(x[(row * heads + head) * width + i]);
            let weights: Vec<f64> = (0..others)
                .map(|j| {
                    (0..width)
                        .map(|i| at(&q, row, i) * at(&k, j, i))
                        .sum::<f64>()
                        .exp()
                })
                .collect();
            let total: f64 = weights.iter().sum();
            for i in 0..width {
                let sum: f64 = (0..others).map(|j| weights[j] * at(&v, j, i)).sum();
                assert!((at(&out, row, i) - sum / total).abs() < 1e-5);
            }
        }
    }
}
