//! Tests of order: would these values stand in this order by chance? For steps, waves and slow wandering; a drift is
//! the business of [`crate::rank_test`].
//!
//! All are functions of ranks or of means of ranks, so the shape of the noise does not matter.

use std::f64::consts::TAU;

/// Ranks 1..=n of finite values; equal values share the mean of their ranks.
pub(crate) fn ranks(xs: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..xs.len()).collect();
    order.sort_unstable_by(|a, b| xs[*a].total_cmp(&xs[*b]));
    let mut ranks = vec![0.0; xs.len()];
    let mut below = 0;
    for group in order.chunk_by(|a, b| xs[*a] == xs[*b]) {
        let shared = below as f64 + (group.len() as f64 + 1.0) / 2.0;
        for i in group {
            ranks[*i] = shared;
        }
        below += group.len();
    }
    ranks
}

/// Where a series most likely steps, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Index of the first value after the step; 0 when no two values differ.
    pub(crate) at: usize,
    /// Upper bound of the probability of such a step by chance.
    pub(crate) p: f64,
}

/// The step that Pettitt's test finds in at least one value.
///
/// p ≈ 2·exp(−6K²/(n³ + n²)), good below .5 and too large above; here cut off at 1.
///
/// Source: Pettitt (1979), Applied Statistics 28(2), 126–135.
pub(crate) fn step(xs: &[f64]) -> Step {
    let n = xs.len() as f64;
    let mut sum = 0.0;
    let mut largest = (0, 0.0_f64);
    for (i, rank) in ranks(xs).into_iter().enumerate() {
        sum += 2.0 * rank - (n + 1.0);
        if sum.abs() > largest.1 {
            largest = (i + 1, sum.abs());
        }
    }
    let (at, k) = largest;
    Step {
        at,
        p: (2.0 * (-6.0 * k * k / (n * n * (n + 1.0))).exp()).min(1.0),
    }
}

/// z of Bartels' rank version of von Neumann's ratio: negative when neighbours are alike. 0 when all values are equal.
///
/// `xs`: at least three values. Normal limit, good from about ten values.
///
/// Source: Bartels (1982), JASA 77(377), 40–46.
pub(crate) fn likeness_z(xs: &[f64]) -> f64 {
    let n = xs.len() as f64;
    let ranks = ranks(xs);
    let centre = (n + 1.0) / 2.0;
    let spread: f64 = ranks.iter().map(|r| (r - centre).powi(2)).sum();
    if spread == 0.0 {
        return 0.0;
    }
    let steps: f64 = ranks.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
    let variance =
        4.0 * (n - 2.0) * (5.0 * n * n - 2.0 * n - 9.0) / (5.0 * n * (n + 1.0) * (n - 1.0).powi(2));
    (steps / spread - 2.0) / variance.sqrt()
}

/// The strongest wave of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wave {
    /// Waves in the whole series.
    pub(crate) count: usize,
    /// Share of this wave in the sum of squares, 0–1: Fisher's g.
    pub(crate) share: f64,
    /// Upper bound of the probability of such a share by chance.
    pub(crate) p: f64,
}

/// Fisher's test: the wave with the largest share of the sum of squares, among 1, 2, … whole waves in the series.
///
/// `xs`: at least five values. p is the first term of Fisher's series, q·(1 − g)^(q−1) for q waves: a bound, and nearly
/// exact when small. Quadratic time.
///
/// Source: Fisher (1929), Proceedings of the Royal Society A 125(796), 54–59.
pub(crate) fn wave(xs: &[f64]) -> Wave {
    let waves = (xs.len() - 1) / 2;
    let powers: Vec<f64> = (1..=waves).map(|k| amplitude(xs, k).powi(2)).collect();
    let total: f64 = powers.iter().sum();
    let none = Wave {
        count: 0,
        share: 0.0,
        p: 1.0,
    };
    if total <= 0.0 {
        return none;
    }
    let strongest = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    strongest.map_or(none, |(i, power)| {
        let share = power / total;
        let q = waves as f64;
        Wave {
            count: i + 1,
            share,
            p: (q * (1.0 - share).powf(q - 1.0)).min(1.0),
        }
    })
}

/// Amplitude of the part of `xs` that makes `count` whole waves, 1 ≤ `count` < n/2; unit of `xs`.
pub(crate) fn amplitude(xs: &[f64], count: usize) -> f64 {
    let n = xs.len() as f64;
    // The mean is no wave; without it the sums keep more digits.
    let mean = crate::robust::mean(xs);
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (i, x) in xs.iter().enumerate() {
        let angle = TAU * ((i * count) % xs.len()) as f64 / n;
        sine += (x - mean) * angle.sin();
        cosine += (x - mean) * angle.cos();
    }
    2.0 / n * sine.hypot(cosine)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        serial: Vec<Serial>,
    }

    #[derive(Deserialize)]
    struct Serial {
        name: String,
        values: Vec<f64>,
        step_at: usize,
        step_p: f64,
        likeness_z: f64,
        wave_count: usize,
        wave_share: f64,
        wave_p: f64,
    }

    #[test]
    fn tests_of_order_agree_with_numpy_and_scipy() {
        let text = include_str!("../../../../../tests/golden/stats.toml");
        let golden: Golden = toml::from_str(text).unwrap();
        assert!(golden.serial.len() >= 4);
        for expected in golden.serial {
            let name = &expected.name;
            let close = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-10 * wanted.abs();

            let step = step(&expected.values);
            let wave = wave(&expected.values);

            assert_eq!(step.at, expected.step_at, "{name}");
            assert!(close(step.p, expected.step_p), "{name}: {step:?}");
            let z = likeness_z(&expected.values);
            assert!(close(z, expected.likeness_z), "{name}: {z}");
            assert_eq!(wave.count, expected.wave_count, "{name}");
            assert!(close(wave.share, expected.wave_share), "{name}: {wave:?}");
            // Fisher's whole series; ours is a bound that is near when it counts.
            assert!(wave.p >= expected.wave_p - 1e-12, "{name}: {wave:?}");
            if expected.wave_p < 0.01 {
                assert!(wave.p <= 1.01 * expected.wave_p, "{name}: {wave:?}");
            }
        }
    }

    #[test]
    fn equal_values_hold_no_step_and_no_wave() {
        let level = [7.0; 12];

        assert_eq!((step(&level).at, step(&level).p), (0, 1.0));
        assert_eq!(likeness_z(&level), 0.0);
        assert_eq!(wave(&level).p, 1.0);
    }

    #[test]
    fn the_amplitude_of_a_pure_wave_is_its_own() {
        let wave: Vec<f64> = (0..50)
            .map(|i| 9.0 + 2.0 * (TAU * 3.0 * f64::from(i) / 50.0 + 1.0).sin())
            .collect();

        assert!((amplitude(&wave, 3) - 2.0).abs() < 1e-12);
        assert!(amplitude(&wave, 4) < 1e-12);
    }
}
