//! Signals made by a formula, by name.

use std::f32::consts::TAU;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{Signal, Signals};
use crate::random::{fill_normal, stream};

/// A family of one-channel signals. t runs over `[0, 1]` with both ends, `i` counts the IDs from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Synthetic {
    /// N(0, 1).
    Simple,
    /// sin(2πft) with f = 0.1 + 0.05·(i mod 10), + 0.1·N(0, 1).
    Medium,
    /// Σ sin(2πft + φ) over f = 0.05, 0.15, 0.3 with φ ~ U(0, 1), + 0.2·N(0, 1), + a trend from 0 to 0.5.
    Complex,
}

impl Synthetic {
    /// The names in a suite, for messages and for the `choices` of a parameter.
    pub const NAMES: &'static [&'static str] = &["simple", "medium", "complex"];

    /// The family called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "simple" => Some(Self::Simple),
            "medium" => Some(Self::Medium),
            "complex" => Some(Self::Complex),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Medium => "medium",
            Self::Complex => "complex",
        }
    }

    /// `ids` signals of `length` samples. An ID has the same signal under the same seed, however many there
    /// are.
    #[must_use]
    pub fn generate(self, ids: usize, length: usize, seed: u64) -> Signals {
        let source = format!("synthetic signal \"{}\"", self.name());
        let ids = (0..ids).map(|i| self.signal(i, length, seed)).collect();
        Signals {
            source,
            ids,
            left_out: Vec::new(),
            bytes: 0,
        }
    }

    /// The signal of ID `i`.
    #[must_use]
    pub fn signal(self, i: usize, length: usize, seed: u64) -> Signal {
        let name = format!("{}-{i}", self.name());
        let mut rng = stream(seed, &name);
        let mut values = vec![0.0; length];
        fill_normal(&mut rng, &mut values);
        let step = 1.0 / length.saturating_sub(1).max(1) as f32;
        match self {
            Self::Simple => {}
            Self::Medium => {
                let omega = TAU * (0.1 + 0.05 * (i % 10) as f32);
                for (n, value) in values.iter_mut().enumerate() {
                    *value = (omega * n as f32 * step).sin() + 0.1 * *value;
                }
            }
            Self::Complex => {
                let waves = [0.05, 0.15, 0.3].map(|f: f32| (TAU * f, rng.random::<f32>()));
                for (n, value) in values.iter_mut().enumerate() {
                    let t = n as f32 * step;
                    let sum: f32 = waves
                        .iter()
                        .map(|(omega, phase)| (omega * t + phase).sin())
                        .sum();
                    *value = sum + 0.2 * *value + 0.5 * t;
                }
            }
        }
        Signal {
            name,
            length,
            channels: 1,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rms(values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = values.len() as f64;
        (values.map(|v| v * v).sum::<f64>() / count).sqrt()
    }

    #[test]
    fn names_and_families_belong_together() {
        for name in Synthetic::NAMES {
            assert_eq!(Synthetic::from_name(name).unwrap().name(), *name);
        }
        assert_eq!(Synthetic::from_name("noise"), None);
    }

    #[test]
    fn an_id_does_not_depend_on_how_many_there_are() {
        let few = Synthetic::Complex.generate(2, 64, 5);
        let many = Synthetic::Complex.generate(9, 64, 5);

        assert_eq!(few.ids[1], many.ids[1]);
        assert_ne!(many.ids[0].values, many.ids[1].values);
        assert_ne!(few.ids[1], Synthetic::Complex.generate(2, 64, 6).ids[1]);
    }

    #[test]
    fn medium_is_its_sine_and_a_tenth_of_noise() {
        let signal = Synthetic::Medium.signal(13, 20_000, 1);

        let f = 0.1 + 0.05 * 3.0;
        let noise =
            signal.values.iter().enumerate().map(|(n, v)| {
                f64::from(*v) - (std::f64::consts::TAU * f * n as f64 / 19_999.0).sin()
            });
        assert!((rms(noise) - 0.1).abs() < 0.003);
    }

    /// Taking away the formula in f64 must leave nothing but the noise.
    #[test]
    fn complex_has_three_unit_waves_its_trend_and_a_fifth_of_noise() {
        let signal = Synthetic::Complex.signal(0, 20_000, 1);
        let noise = {
            let mut rng = stream(1, "complex-0");
            let mut noise = vec![0.0; 20_000];
            fill_normal(&mut rng, &mut noise);
            let phases: [f64; 3] = std::array::from_fn(|_| f64::from(rng.random::<f32>()));
            signal.values.iter().enumerate().map(move |(n, value)| {
                let t = n as f64 / 19_999.0;
                let clean = [0.05, 0.15, 0.3]
                    .iter()
                    .zip(phases)
                    .map(|(f, phase)| (std::f64::consts::TAU * f * t + phase).sin())
                    .sum::<f64>()
                    + 0.5 * t;
                f64::from(*value) - clean
            })
        };

        assert!((rms(noise) - 0.2).abs() < 0.005);
    }
}
