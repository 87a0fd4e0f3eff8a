//! Tests of order: would these values stand in this order by chance? For steps, waves and slow wandering; a drift is
//! the business of [`crate::rank_test`].
//!
//! All are functions of ranks or of means of ranks, so the shape of the noise does not matter.

use std::f64::consts::TAU;

use statrs::distribution::{Beta, ContinuousCDF};

/// Waves in the whole series that count as slow.
const SLOW_WAVES: usize = 12;

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

/// Squared amplitudes of 1, 2, … whole waves in `xs`, as many as there are below half the number of values. Quadratic
/// time.
pub(crate) fn spectrum(xs: &[f64]) -> Vec<f64> {
    let waves = (xs.len() - 1) / 2;
    (1..=waves).map(|k| amplitude(xs, k).powi(2)).collect()
}

/// Fisher's test: the wave with the largest share of the sum of a [`spectrum`] of at least two waves.
///
/// p is the first term of Fisher's series, q·(1 − g)^(q−1) for q waves: a bound, and nearly exact when small.
///
/// Source: Fisher (1929), Proceedings of the Royal Society A 125(796), 54–59.
pub(crate) fn wave(spectrum: &[f64]) -> Wave {
    let total: f64 = spectrum.iter().sum();
    let mut strongest = Wave {
        count: 0,
        share: 0.0,
        p: 1.0,
    };
    for (i, power) in spectrum.iter().enumerate() {
        if power / total > strongest.share {
            strongest.count = i + 1;
            strongest.share = power / total;
        }
    }
    let q = spectrum.len() as f64;
    strongest.p = (q * (1.0 - strongest.share).powf(q - 1.0)).min(1.0);
    strongest
}

/// Probability that the slowest waves of a [`spectrum`], 12 or half of them, have so large a share of its sum by
/// chance. 1 when there is nothing to share.
///
/// The k of q squared amplitudes of white normal noise have a share that is Beta(k, q − k). 12 is about where a random
/// walk of the size that matters sinks below the noise.
///
/// Source: Brockwell & Davis (1991), "Time Series: Theory and Methods", 2nd ed., §10.2.
pub(crate) fn slowness_p(spectrum: &[f64]) -> f64 {
    let total: f64 = spectrum.iter().sum();
    let slow = SLOW_WAVES.min(spectrum.len() / 2);
    let share = spectrum[..slow].iter().sum::<f64>() / total;
    let fast = spectrum.len() - slow;
    if share.is_nan() {
        return 1.0;
    }
    Beta::new(slow as f64, fast as f64).map_or(1.0, |beta| beta.sf(share))
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
        wave_count: usize,
        wave_share: f64,
        wave_p: f64,
        slowness_p: f64,
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
            let spectrum = spectrum(&expected.values);
            let wave = wave(&spectrum);

            assert_eq!(step.at, expected.step_at, "{name}");
            assert!(close(step.p, expected.step_p), "{name}: {step:?}");
            let slowness_p = slowness_p(&spectrum);
            let near = (slowness_p - expected.slowness_p).abs() <= 1e-9 * expected.slowness_p;
            assert!(near, "{name}: {slowness_p}");
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
        assert_eq!(wave(&spectrum(&level)).p, 1.0);
        assert_eq!(slowness_p(&spectrum(&level)), 1.0);
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
