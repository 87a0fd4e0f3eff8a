//! One tile of the result at a time, from packed blocks that fit the caches.

use std::{arch::x86_64::*, cell::RefCell};

use super::{
    TILE_COLUMNS, TILE_ROWS,
    pack::{LANES, Line, Load, first, pack},
};
use crate::kernels::gemm::Matrix;

/// Values along k of a block: a strip of it with the rows of a tile takes 8 KiB of the first cache.
const BLOCK_K: usize = 512;

/// Rows of a packed block of `a`: 256 KiB, which with the next is most of a second cache of 1 MiB.
const BLOCK_ROWS: usize = 256;

/// Columns of a packed block of `b`: 480 KiB.
const BLOCK_COLUMNS: usize = 10 * TILE_COLUMNS;

/// Vectors of a row of a tile.
const WIDTH: usize = TILE_COLUMNS / LANES;

thread_local! {
    /// Packed blocks of `a` and `b`, kept: fresh memory would cost more than small products.
    static BLOCKS: RefCell<[Vec<Line>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// `out ← a·b`.
///
/// # Safety
/// `out` is `[rows of a, columns of b]`, and the CPU has AVX512-BF16, -BW and -VL.
pub(super) unsafe fn product<A: Load, B: Load>(
    out: &mut [f32],
    a: Matrix<'_, A>,
    b: Matrix<'_, B>,
) {
    if a.columns == 0 {
        return out.fill(0.0);
    }
    BLOCKS.with_borrow_mut(|[block_a, block_b]| {
        let pairs = BLOCK_K.min(a.columns).div_ceil(2);
        let lines = |lanes: usize, width: usize| lanes.div_ceil(width * LANES) * width * pairs;
        grow(block_a, lines(a.rows.min(BLOCK_ROWS), 1));
        grow(block_b, lines(b.columns.min(BLOCK_COLUMNS), WIDTH));
        // SAFETY: the caller's promises are those of the function; the blocks are as large as they get.
        unsafe { blocks(out, a, b, (block_a, block_b)) }
    });
}

fn grow(block: &mut Vec<Line>, lines: usize) {
    if block.len() < lines {
        block.resize(lines, Line([0; LANES]));
    }
}

/// # Safety
/// As [`product`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn blocks<A: Load, B: Load>(
    out: &mut [f32],
    a: Matrix<'_, A>,
    b: Matrix<'_, B>,
    (block_a, block_b): (&mut [Line], &mut [Line]),
) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    for column in (0..n).step_by(BLOCK_COLUMNS) {
        let columns = BLOCK_COLUMNS.min(n - column);
        for from in (0..k).step_by(BLOCK_K) {
            let along = BLOCK_K.min(k - from);
            let pairs = along.div_ceil(2);
            // SAFETY: ranges inside the factors, as their loops say.
            unsafe {
                pack::<B, WIDTH>(block_b, b.transposed(), (column, columns), (from, along));
            }
            for row in (0..m).step_by(BLOCK_ROWS) {
                let rows = BLOCK_ROWS.min(m - row);
                // SAFETY: as above.
                unsafe { pack::<A, 1>(block_a, a, (row, rows), (from, along)) };
                for j in (0..columns).step_by(TILE_COLUMNS) {
                    let strip_b = &block_b[j / LANES * pairs..][..WIDTH * pairs];
                    for i in (0..rows).step_by(TILE_ROWS) {
                        let strip_a = &block_a[i / LANES * pairs..][..pairs];
                        let size = (TILE_ROWS.min(rows - i), TILE_COLUMNS.min(columns - j));
                        let corner = &mut out[(row + i) * n + column + j..];
                        let last = (size.0 - 1) * n + size.1;
                        // SAFETY: the tile ends inside `out`, which the slice makes sure of.
                        unsafe {
                            tile(
                                &mut corner[..last],
                                n,
                                size,
                                (strip_a, i % LANES),
                                strip_b,
                                from > 0,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// `out` (rows `stride` apart) ← strip·strip, added to what is there when `adds`. `a` begins at lane `lane`.
///
/// # Safety
/// `out` holds `rows` × `columns`, at most a tile; `strip_b` is [`WIDTH`] times as long as `strip_a`.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn tile(
    out: &mut [f32],
    stride: usize,
    (rows, columns): (usize, usize),
    (strip_a, lane): (&[Line], usize),
    strip_b: &[Line],
    adds: bool,
) {
    let mut sums = [[_mm512_setzero_ps(); WIDTH]; TILE_ROWS];
    for (a, b) in strip_a.iter().zip(strip_b.as_chunks::<WIDTH>().0) {
        let a = a.0.as_ptr().wrapping_add(lane).cast::<i32>();
        // SAFETY: a line is as large as a vector and aligned like one; any bits are pairs.
        let b: [__m512bh; WIDTH] = std::array::from_fn(|i| unsafe {
            std::mem::transmute(_mm512_load_si512((&raw const b[i].0).cast()))
        });
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: `lane` is 0 or 8, so that eight rows lie in the line.
            let a: __m512bh = unsafe { std::mem::transmute(_mm512_set1_epi32(*a.add(row))) };
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = _mm512_dpbf16_ps(*sum, a, b);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate().take(rows) {
        for (vector, sum) in sums.iter().enumerate() {
            let mask = first(columns.saturating_sub(vector * LANES));
            let to = out.as_mut_ptr().wrapping_add(row * stride + vector * LANES);
            // SAFETY: the mask names columns of the tile only.
            unsafe {
                let before = _mm512_maskz_loadu_ps(if adds { mask } else { 0 }, to);
                _mm512_mask_storeu_ps(to, mask, _mm512_add_ps(*sum, before));
            }
        }
    }
}
