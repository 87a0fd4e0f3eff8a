//! Softmax and log-sum-exp of the rows of a matrix, forward and backward.
//!
//! The largest value of a row is taken out before the exponential, so that none overflows. Rows with infinities give
//! what PyTorch gives: softmax of a row with +∞, or of nothing but −∞, is NaN; its log-sum-exp is +∞ or −∞.

use pulp::{Arch, Simd, WithSimd};

use super::{
    exp::exp,
    vector::{LANES, combine, for_each_group, share_rows},
};

/// `out ← softmax(x)` row by row; both `[rows, columns]`. `threads` 1 stays on the caller's thread, more use its pool
/// of rayon and share the rows.
///
/// # Panics
/// The lengths differ, or are no multiple of `columns`.
pub fn softmax(out: &mut [f32], x: &[f32], columns: usize, threads: usize) {
    assert_eq!(out.len(), x.len(), "as many results as values");
    share_rows(out, (columns, columns), threads, |from, out| {
        let x = &x[from * columns..][..out.len()];
        Arch::new().dispatch(Softmax { out, x, columns });
    });
}

/// `out ← y∘(grad − Σ grad∘y)` row by row: the gradient of what [`softmax`] was given, from its result `y` and the
/// gradient of that.
///
/// # Panics
/// The lengths differ, or are no multiple of `columns`.
pub fn softmax_backward(out: &mut [f32], y: &[f32], grad: &[f32], columns: usize, threads: usize) {
    assert_eq!(out.len(), y.len(), "as many results as values");
    assert_eq!(out.len(), grad.len(), "as many results as gradients");
    share_rows(out, (columns, columns), threads, |from, out| {
        let part = from * columns..from * columns + out.len();
        let (y, grad) = (&y[part.clone()], &grad[part]);
        Arch::new().dispatch(SoftmaxBackward {
            out,
            y,
            grad,
            columns,
        });
    });
}

/// `out[i] ← ln Σⱼ exp(x[i, j])`; `x` is `[out.len(), columns]`. −∞ for rows without columns.
///
/// # Panics
/// `x` is not of that size.
pub fn log_sum_exp(out: &mut [f32], x: &[f32], columns: usize, threads: usize) {
    assert_eq!(x.len(), out.len() * columns, "a row for each result");
    share_rows(out, (1, columns), threads, |from, out| {
        let x = &x[from * columns..][..out.len() * columns];
        Arch::new().dispatch(LogSumExp { out, x, columns });
    });
}

/// `out[i, j] ← grad[i]·exp(x[i, j] − result[i])`: the gradient of what [`log_sum_exp`] was given, from its result and
/// the gradient of that.
///
/// # Panics
/// The sizes do not fit together.
pub fn log_sum_exp_backward(
    out: &mut [f32],
    x: &[f32],
    (result, grad): (&[f32], &[f32]),
    threads: usize,
) {
    assert_eq!(out.len(), x.len(), "as many results as values");
    assert_eq!(result.len(), grad.len(), "as many gradients as results");
    let columns = x.len() / result.len().max(1);
    assert_eq!(x.len(), result.len() * columns, "a row for each result");
    share_rows(out, (columns, columns), threads, |from, out| {
        let x = &x[from * columns..][..out.len()];
        let (result, grad) = (&result[from..], &grad[from..]);
        Arch::new().dispatch(LogSumExpBackward {
            out,
            x,
            result,
            grad,
            columns,
        });
    });
}

struct Softmax<'a> {
    out: &'a mut [f32],
    x: &'a [f32],
    columns: usize,
}

impl WithSimd for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.x.chunks_exact(self.columns);
        for (out, x) in self.out.chunks_exact_mut(self.columns).zip(rows) {
            let largest = largest(x);
            let total = exponentials(out, x, largest);
            let scale = 1.0 / total;
            for value in out {
                *value *= scale;
            }
        }
    }
}

struct SoftmaxBackward<'a> {
    out: &'a mut [f32],
    y: &'a [f32],
    grad: &'a [f32],
    columns: usize,
}

impl WithSimd for SoftmaxBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.y.chunks_exact(self.columns);
        let rows = rows.zip(self.grad.chunks_exact(self.columns));
        for (out, (y, grad)) in self.out.chunks_exact_mut(self.columns).zip(rows) {
            let mean = dot(y, grad);
            for (out, (y, grad)) in out.iter_mut().zip(y.iter().zip(grad)) {
                *out = y * (grad - mean);
            }
        }
    }
}

