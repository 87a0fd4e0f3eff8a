//! What stands between two products of a perceptron: bias, ReLU and dropout, forward and backward, one pass each.
//!
//! A dropout mask holds 0 for what is dropped and 1/(1 − rate) for what is kept, so that it is a factor.

use crate::wide;

/// `y ← y + bias` for each row of `y`, `[rows, bias.len()]`.
pub fn add_bias(y: &mut [f32], bias: &[f32]) {
    wide!({
        for row in y.chunks_exact_mut(bias.len()) {
            for (y, bias) in row.iter_mut().zip(bias) {
                *y += bias;
            }
        }
    });
}

/// `y ← relu(y + bias)`, times `mask` (as large as `y`) if there is one. Not a number stays that.
pub fn add_bias_relu(y: &mut [f32], bias: &[f32], mask: Option<&[f32]>) {
    wide!(match mask {
        None => {
            for row in y.chunks_exact_mut(bias.len()) {
                for (y, bias) in row.iter_mut().zip(bias) {
                    *y = relu(*y + bias);
                }
            }
        }
        Some(mask) => {
            let masks = mask.chunks_exact(bias.len());
            for (row, mask) in y.chunks_exact_mut(bias.len()).zip(masks) {
                for ((y, bias), mask) in row.iter_mut().zip(bias).zip(mask) {
                    *y = relu(*y + bias) * mask;
                }
            }
        }
    });
}

#[inline(always)]
fn relu(x: f32) -> f32 {
    // `max` would turn "not a number" into 0 and hide it.
    if x < 0.0 { 0.0 } else { x }
}

/// The gradient before a ReLU, from the one behind it, which lies transposed as a product has left it.
///
/// `out`: rows `first..` of `[rows, width]`, as many as it holds; `behind`: `[width, rows]`; `y`: what
/// [`add_bias_relu`] gave for the rows of `out`, positive where the gradient passes; `mask` as there.
pub fn relu_gradient(
    out: &mut [f32],
    first: usize,
    (behind, rows): (&[f32], usize),
    y: &[f32],
    mask: Option<&[f32]>,
) {
    /// Edge of a tile: a cache line of values.
    const TILE: usize = 16;
    let width = behind.len() / rows;
    let count = out.len() / width;
    wide!({
        for row_tile in (0..count).step_by(TILE) {
            let row_end = (row_tile + TILE).min(count);
            for column_tile in (0..width).step_by(TILE) {
                let column_end = (column_tile + TILE).min(width);
                for row in row_tile..row_end {
                    for column in column_tile..column_end {
                        out[row * width + column] = behind[column * rows + first + row];
                    }
                }
            }
            let tile = row_tile * width..row_end * width;
            let mask = mask.map(|mask| &mask[tile.clone()]);
            pass_where_positive(&mut out[tile.clone()], &y[tile], mask);
        }
    });
}

#[inline(always)]
fn pass_where_positive(gradient: &mut [f32], y: &[f32], mask: Option<&[f32]>) {
    match mask {
        None => {
            for (gradient, y) in gradient.iter_mut().zip(y) {
                *gradient = if *y > 0.0 { *gradient } else { 0.0 };
            }
        }
        Some(mask) => {
            for ((gradient, y), mask) in gradient.iter_mut().zip(y).zip(mask) {
                *gradient = if *y > 0.0 { *gradient * mask } else { 0.0 };
            }
        }
    }
}

/// `out ← b`, where `b` is `[rows, out's columns]` seen transposed: `[columns, rows]` → `[rows, columns]`.
pub fn transpose(out: &mut [f32], b: &[f32], rows: usize) {
    let columns = out.len() / rows;
    for (i, row) in out.chunks_exact_mut(columns).enumerate() {
        for (j, out) in row.iter_mut().enumerate() {
            *out = b[j * rows + i];
        }
    }
}

/// `sums ← Σ` over the rows of `x`, `[rows, sums.len()]`: the gradient of a bias.
pub fn sum_rows(sums: &mut [f32], x: &[f32]) {
    wide!({
        sums.fill(0.0);
        for row in x.chunks_exact(sums.len()) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(count: usize, step: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * step) % 23) as f32 / 8.0 - 1.3)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn each_value_is_its_definition(
            (rows, width, first) in (1usize..40, 1usize..40, 0usize..40), masked in any::<bool>(),
        ) {
            let first = first % rows;
            let (x, bias) = (values(rows * width, 7), values(width, 5));
            let mask: Vec<f32> = values(rows * width, 3).iter().map(|m| m.max(0.0)).collect();
            let (behind, mask) = (values(rows * width, 11), masked.then_some(&mask[..]));
            let factor = |index: usize| mask.map_or(1.0, |mask| mask[index]);

            let mut y = x.clone();
            add_bias_relu(&mut y, &bias, mask);
            let rest = first * width;
            let mut gradient = vec![9.0; rows * width - rest];
            let mask_of_rest = mask.map(|mask| &mask[rest..]);
            relu_gradient(&mut gradient, first, (&behind, rows), &y[rest..], mask_of_rest);
            let mut sums = vec![9.0; width];
            sum_rows(&mut sums, &x);

            for i in 0..rows {
                for j in 0..width {
                    let index = i * width + j;
                    let sum = x[index] + bias[j];
                    prop_assert_eq!(y[index], if sum > 0.0 { sum * factor(index) } else { 0.0 });
                    if i >= first {
                        let passes = sum > 0.0 && factor(index) > 0.0;
                        let plain = if passes { behind[j * rows + i] * factor(index) } else { 0.0 };
                        prop_assert_eq!(gradient[index - rest], plain);
                    }
                }
            }
            for (j, sum) in sums.iter().enumerate() {
                let plain: f64 = (0..rows).map(|i| f64::from(x[i * width + j])).sum();
                prop_assert!((f64::from(*sum) - plain).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn not_a_number_is_not_hidden() {
        let mut y = [f32::NAN, 1.0, -1.0];
        add_bias_relu(&mut y, &[0.0; 3], None);
        assert!(y[0].is_nan());
        assert_eq!(y[1..], [1.0, 0.0]);
    }

    #[test]
    fn a_transposed_matrix_and_a_bias_are_plain() {
        let mut out = [0.0; 6];
        transpose(&mut out, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2);
        assert_eq!(out, [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        add_bias(&mut out, &[1.0, 0.0, -1.0]);
        assert_eq!(out, [2.0, 3.0, 4.0, 3.0, 4.0, 5.0]);
    }
}
