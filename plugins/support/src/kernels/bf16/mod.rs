//! Products of matrices whose factors are rounded to bfloat16, summed in f32: mixed precision on a CPU.
//!
//! A bf16 instruction multiplies and adds 32 pairs where an f32 one does 16, so the roof is twice as high. Factors may be
//! f32, which are rounded on their way into the packed blocks, where every product copies them anyway. CPUs without the
//! instruction (AVX512-BF16) round to bf16, widen, and multiply in f32: the same answer, slower than f32 alone.
//!
//! Blocks and tiles after Goto & van de Geijn (2008), ACM TOMS 34(3), 12.

#[cfg(target_arch = "x86_64")]
mod pack;
#[cfg(target_arch = "x86_64")]
mod tile;

use half::bf16;
use rayon::prelude::*;

use super::gemm::{self, Matrix};

/// Rows of a tile of the result.
const TILE_ROWS: usize = 8;

/// Columns of a tile: three vectors of 16. With the rows that makes 24 of the 32 registers for sums.
const TILE_COLUMNS: usize = 48;

/// What a factor may be made of.
pub trait Element: Copy + Send + Sync + sealed::Block {
    /// As bf16, to the nearest, ties to even.
    fn rounded(self) -> bf16;
}

impl Element for f32 {
    fn rounded(self) -> bf16 {
        bf16::from_f32(self)
    }
}

impl Element for bf16 {
    fn rounded(self) -> bf16 {
        self
    }
}

mod sealed {
    /// How elements are brought into a packed block.
    #[cfg(target_arch = "x86_64")]
    pub trait Block: super::pack::Load {}
    /// Elsewhere nothing is packed.
    #[cfg(not(target_arch = "x86_64"))]
    pub trait Block {}
    impl Block for f32 {}
    impl Block for half::bf16 {}
}