struct LogSumExp<'a> {
    out: &'a mut [f32],
    x: &'a [f32],
    columns: usize,
}

impl WithSimd for LogSumExp<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if self.columns == 0 {
            return self.out.fill(f32::NEG_INFINITY);
        }
        let rows = self.x.chunks_exact(self.columns);
        for (out, x) in self.out.iter_mut().zip(rows) {
            let largest = largest(x);
            // An infinite one is not taken out: ∞ − ∞ would be NaN.
            let shift = if largest.is_finite() { largest } else { 0.0 };
            *out = total(x, shift).ln() + shift;
        }
    }
}

struct LogSumExpBackward<'a> {
    out: &'a mut [f32],
    x: &'a [f32],
    result: &'a [f32],
    grad: &'a [f32],
    columns: usize,
}

impl WithSimd for LogSumExpBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.x.chunks_exact(self.columns);
        let rows = rows.zip(self.result.iter().zip(self.grad));
        for (out, (x, (result, grad))) in self.out.chunks_exact_mut(self.columns).zip(rows) {
            for (out, x) in out.iter_mut().zip(x) {
                *out = grad * exp(x - result);
            }
        }
    }
}

/// The largest value that is a number, −∞ without one.
#[inline(always)]
pub(super) fn largest(x: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for_each_group(x, f32::NEG_INFINITY, |group| {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    });
    combine(lanes, |a, b| if a > b { a } else { b })
}

/// Σ exp(x − shift).
#[inline(always)]
fn total(x: &[f32], shift: f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for_each_group(x, f32::NEG_INFINITY, |group| {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane += exp(x - shift);
        }
    });
    combine(lanes, |a, b| a + b)
}

/// `out ← exp(x − shift)`, and its sum.
#[inline(always)]
pub(super) fn exponentials(out: &mut [f32], x: &[f32], shift: f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (groups, rest) = x.as_chunks::<LANES>();
    let (out_groups, out_rest) = out.as_chunks_mut::<LANES>();
    for (out, x) in out_groups.iter_mut().zip(groups) {
        for lane in 0..LANES {
            out[lane] = exp(x[lane] - shift);
            lanes[lane] += out[lane];
        }
    }
    let mut last = [f32::NEG_INFINITY; LANES];
    last[..rest.len()].copy_from_slice(rest);
    for lane in 0..LANES {
        last[lane] = exp(last[lane] - shift);
        lanes[lane] += last[lane];
    }
    out_rest.copy_from_slice(&last[..rest.len()]);
    combine(lanes, |a, b| a + b)
}

/// `x ← exp(x − shift)`, and its sum.
#[inline(always)]
pub(super) fn exponentials_in_place(x: &mut [f32], shift: f32) -> f32 {
    for x in x.iter_mut() {
        *x = exp(*x - shift);
    }
    let mut lanes = [0.0f32; LANES];
    for_each_group(x, 0.0, |group| {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane += x;
        }
    });
    combine(lanes, |a, b| a + b)
}

