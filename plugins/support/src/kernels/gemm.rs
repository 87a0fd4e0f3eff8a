//! Products of matrices that lie in slices: candle's own kernels, without a tensor around them.
//!
//! Safe to call: sizes are checked before the pointers are handed over.

use ::gemm::Parallelism;

/// A matrix in a slice, row-major or seen transposed.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a, T = f32> {
    pub(super) values: &'a [T],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// The row-major matrix `[rows, columns]` in `values`.
    ///
    /// # Panics
    /// `values` is not of that size.
    #[must_use]
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "values of a matrix");
        Self {
            values,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// `count` columns from column `first` on; nothing is moved.
    ///
    /// # Panics
    /// There are not so many columns.
    #[must_use]
    pub fn columns(self, first: usize, count: usize) -> Self {
        assert!(
            first + count <= self.columns,
            "columns {first} to {} of {}",
            first + count,
            self.columns
        );
        let skipped = (first * self.column_stride).min(self.values.len());
        Self {
            values: &self.values[skipped..],
            columns: count,
            ..self
        }
    }

    /// The same values with rows and columns exchanged; nothing is moved.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// `out ← keep·out + scale·a·b`, `out` row-major `[rows of a, columns of b]`; with `keep` 0 the old values are not
/// read. `threads` 1 stays on the caller's thread, more use the global pool of rayon. 2·m·n·k operations.
///
/// # Panics
/// The sizes do not fit together.
pub fn product(
    out: &mut [f32],
    keep: f32,
    a: Matrix<'_>,
    b: Matrix<'_>,
    scale: f32,
    threads: usize,
) {
    assert_eq!(a.columns, b.rows, "inner sizes of a product");
    assert_eq!(out.len(), a.rows * b.columns, "size of a product");
    let parallelism = match threads {
        0 | 1 => Parallelism::None,
        _ => Parallelism::Rayon(threads),
    };
    // SAFETY: `Matrix` has checked that rows and strides stay inside each slice, the assertions above that `out`
    // holds the product; `out` is borrowed exclusively, so it overlaps neither operand.
    unsafe {
        ::gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            out.as_mut_ptr(),
            1,
            b.columns as isize,
            keep != 0.0,
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            keep,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(a: Matrix<'_>, b: Matrix<'_>, i: usize, j: usize) -> f64 {
        let at = |m: Matrix<'_>, r: usize, c: usize| {
            f64::from(m.values[r * m.row_stride + c * m.column_stride])
        };
        (0..a.columns).map(|k| at(a, i, k) * at(b, k, j)).sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn every_layout_and_size_is_the_plain_product(
            (m, k, n) in (1usize..40, 1usize..40, 1usize..40),
            (ta, tb) in (any::<bool>(), any::<bool>()),
            (keep, scale) in (prop_oneof![Just(0.0f32), Just(0.5)], -2.0f32..2.0),
            threads in 1usize..3,
        ) {
            let values = |count: usize, step: usize| -> Vec<f32> {
                (0..count).map(|i| ((i * step) % 17) as f32 / 8.0 - 1.0).collect()
            };
            let (x, y) = (values(m * k, 5), values(k * n, 7));
            let a = if ta { Matrix::new(&x, k, m).transposed() } else { Matrix::new(&x, m, k) };
            let b = if tb { Matrix::new(&y, n, k).transposed() } else { Matrix::new(&y, k, n) };
            let mut out = vec![3.0; m * n];

            product(&mut out, keep, a, b, scale, threads);

            for i in 0..m {
                for j in 0..n {
                    let expected = f64::from(keep) * 3.0 + f64::from(scale) * plain(a, b, i, j);
                    let found = f64::from(out[i * n + j]);
                    prop_assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn columns_are_those_of_the_matrix_however_it_lies() {
        let x: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let ones = [1.0; 3];
        let mut out = [0.0; 2];

        let columns = Matrix::new(&x, 3, 4).columns(1, 2);
        product(&mut out, 0.0, Matrix::new(&ones, 1, 3), columns, 1.0, 1);
        assert_eq!(out, [15.0, 18.0]);

        let columns = Matrix::new(&x, 4, 3).transposed().columns(2, 2);
        product(&mut out, 0.0, Matrix::new(&ones, 1, 3), columns, 1.0, 1);
        assert_eq!(out, [21.0, 30.0]);
    }

    #[test]
    #[should_panic(expected = "columns 3 to 5 of 4")]
    fn columns_that_are_not_there_are_refused() {
        let _ = Matrix::new(&[0.0; 12], 3, 4).columns(3, 2);
    }

    #[test]
    #[should_panic(expected = "inner sizes")]
    fn sizes_that_do_not_fit_are_refused() {
        let x = [0.0; 6];
        product(
            &mut [0.0; 4],
            0.0,
            Matrix::new(&x, 2, 3),
            Matrix::new(&x, 2, 3),
            1.0,
            1,
        );
    }
}
