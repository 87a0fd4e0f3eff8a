//! Holds generated signals against their formulas: what is left without the formula must be noise and nothing else.
//!
//! Amplitudes, frequencies and trend are not fitted one by one: t runs from 0 to 1, in which a wave of `complex` makes a
//! twentieth to a third of a turn, so that all of them together look like one polynomial of low degree and no fit can tell
//! them apart. The least-squares fit is of that polynomial to what is left: a wrong frequency, a missing wave or trend shows
//! there in the ID that has it, with the standard error of the noise.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    random::{fill_normal, stream},
    signals::{Signal, Signals, Synthetic},
};
use rand::RngExt;

use crate::reference::{self, dot};

/// Degrees of the polynomial, 0 to 3: of a wave's third of a turn, higher ones hold less than noise does.
const DEGREES: usize = 4;

/// Standard errors that a coefficient may be off: chance has one case in 4·10¹¹, and a run may compare 10⁶.
const ERRORS: f64 = 7.0;

/// Signals of `family` made from `seed`: the fit described above for each ID, and the deviation of the noise of all, which
/// may be six standard errors off.
pub(super) fn check_family(family: Synthetic, signals: &Signals, seed: u64) -> Result<(), Error> {
    let sigma = match family {
        Synthetic::Simple => 1.0,
        Synthetic::Medium => 0.1,
        Synthetic::Complex => 0.2,
    };
    let (mut squares, mut count) = (0.0, 0.0);
    let mut basis = Vec::new();
    for (i, signal) in signals.ids.iter().enumerate() {
        let noise = noise(family, (i, signal), seed);
        if basis.first().map_or(0, Vec::len) != noise.len() {
            basis = polynomials(noise.len());
        }
        for (degree, polynomial) in basis.iter().enumerate() {
            let found = dot(polynomial, &noise);
            // Signals are f32: waves of height 3 and their angles are rounded.
            let allowed = ERRORS * sigma + 1e-6 * (noise.len() as f64).sqrt();
            ensure_right(found.abs() <= allowed, || {
                let scale = (noise.len() as f64).sqrt();
                format!(
                    "`{}` is not its formula: without it, the part of degree {degree} in t has height {:.5}, expected 0 \
                     within {:.5}",
                    signal.name,
                    found / scale,
                    allowed / scale
                )
            })?;
        }
        squares += dot(&noise, &noise);
        count += noise.len() as f64;
    }
    let found = (squares / count).sqrt();
    let margin = 6.0 * sigma / (2.0 * count).sqrt() + 1e-3 * sigma;
    ensure_right((found - sigma).abs() <= margin, || {
        format!(
            "the noise of \"{}\" has deviation {found:.5}, expected {sigma} within {margin:.5}",
            family.name()
        )
    })
}

/// Values of ID `i` less its formula.
fn noise(family: Synthetic, (i, signal): (usize, &Signal), seed: u64) -> Vec<f64> {
    let phases = match family {
        Synthetic::Simple | Synthetic::Medium => [0.0; 3],
        Synthetic::Complex => phases(signal, seed),
    };
    let last = signal.length.max(2) - 1;
    let values = signal.values.iter().enumerate();
    values
        .map(|(n, value)| {
            let t = n as f64 / last as f64;
            f64::from(*value)
                - match family {
                    Synthetic::Simple => 0.0,
                    Synthetic::Medium => reference::medium(i, t),
                    Synthetic::Complex => reference::complex(phases, t),
                }
        })
        .collect()
}

/// Phases of the waves in turns of 2π: the three numbers that the stream of an ID has after its noise.
fn phases(signal: &Signal, seed: u64) -> [f64; 3] {
    let mut rng = stream(seed, &signal.name);
    fill_normal(&mut rng, &mut vec![0.0; signal.length]);
    std::array::from_fn(|_| f64::from(rng.random::<f32>()))
}

/// Polynomials of degree 0, 1, …, orthonormal over `count` equal steps; as many as there are steps, at most [`DEGREES`].
///
/// Gram–Schmidt, where the next power is t times the last polynomial, so that no digits are lost.
fn polynomials(count: usize) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let t = |n: usize| 2.0 * n as f64 / count as f64 - 1.0;
    while basis.len() < DEGREES.min(count) {
        let mut next: Vec<f64> = match basis.last() {
            Some(last) => last.iter().enumerate().map(|(n, v)| t(n) * v).collect(),
            None => vec![1.0; count],
        };
        for lower in &basis {
            let part = dot(lower, &next);
            next.iter_mut().zip(lower).for_each(|(v, l)| *v -= part * l);
        }
        let length = dot(&next, &next).sqrt();
        next.iter_mut().for_each(|v| *v /= length);
        basis.push(next);
    }
    basis
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    const ALL: [Synthetic; 3] = [Synthetic::Simple, Synthetic::Medium, Synthetic::Complex];

    /// Signals of `family` whose ID 5 has `added(t)` on top.
    fn complaint(family: Synthetic, added: impl Fn(&Signal, f64) -> f64) -> String {
        let mut signals = family.generate(8, 2000, 3);
        let original = signals.ids[5].clone();
        for (n, value) in signals.ids[5].values.iter_mut().enumerate() {
            *value += added(&original, n as f64 / 1999.0) as f32;
        }
        check_family(family, &signals, 3).unwrap_err().to_string()
    }

    #[test]
    fn what_the_generator_makes_is_right_whatever_its_length_and_seed() {
        for family in ALL {
            for (ids, length) in [(1, 1), (3, 2), (2, 5), (20, 700)] {
                for seed in 0..20 {
                    check_family(family, &family.generate(ids, length, seed), seed).unwrap_or_else(
                        |e| panic!("{family:?} {ids} × {length}, seed {seed}: {e}"),
                    );
                }
            }
        }
    }

    #[test]
    fn a_missing_trend_a_missing_wave_and_a_wrong_frequency_of_one_id_are_wrong() {
        let wave = |signal: &Signal, (number, f): (usize, f64), t: f64| {
            (TAU * f * t + phases(signal, 3)[number]).sin()
        };
        for message in [
            complaint(Synthetic::Complex, |_, t| -0.5 * t),
            complaint(Synthetic::Complex, |signal, t| -wave(signal, (0, 0.05), t)),
            complaint(Synthetic::Complex, |signal, t| -wave(signal, (2, 0.3), t)),
            complaint(Synthetic::Complex, |signal, t| {
                wave(signal, (1, 0.17), t) - wave(signal, (1, 0.15), t)
            }),
        ] {
            assert!(
                message.starts_with("`complex-5` is not its formula"),
                "{message}"
            );
        }
        // f of ID 5 is 0.35, that of ID 6 is 0.4.
        let message = complaint(Synthetic::Medium, |_, t| {
            reference::medium(6, t) - reference::medium(5, t)
        });
        assert!(
            message.starts_with("`medium-5` is not its formula"),
            "{message}"
        );
        let message = complaint(Synthetic::Simple, |_, _| 0.2);
        assert!(
            message.contains("the part of degree 0 in t has height 0."),
            "{message}"
        );
    }

    #[test]
    fn too_little_noise_is_wrong() {
        for family in ALL {
            let mut signals = family.generate(8, 2000, 3);
            for (i, signal) in signals.ids.iter_mut().enumerate() {
                let noise = noise(family, (i, signal), 3);
                let values = signal.values.iter_mut().zip(noise);
                values.for_each(|(value, noise)| *value -= 0.1 * noise as f32);
            }

            let message = check_family(family, &signals, 3).unwrap_err().to_string();

            assert!(message.contains("has deviation"), "{message}");
        }
    }
}