/// Σ x∘y.
#[inline(always)]
pub(super) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (groups, rest) = x.as_chunks::<LANES>();
    let (others, other_rest) = y.as_chunks::<LANES>();
    for (x, y) in groups.iter().zip(others) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane = x.mul_add(*y, *lane);
        }
    }
    for (lane, (x, y)) in lanes.iter_mut().zip(rest.iter().zip(other_rest)) {
        *lane = x.mul_add(*y, *lane);
    }
    combine(lanes, |a, b| a + b)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::kernels::test_values::any_value;

    fn plain_log_sum_exp(x: &[f64]) -> f64 {
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if x.iter().any(|x| x.is_nan()) {
            return f64::NAN;
        }
        if largest.is_infinite() {
            return largest;
        }
        largest + x.iter().map(|x| (x - largest).exp()).sum::<f64>().ln()
    }

    fn plain_softmax(x: &[f64]) -> Vec<f64> {
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = x.iter().map(|x| (x - largest).exp()).collect();
        let total: f64 = powers.iter().sum();
        powers.iter().map(|power| power / total).collect()
    }

    fn wide(x: &[f32]) -> Vec<f64> {
        x.iter().map(|x| f64::from(*x)).collect()
    }

    fn is_near(found: f32, plain: f64, tolerance: f64) -> bool {
        let near = (f64::from(found) - plain).abs() <= tolerance * plain.abs().max(1.0);
        near || (plain.is_nan() && found.is_nan()) || f64::from(found) == plain
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn every_width_is_the_definition_of_each_row(
            (rows, columns) in (0usize..4, 1usize..70),
            values in vec(any_value(), 4 * 70),
        ) {
            let x = &values[..rows * columns];
            let mut out = vec![7.0; x.len()];
            let mut sums = vec![7.0; rows];

            softmax(&mut out, x, columns, 1);
            log_sum_exp(&mut sums, x, columns, 1);

            for (row, x) in x.chunks_exact(columns).enumerate() {
                let (x, found) = (wide(x), &out[row * columns..][..columns]);
                for (found, plain) in found.iter().zip(plain_softmax(&x)) {
                    prop_assert!(is_near(*found, plain, 1e-5), "{plain}, not {found}, of {x:?}");
                }
                let (found, plain) = (sums[row], plain_log_sum_exp(&x));
                prop_assert!(is_near(found, plain, 1e-5), "{plain}, not {found}, of {x:?}");
            }
        }

        #[test]
        fn gradients_are_the_slopes_of_the_definition(
            columns in 1usize..40,
            values in vec(-8.0f32..8.0, 2 * 40),
            grads in vec(-2.0f32..2.0, 2 * 40),
        ) {
            let (x, grad) = (&values[..2 * columns], &grads[..2 * columns]);
            let [mut y, mut dx, mut dx_of_sums] = [vec![7.0; 2 * columns], vec![7.0; 2 * columns], vec![7.0; 2 * columns]];
            let mut sums = [7.0; 2];
            softmax(&mut y, x, columns, 1);
            log_sum_exp(&mut sums, x, columns, 1);

            softmax_backward(&mut dx, &y, grad, columns, 1);
            log_sum_exp_backward(&mut dx_of_sums, x, (&sums, &grad[..2]), 1);

            for index in 0..2 * columns {
                let row = index / columns;
                let range = row * columns..(row + 1) * columns;
                let along = |delta: f64| {
                    let mut x = wide(&x[range.clone()]);
                    x[index % columns] += delta;
                    let weighted = plain_softmax(&x).iter().zip(&grad[range.clone()])
                        .map(|(y, grad)| y * f64::from(*grad)).sum::<f64>();
                    (weighted, plain_log_sum_exp(&x) * f64::from(grad[row]))
                };
                let (up, down) = (along(1e-5), along(-1e-5));
                let slopes = ((up.0 - down.0) / 2e-5, (up.1 - down.1) / 2e-5);
                prop_assert!(is_near(dx[index], slopes.0, 4e-6), "{} not {}", slopes.0, dx[index]);
                prop_assert!(is_near(dx_of_sums[index], slopes.1, 4e-6), "{} not {}", slopes.1, dx_of_sums[index]);
            }
        }
    }

    #[test]
    fn rows_without_columns_sum_to_nothing() {
        let mut sums = [7.0; 3];
        log_sum_exp(&mut sums, &[], 0, 2);
        assert_eq!(sums, [f32::NEG_INFINITY; 3]);

        softmax(&mut [], &[], 0, 1);
        softmax_backward(&mut [], &[], &[], 0, 1);
        log_sum_exp(&mut [], &[], 5, 1);
        log_sum_exp_backward(&mut [], &[], (&[], &[]), 1);
        log_sum_exp_backward(&mut [], &[], (&sums, &sums), 1);
    }

    #[test]
    fn threads_change_nothing() {
        let (rows, columns) = (900, 77);
        let x: Vec<f32> = (0..rows * columns)
            .map(|i| (i % 211) as f32 * 0.1)
            .collect();
        let run = |threads| {
            let [mut y, mut dx] = [vec![0.0; x.len()], vec![0.0; x.len()]];
            let mut sums = vec![0.0; rows];
            softmax(&mut y, &x, columns, threads);
            softmax_backward(&mut dx, &y, &x, columns, threads);
            log_sum_exp(&mut sums, &x, columns, threads);
            let mut other = vec![0.0; x.len()];
            log_sum_exp_backward(&mut other, &x, (&sums, &sums), threads);
            (y, dx, sums, other)
        };

        assert!(run(1) == run(2));
    }
}
