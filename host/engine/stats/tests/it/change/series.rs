//! Series of benchmark results, seeded.

use benchhost_stats::{ChangePoint, SplitMix64, changes};

/// Noise of a series, of standard deviation about 1.
#[derive(Clone, Copy, Debug)]
pub(super) enum Noise {
    White,
    LogNormal,
    StudentT3,
    Outliers,
    Bimodal,
    Autoregressive(f64),
    Quantised,
    Missing,
}

/// All of them.
pub(super) const NOISES: [Noise; 9] = [
    Noise::White,
    Noise::LogNormal,
    Noise::StudentT3,
    Noise::Outliers,
    Noise::Bimodal,
    Noise::Autoregressive(0.3),
    Noise::Autoregressive(0.6),
    Noise::Quantised,
    Noise::Missing,
];

/// `n` values of mean about 0 and standard deviation about 1.
pub(super) fn noise(kind: Noise, n: usize, random: &mut SplitMix64) -> Vec<f64> {
    let mut memory = random.normal();
    (0..n)
        .map(|_| {
            let (z, u) = (random.normal(), random.uniform());
            match kind {
                Noise::White => z,
                Noise::LogNormal => (0.8 * z).exp() - 1.0,
                Noise::StudentT3 => {
                    let squares: f64 = (0..3).map(|_| random.normal().powi(2)).sum();
                    z / squares.sqrt()
                }
                Noise::Outliers if u < 0.05 => 8.0 * z.abs(),
                Noise::Outliers => z,
                Noise::Bimodal => 0.5 * z + if u < 0.3 { 2.0 } else { 0.0 },
                Noise::Autoregressive(phi) => {
                    memory = phi * memory + (1.0 - phi * phi).sqrt() * z;
                    memory
                }
                Noise::Quantised => z.round(),
                Noise::Missing if u < 0.1 => f64::NAN,
                Noise::Missing => z,
            }
        })
        .collect()
}

/// Values about `level` with `noise` of 1 % of 100.
pub(super) fn about(level: impl Fn(usize) -> f64, noise: &[f64]) -> Vec<f64> {
    let values = noise.iter().enumerate();
    values.map(|(i, z)| level(i) + z).collect()
}

/// `n` values of white noise about `level`.
pub(super) fn white(n: usize, seed: u64, level: impl Fn(usize) -> f64) -> Vec<f64> {
    about(level, &noise(Noise::White, n, &mut SplitMix64::new(seed)))
}

/// Indices of the changes of `values`.
pub(super) fn indices(values: &[f64]) -> Vec<usize> {
    changes(values).iter().map(|change| change.index).collect()
}

/// Changes of `values`, which keep every promise about their form.
pub(super) fn sound(values: &[f64]) -> Vec<ChangePoint> {
    let found = changes(values);
    assert!(
        found.windows(2).all(|pair| pair[0].index < pair[1].index),
        "{found:?}"
    );
    for change in &found {
        assert!(
            change.index < values.len() && values[change.index].is_finite(),
            "{change:?}"
        );
        let (first, last) = change.interval;
        assert!(
            first <= change.index && change.index <= last && last < values.len(),
            "{change:?}"
        );
        assert!((0.0..=1.0).contains(&change.confidence), "{change:?}");
        assert!(
            change.noise_before >= 0.0 && change.noise_after >= 0.0,
            "{change:?}"
        );
        assert!(
            !change.before.is_nan() && !change.after.is_nan(),
            "{change:?}"
        );
    }
    let again = format!("{:?}", changes(values));
    assert_eq!(format!("{found:?}"), again, "not deterministic");
    found
}