/// Whether this CPU multiplies bf16 by itself; else [`product`] is slower than that of f32.
#[must_use]
pub fn is_native() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        is_x86_feature_detected!("avx512bf16")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// `out ← a·b` with factors rounded to bf16 and sums in f32; `out` row-major `[rows of a, columns of b]`. `threads` 1
/// stays on the caller's thread, more use its pool of rayon and share the rows. 2·m·n·k operations.
///
/// Numbers below 2⁻¹²⁶ count as 0, which is what the instruction does.
///
/// # Panics
/// The sizes do not fit together.
pub fn product<A: Element, B: Element>(
    out: &mut [f32],
    a: Matrix<'_, A>,
    b: Matrix<'_, B>,
    threads: usize,
) {
    assert_eq!(a.columns, b.rows, "inner sizes of a product");
    assert_eq!(out.len(), a.rows * b.columns, "size of a product");
    if out.is_empty() {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if is_native() {
        let part = a
            .rows
            .div_ceil(threads.max(1))
            .next_multiple_of(2 * TILE_ROWS);
        if part >= a.rows {
            // SAFETY: the CPU has the instructions, `out` has the size that was asserted.
            return unsafe { tile::product(out, a, b) };
        }
        let parts = out.par_chunks_mut(part * b.columns).enumerate();
        return parts.for_each(|(index, out)| {
            let rows = out.len() / b.columns;
            let a = a.transposed().columns(index * part, rows).transposed();
            // SAFETY: as above; `a` has the rows of this part.
            unsafe { tile::product(out, a, b) }
        });
    }
    portable(out, a, b, threads);
}

/// [`product`] on any CPU.
fn portable<A: Element, B: Element>(
    out: &mut [f32],
    a: Matrix<'_, A>,
    b: Matrix<'_, B>,
    threads: usize,
) {
    let (wide_a, wide_b) = (widened(a.values), widened(b.values));
    gemm::product(out, 0.0, over(&wide_a, a), over(&wide_b, b), 1.0, threads);
}

fn widened<T: Element>(values: &[T]) -> Vec<f32> {
    values
        .iter()
        .map(|value| value.rounded().to_f32())
        .collect()
}

/// The matrix that `like` is, over other values.
fn over<'a, T>(values: &'a [f32], like: Matrix<'_, T>) -> Matrix<'a> {
    Matrix {
        values,
        rows: like.rows,
        columns: like.columns,
        row_stride: like.row_stride,
        column_stride: like.column_stride,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain<A: Element, B: Element>(
        a: Matrix<'_, A>,
        b: Matrix<'_, B>,
        (i, j): (usize, usize),
    ) -> f64 {
        let at_a = |k: usize| {
            a.values[i * a.row_stride + k * a.column_stride]
                .rounded()
                .to_f64()
        };
        let at_b = |k: usize| {
            b.values[k * b.row_stride + j * b.column_stride]
                .rounded()
                .to_f64()
        };
        (0..a.columns).map(|k| at_a(k) * at_b(k)).sum()
    }

    fn check<A: Element, B: Element>(a: Matrix<'_, A>, b: Matrix<'_, B>, threads: usize) {
        let (m, n) = (a.rows, b.columns);
        type Product<A, B> = fn(&mut [f32], Matrix<'_, A>, Matrix<'_, B>, usize);
        for way in [product as Product<A, B>, portable] {
            let mut out = vec![f32::NAN; m * n];
            way(&mut out, a, b, threads);
            for (index, found) in out.iter().enumerate() {
                let plain = plain(a, b, (index / n, index % n));
                let tolerance = 1e-6 * (a.columns as f64) + 1e-6;
                assert!(
                    (f64::from(*found) - plain).abs() < tolerance,
                    "entry {index} of {m}×{}×{n} is {plain}, not {found}",
                    a.columns
                );
            }
        }
    }

    /// Not exact in bf16, between −1 and 1.
    fn values(count: usize, step: usize) -> Vec<f32> {
        let value = |i: usize| ((i * step) % 1009) as f32 / 504.0 - 1.0;
        (0..count).map(value).collect()
    }

    fn check_layouts((m, k, n): (usize, usize, usize), (ta, tb): (bool, bool), threads: usize) {
        let (x, y) = (values(m * k, 577), values(k * n, 211));
        let narrow = |x: &[f32]| -> Vec<bf16> { x.iter().map(|x| x.rounded()).collect() };
        let (narrow_x, narrow_y) = (narrow(&x), narrow(&y));
        fn seen<T>(values: &[T], (rows, columns): (usize, usize), t: bool) -> Matrix<'_, T> {
            if t {
                Matrix::new(values, columns, rows).transposed()
            } else {
                Matrix::new(values, rows, columns)
            }
        }
        check(seen(&x, (m, k), ta), seen(&y, (k, n), tb), threads);
        check(
            seen(&narrow_x, (m, k), ta),
            seen(&narrow_y, (k, n), tb),
            threads,
        );
        check(seen(&narrow_x, (m, k), ta), seen(&y, (k, n), tb), threads);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn every_layout_size_and_type_is_the_plain_product(
            sizes in (1usize..40, 0usize..70, 1usize..110),
            layouts in (any::<bool>(), any::<bool>()),
            threads in 1usize..4,
        ) {
            check_layouts(sizes, layouts, threads);
        }
    }

    #[test]
    fn products_of_several_blocks_are_added_up() {
        check_layouts((3, 1100, 50), (false, true), 1);
        check_layouts((3, 1101, 50), (true, false), 1);
        check_layouts((300, 5, 3), (false, false), 2);
        check_layouts((2, 3, 500), (true, true), 1);
    }

    #[test]
    fn infinities_and_nan_arrive() {
        let (a, b) = ([f32::INFINITY, 1.0, f32::NAN, 1.0], [1.0, 2.0]);
        let mut out = [0.0; 2];
        product(&mut out, Matrix::new(&a, 2, 2), Matrix::new(&b, 2, 1), 1);
        assert_eq!(out[0], f32::INFINITY);
        assert!(out[1].is_nan());
    }

    #[test]
    #[should_panic(expected = "inner sizes")]
    fn sizes_that_do_not_fit_are_refused() {
        let x = [0.0f32; 6];
        product(
            &mut [0.0; 4],
            Matrix::new(&x, 2, 3),
            Matrix::new(&x, 2, 3),
            1,
        );
    }
}
