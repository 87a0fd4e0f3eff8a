//! Everything random of the plugins, from one seed.
//!
//! A purpose has its own stream (`stream(seed, "init")`, `stream(seed, "pairs")`), so that drawing more for one
//! does not change the other. ChaCha with 8 rounds: the same numbers on every machine.

use std::f32::consts::TAU;

pub use rand::Rng;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator all plugins use.
pub type Random = ChaCha8Rng;

/// The stream of random numbers for `purpose` under `seed`.
#[must_use]
pub fn stream(seed: u64, purpose: &str) -> Random {
    let mut rng = Random::seed_from_u64(seed);
    rng.set_stream(fnv1a(purpose));
    rng
}

/// FNV-1a, 64 bits: a name to a number. Source: Fowler, Noll, Vo, draft-eastlake-fnv.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Fills `out` with U(−`limit`, `limit`).
pub fn fill_uniform(rng: &mut impl Rng, limit: f32, out: &mut [f32]) {
    for value in out {
        *value = (2.0 * rng.random::<f32>() - 1.0) * limit;
    }
}

/// Fills `out` with N(0, 1), two numbers at a time.
///
/// Source: Box & Muller (1958), Ann. Math. Statist. 29(2), 610–611.
pub fn fill_normal(rng: &mut impl Rng, out: &mut [f32]) {
    for pair in out.chunks_mut(2) {
        // 1 − U lies in (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
        let (sin, cos) = (TAU * rng.random::<f32>()).sin_cos();
        pair[0] = radius * cos;
        if let Some(second) = pair.get_mut(1) {
            *second = radius * sin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_and_differs_by_seed_and_purpose() {
        let first = |seed, purpose| stream(seed, purpose).random::<u64>();

        assert_eq!(first(1, "init"), first(1, "init"));
        assert_ne!(first(1, "init"), first(2, "init"));
        assert_ne!(first(1, "init"), first(1, "pairs"));
    }

    #[test]
    fn normal_numbers_have_the_moments_of_a_normal_distribution() {
        let mut values = vec![0.0; 100_001];
        fill_normal(&mut stream(7, "test"), &mut values);

        let moment = |p: i32| {
            values.iter().map(|v| f64::from(*v).powi(p)).sum::<f64>() / values.len() as f64
        };
        // Five standard errors of each moment at n = 100 001.
        assert!(moment(1).abs() < 0.016, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.023, "{}", moment(2));
        assert!(moment(3).abs() < 0.062, "{}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.16, "{}", moment(4));
    }
}
