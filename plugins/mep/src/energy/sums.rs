//! Passes over slices and their sums, vectorised.

use benchhost_support::wide;

use crate::network;

/// Partial sums that a vectorised sum keeps.
const LANES: usize = 16;

/// `active ← max(0, state)`.
pub(super) fn relu(state: &[f32], active: &mut [f32]) {
    wide!({
        for (active, state) in active.iter_mut().zip(state) {
            *active = network::relu(*state);
        }
    });
}

/// `out ← a − b`; the sum of squares.
pub(super) fn subtract_into(a: &[f32], b: &[f32], out: &mut [f32]) -> f64 {
    wide!({
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = a - b;
        }
    });
    square(out)
}

/// `b ← a − b`; the sum of squares.
pub(super) fn subtract_from(a: &[f32], b: &mut [f32]) -> f64 {
    wide!({
        for (b, a) in b.iter_mut().zip(a) {
            *b = a - *b;
        }
    });
    square(b)
}

/// Σ x², in blocks whose sums are added in f64.
pub(crate) fn square(values: &[f32]) -> f64 {
    blocks(values, values, |x, _| x * x)
}

/// Σ (a − b)².
pub(super) fn square_distance(a: &[f32], b: &[f32]) -> f64 {
    blocks(a, b, |a, b| (a - b) * (a - b))
}

/// Values that are summed in f32 before the sum goes to f64.
const BLOCK: usize = 64 * LANES;

#[inline(always)]
fn blocks(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f64 {
    wide!({
        let mut total = 0.0;
        for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
            let mut sums = [0.0f32; LANES];
            let (a, a_rest) = a.as_chunks::<LANES>();
            let (b, b_rest) = b.as_chunks::<LANES>();
            for (a, b) in a.iter().zip(b) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += term(*a, *b);
                }
            }
            for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
                *sum += term(*a, *b);
            }
            total += sums.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        }
        total
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_over_blocks_and_rests_are_plain_sums() {
        for count in [0, 1, 15, 17, 1023, 1025, 3000] {
            let values: Vec<f32> = (0..count).map(|i| (i % 7) as f32 - 3.0).collect();
            let plain: f64 = values.iter().map(|v| f64::from(v * v)).sum();
            assert_eq!(square(&values), plain);
        }
    }
}
