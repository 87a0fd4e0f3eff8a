//! Safe loops that the compiler turns into vector code, compiled once for each kind of CPU and chosen at run time.
//!
//! What a loop calls must be `#[inline(always)]`: a function that is not inlined is compiled for the oldest CPU. Without
//! fused multiply-add in hardware the answers are the same and slow.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Numbers that a reduction keeps apart: two vectors of 512 bits, so that one addition need not wait for the last.
pub(super) const LANES: usize = 32;

/// Numbers that are worth a hand-over to another thread: some microseconds of work.
const PIECE: usize = 16 * 1024;

/// Pieces for each thread, so that a thread that is held up holds up less.
const PIECES_PER_THREAD: usize = 4;

/// `out[i] ← function(x[i])`.
///
/// # Panics
/// The lengths differ.
pub(super) fn map(
    out: &mut [f32],
    x: &[f32],
    threads: usize,
    function: impl Fn(f32) -> f32 + Copy + Send + Sync,
) {
    assert_eq!(out.len(), x.len(), "as many results as values");
    let piece = piece(x.len(), threads);
    if piece >= x.len() {
        return Arch::new().dispatch(Map { out, x, function });
    }
    let pieces = out.par_chunks_mut(piece).zip(x.par_chunks(piece));
    pieces.for_each(|(out, x)| Arch::new().dispatch(Map { out, x, function }));
}

/// `out[i] ← function(x[i], y[i])`.
///
/// # Panics
/// The lengths differ.
pub(super) fn map_two(
    out: &mut [f32],
    (x, y): (&[f32], &[f32]),
    threads: usize,
    function: impl Fn(f32, f32) -> f32 + Copy + Send + Sync,
) {
    assert_eq!(out.len(), x.len(), "as many results as values");
    assert_eq!(out.len(), y.len(), "as many results as gradients");
    let piece = piece(x.len(), threads);
    if piece >= x.len() {
        let pair = (x, y);
        return Arch::new().dispatch(MapTwo {
            out,
            pair,
            function,
        });
    }
    let pieces = out.par_chunks_mut(piece).zip(x.par_chunks(piece));
    pieces.zip(y.par_chunks(piece)).for_each(|((out, x), y)| {
        let pair = (x, y);
        Arch::new().dispatch(MapTwo {
            out,
            pair,
            function,
        });
    });
}

/// Numbers of a piece: all of them for one thread, or when there are few.
fn piece(length: usize, threads: usize) -> usize {
    match threads {
        0 | 1 => length,
        _ => length.div_ceil(threads * PIECES_PER_THREAD).max(PIECE),
    }
}

/// Calls `work` with the number of a first row and the results of the rows from there on, until all rows have been
/// worked on. A row has `out_columns` results and is made of `columns` values.
///
/// # Panics
/// `out` is no whole number of rows.
pub(super) fn share_rows(
    out: &mut [f32],
    (out_columns, columns): (usize, usize),
    threads: usize,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    if out.is_empty() {
        return;
    }
    assert!(
        out_columns > 0 && out.len().is_multiple_of(out_columns),
        "whole rows"
    );
    let rows = out.len() / out_columns;
    let at_a_time = (piece(rows * columns, threads) / columns.max(1)).max(1);
    if at_a_time >= rows || threads <= 1 {
        return work(0, out);
    }
    let pieces = out.par_chunks_mut(at_a_time * out_columns).enumerate();
    pieces.for_each(|(index, out)| work(index * at_a_time, out));
}

struct Map<'a, F> {
    out: &'a mut [f32],
    x: &'a [f32],
    function: F,
}

impl<F: Fn(f32) -> f32> WithSimd for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = (self.function)(*x);
        }
    }
}

struct MapTwo<'a, F> {
    out: &'a mut [f32],
    pair: (&'a [f32], &'a [f32]),
    function: F,
}

impl<F: Fn(f32, f32) -> f32> WithSimd for MapTwo<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pairs = self.pair.0.iter().zip(self.pair.1);
        for (out, (x, y)) in self.out.iter_mut().zip(pairs) {
            *out = (self.function)(*x, *y);
        }
    }
}

/// `x` in groups of [`LANES`]; the last one is filled up with `filler`, which the reduction does not feel.
#[inline(always)]
pub(super) fn for_each_group(x: &[f32], filler: f32, mut function: impl FnMut(&[f32; LANES])) {
    let (groups, rest) = x.as_chunks::<LANES>();
    for group in groups {
        function(group);
    }
    if !rest.is_empty() {
        let mut last = [filler; LANES];
        last[..rest.len()].copy_from_slice(rest);
        function(&last);
    }
}

/// The lanes made one number, by halves: few steps wait for each other, and a sum loses few digits.
#[inline(always)]
pub(super) fn combine(mut lanes: [f32; LANES], two: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = two(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}
