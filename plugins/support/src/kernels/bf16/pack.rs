//! Brings parts of a factor into the order in which the tiles read them: pairs of neighbours along k, lane by lane.

use std::arch::x86_64::*;

use half::bf16;

use super::super::gemm::Matrix;

/// Pairs of bf16 that one vector holds: one of each lane.
pub(super) const LANES: usize = 16;

/// Aligned, so that no load of a tile straddles two lines of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub [u32; LANES]);

/// How values become vectors of bf16.
pub trait Load: Copy {
    /// The 2·`pairs` values from `from` on, `pairs` at most 16; what is missing is 0.
    ///
    /// # Safety
    /// So many values can be read, and the CPU has AVX512-BF16 and AVX512-BW.
    unsafe fn pairs(from: *const Self, pairs: usize) -> __m512i;

    /// The `count` values from `from` on, at most 16, each in 32 bits; what is missing is 0.
    ///
    /// # Safety
    /// As above.
    unsafe fn lanes(from: *const Self, count: usize) -> __m512i;
}

/// The first `count` of 16.
#[inline(always)]
pub(super) fn first(count: usize) -> __mmask16 {
    ((1u32 << count.min(LANES)) - 1) as u16
}

impl Load for bf16 {
    #[inline(always)]
    unsafe fn pairs(from: *const Self, pairs: usize) -> __m512i {
        // SAFETY: masked loads read what the mask names; the rest is the caller's promise.
        unsafe { _mm512_maskz_loadu_epi32(first(pairs), from.cast()) }
    }

    #[inline(always)]
    unsafe fn lanes(from: *const Self, count: usize) -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first(count), from.cast())) }
    }
}

impl Load for f32 {
    #[inline(always)]
    unsafe fn pairs(from: *const Self, pairs: usize) -> __m512i {
        let values = 2 * pairs;
        // SAFETY: masked loads read what the mask names, and the second one begins behind the values only when it reads
        // none; both types of vector are 512 bits of which every pattern is a value.
        unsafe {
            let low = _mm512_maskz_loadu_ps(first(values), from);
            let rest = first(values.saturating_sub(LANES));
            let high = _mm512_maskz_loadu_ps(rest, from.wrapping_add(LANES));
            std::mem::transmute(_mm512_cvtne2ps_pbh(high, low))
        }
    }

    #[inline(always)]
    unsafe fn lanes(from: *const Self, count: usize) -> __m512i {
        // SAFETY: as above, with 256 bits.
        unsafe {
            let values = _mm512_maskz_loadu_ps(first(count), from);
            let narrow: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(values));
            _mm512_cvtepu16_epi32(narrow)
        }
    }
}

/// Packs `lanes` × `along` of `factor`, seen as `[lanes, k]`, into panels of `WIDTH` lines for 16 lanes each:
/// `out[panel][pair][line]`. Lanes and the last value of an odd k that are not there become 0.
///
/// # Safety
/// The ranges are inside the factor; the CPU has AVX512-BF16, -BW and -VL.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
pub(super) unsafe fn pack<T: Load, const WIDTH: usize>(
    out: &mut [Line],
    factor: Matrix<'_, T>,
    (first_lane, lanes): (usize, usize),
    (first_k, along): (usize, usize),
) {
    let pairs = along.div_ceil(2);
    let panels =
        out[..lanes.div_ceil(WIDTH * LANES) * WIDTH * pairs].chunks_exact_mut(WIDTH * pairs);
    for (panel, out) in panels.enumerate() {
        for line in 0..WIDTH {
            let skipped = (panel * WIDTH + line) * LANES;
            let count = lanes.saturating_sub(skipped).min(LANES);
            let start = (first_lane + skipped) * factor.row_stride + first_k * factor.column_stride;
            // Without lanes nothing is read, and the start may lie behind the end.
            let from = factor.values.as_ptr().wrapping_add(start);
            let out = out[line..].iter_mut().step_by(WIDTH);
            // SAFETY: the values of these lanes are inside the factor, which the caller has promised.
            unsafe {
                if factor.column_stride == 1 {
                    turned(out, from, factor.row_stride, (count, along));
                } else {
                    woven(out, from, factor.column_stride, (count, along));
                }
            }
        }
    }
}

/// Lanes lie apart by `stride`, the values of a lane side by side: squares of 16 × 16 pairs are transposed.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn turned<'a, T: Load>(
    mut out: impl Iterator<Item = &'a mut Line>,
    from: *const T,
    stride: usize,
    (lanes, along): (usize, usize),
) {
    let whole = along / 2;
    for pair in (0..whole).step_by(LANES) {
        let pairs = LANES.min(whole - pair);
        let mut square = [_mm512_setzero_si512(); LANES];
        for (lane, vector) in square.iter_mut().enumerate().take(lanes) {
            // SAFETY: inside the lane, by the caller's promise.
            *vector = unsafe { T::pairs(from.add(lane * stride + 2 * pair), pairs) };
        }
        for (vector, line) in transposed(square).into_iter().zip(out.by_ref().take(pairs)) {
            // SAFETY: a line is as large as a vector, and any bits are numbers.
            unsafe { _mm512_store_si512((&raw mut line.0).cast(), vector) };
        }
    }
    if along % 2 == 1
        && let Some(line) = out.next()
    {
        line.0 = [0; LANES];
        for (lane, pair) in line.0.iter_mut().enumerate().take(lanes) {
            // SAFETY: the last value of the lane.
            let value = unsafe { T::lanes(from.add(lane * stride + along - 1), 1) };
            *pair = _mm_cvtsi128_si32(_mm512_castsi512_si128(value)) as u32;
        }
    }
}

/// The values of a lane lie apart by `stride`, lanes side by side: two neighbours along k are woven into pairs.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn woven<'a, T: Load>(
    out: impl Iterator<Item = &'a mut Line>,
    from: *const T,
    stride: usize,
    (lanes, along): (usize, usize),
) {
    for (pair, line) in out.enumerate().take(along.div_ceil(2)) {
        let second = 2 * pair + 1;
        // An odd k has no second value at the end: no lane is read.
        let count = if second < along { lanes } else { 0 };
        // SAFETY: both rows have so many lanes, by the caller's promise; a line is as large as a vector.
        unsafe {
            let low = T::lanes(from.wrapping_add(2 * pair * stride), lanes);
            let high = T::lanes(from.wrapping_add(second * stride), count);
            let pairs = _mm512_or_si512(low, _mm512_slli_epi32::<16>(high));
            _mm512_store_si512((&raw mut line.0).cast(), pairs);
        }
    }
}

/// 16 × 16 numbers of 32 bits, rows and columns exchanged: first inside quarters of four, then the quarters.
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512i; 16]) -> [__m512i; 16] {
    let (mut a, mut b) = (rows, rows);
    for i in 0..8 {
        b[2 * i] = _mm512_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm512_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
    }
    for i in (0..16).step_by(4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for i in 0..4 {
        b[i] = _mm512_shuffle_i32x4::<0x88>(a[i], a[i + 4]);
        b[i + 4] = _mm512_shuffle_i32x4::<0xdd>(a[i], a[i + 4]);
        b[i + 8] = _mm512_shuffle_i32x4::<0x88>(a[i + 8], a[i + 12]);
        b[i + 12] = _mm512_shuffle_i32x4::<0xdd>(a[i + 8], a[i + 12]);
    }
    for i in 0..8 {
        a[i] = _mm512_shuffle_i32x4::<0x88>(b[i], b[i + 8]);
        a[i + 8] = _mm512_shuffle_i32x4::<0xdd>(b[i], b[i + 8]);
    }
    a
}
