//! The loops of a packed product: tiles of rows by vectors whose sums stay in registers.

use pulp::{Simd, WithSimd};

use super::{Finish, GROUP, Out, Packed, Rows, panels};

/// Left operands of a chunk of rows stay in the second-level cache while all panels pass by.
const CHUNK_BYTES: usize = 256 << 10;

/// A call of [`Packed::product`].
pub(super) struct Product<'a> {
    pub(super) packed: &'a Packed,
    pub(super) x: Rows<'a>,
    pub(super) out: Out<'a>,
    pub(super) finish: Finish,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Sums fill the registers: 8 × 3 of 32 with AVX-512, 4 × 3 of 16 else.
        let tallest = if S::F32_LANES == GROUP { 8 } else { 4 };
        let Self {
            packed,
            x,
            mut out,
            finish,
        } = self;
        let chunk = (CHUNK_BYTES / 4 / packed.inputs)
            .max(1)
            .next_multiple_of(tallest);
        for chunk_first in (0..x.count).step_by(chunk) {
            let chunk_end = x.count.min(chunk_first + chunk);
            for (column, groups) in panels(packed.outputs) {
                let width = groups * GROUP;
                let vectors = width / S::F32_LANES;
                let panel = Panel {
                    weights: &packed.panels[column * packed.inputs..][..width * packed.inputs],
                    bias: &packed.bias[column..][..width],
                    column,
                    width,
                    outputs: packed.outputs,
                };
                let mut row = chunk_first;
                while row < chunk_end {
                    let rows = tallest.min(chunk_end - row);
                    let tile = Tile {
                        x,
                        row,
                        out: &mut out,
                        finish,
                    };
                    if vectors.is_multiple_of(3) {
                        tall::<S, 3>(simd, tile, panel, rows);
                    } else if vectors.is_multiple_of(2) {
                        tall::<S, 2>(simd, tile, panel, rows);
                    } else {
                        tall::<S, 1>(simd, tile, panel, rows);
                    }
                    row += rows;
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Panel<'a> {
    /// `[inputs, width]`.
    weights: &'a [f32],
    bias: &'a [f32],
    /// First column in the product.
    column: usize,
    width: usize,
    /// Columns of the whole product: what lies beyond is padding.
    outputs: usize,
}

struct Tile<'a, 'b> {
    x: Rows<'a>,
    row: usize,
    out: &'a mut Out<'b>,
    finish: Finish,
}

/// All vectors of a panel, `V` at a time, for `rows` rows.
#[inline(always)]
fn tall<S: Simd, const V: usize>(simd: S, mut tile: Tile<'_, '_>, panel: Panel<'_>, rows: usize) {
    for vector in (0..panel.width / S::F32_LANES).step_by(V) {
        match rows {
            8 => sums::<S, 8, V>(simd, &mut tile, panel, vector),
            7 => sums::<S, 7, V>(simd, &mut tile, panel, vector),
            6 => sums::<S, 6, V>(simd, &mut tile, panel, vector),
            5 => sums::<S, 5, V>(simd, &mut tile, panel, vector),
            4 => sums::<S, 4, V>(simd, &mut tile, panel, vector),
            3 => sums::<S, 3, V>(simd, &mut tile, panel, vector),
            2 => sums::<S, 2, V>(simd, &mut tile, panel, vector),
            _ => sums::<S, 1, V>(simd, &mut tile, panel, vector),
        }
    }
}

/// `R` rows by `V` vectors of the product, summed in registers.
#[inline(always)]
fn sums<S: Simd, const R: usize, const V: usize>(
    simd: S,
    tile: &mut Tile<'_, '_>,
    panel: Panel<'_>,
    vector: usize,
) {
    let Rows {
        values,
        stride,
        segments,
        segment_stride,
        ..
    } = tile.x;
    let piece = panel.weights.len() / panel.width / segments;
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    for (segment, weights) in panel.weights.chunks_exact(piece * panel.width).enumerate() {
        let mut rows: [&[f32]; R] = [&[]; R];
        for (r, row) in rows.iter_mut().enumerate() {
            *row = &values[(tile.row + r) * stride + segment * segment_stride..][..piece];
        }
        for (k, weights) in weights.chunks_exact(panel.width).enumerate() {
            let (weights, _) = S::as_simd_f32s(weights);
            let weights = &weights[vector..][..V];
            for r in 0..R {
                // SAFETY: `k` is below `piece`, the length of every row: `weights` has `piece` chunks.
                let x = simd.splat_f32s(unsafe { *rows[r].get_unchecked(k) });
                for v in 0..V {
                    sums[r][v] = simd.mul_add_f32s(x, weights[v], sums[r][v]);
                }
            }
        }
    }
    let (low, high) = tile.finish.clamp;
    let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
    let (bias, _) = S::as_simd_f32s(panel.bias);
    for (r, sums) in sums.into_iter().enumerate() {
        let begin = tile.out.begin(tile.row + r);
        let out = &mut tile.out.values[begin..][..panel.outputs];
        for (v, sum) in sums.into_iter().enumerate() {
            let column = panel.column + (vector + v) * S::F32_LANES;
            if column >= panel.outputs {
                break;
            }
            let end = panel.outputs.min(column + S::F32_LANES);
            let out = &mut out[column..end];
            let mut sum = simd.add_f32s(sum, bias[vector + v]);
            if tile.finish.add {
                sum = simd.add_f32s(sum, simd.partial_load_f32s(out));
            }
            // The limits come first, so that a NaN stays one.
            sum = simd.min_f32s(high, simd.max_f32s(low, sum));
            match S::as_mut_simd_f32s(out).0 {
                [whole] => *whole = sum,
                _ => simd.partial_store_f32s(out, sum),
            }
        }
    }
}
