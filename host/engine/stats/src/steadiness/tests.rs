use std::f64::consts::TAU;

use super::*;
use crate::random::SplitMix64;

const SEED: u64 = 20_261_121;

/// Steady noise about 0 with a spread near 1.
type Noise = fn(&mut SplitMix64) -> f64;

fn normal(random: &mut SplitMix64) -> f64 {
    random.normal()
}

fn log_normal(random: &mut SplitMix64) -> f64 {
    random.normal().exp() - 1.0
}

/// Student's t with two degrees of freedom: infinite variance.
fn heavy_tailed(random: &mut SplitMix64) -> f64 {
    let squares = -2.0 * random.uniform().ln();
    random.normal() / (squares / 2.0).sqrt()
}

fn bimodal(random: &mut SplitMix64) -> f64 {
    let level = if random.uniform() < 0.4 { -3.0 } else { 2.0 };
    level + 0.5 * random.normal()
}

/// A clock that ticks in steps of the spread.
fn coarse(random: &mut SplitMix64) -> f64 {
    random.normal().round()
}

fn series(seed: u64, n: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut random = SplitMix64::new(seed);
    (0..n).map(|i| level(i) + random.normal()).collect()
}

#[test]
fn steady_series_are_rarely_called_moving() {
    let noises: [(&str, Noise); 5] = [
        ("normal", normal),
        ("log-normal", log_normal),
        ("heavy-tailed", heavy_tailed),
        ("bimodal", bimodal),
        ("coarse", coarse),
    ];
    for (name, noise) in noises {
        for n in [20, 50, 130, 400] {
            let mut random = SplitMix64::new(SEED);
            let moving = (0..1000)
                .filter(|_| {
                    let samples: Vec<f64> =
                        (0..n).map(|_| 100.0 + 2.0 * noise(&mut random)).collect();
                    matches!(steadiness(&samples), Ok(Steadiness::Moving(_)))
                })
                .count();

            // 1000 series at 1 % give 19 or more with a probability of .007 (binomial), were the level used up.
            assert!(moving <= 18, "{name}, n = {n}, seed {SEED}: {moving}");
        }
    }
}

#[test]
fn each_movement_is_seen_and_named() {
    let step = |i: usize| if i < 250 { 100.0 } else { 103.0 };
    let wave = |i: usize| 100.0 + 3.0 * (TAU * i as f64 / 90.0).sin();
    let moves: [(Movement, &dyn Fn(usize) -> f64); 3] = [
        (Movement::Drift, &|i| 100.0 + 0.02 * i as f64),
        (Movement::Step, &step),
        (Movement::Wave, &wave),
    ];
    for (expected, level) in moves {
        for seed in 0..50 {
            let found = steadiness(&series(seed, 500, level));

            assert_eq!(found, Ok(Steadiness::Moving(expected)), "seed {seed}");
        }
    }
}

#[test]
fn a_visit_to_another_level_is_a_movement() {
    for seed in 0..50 {
        let visit = series(seed, 500, |i| if i / 100 == 2 { 106.0 } else { 100.0 });

        let found = steadiness(&visit);

        assert!(matches!(found, Ok(Steadiness::Moving(_))), "seed {seed}");
    }
}

#[test]
fn a_random_walk_is_a_movement() {
    for seed in 0..100 {
        let mut random = SplitMix64::new(seed);
        let mut level = 100.0;
        let walk: Vec<f64> = (0..500)
            .map(|_| {
                level += 0.3 * random.normal();
                level + random.normal()
            })
            .collect();

        let found = steadiness(&walk);

        assert!(matches!(found, Ok(Steadiness::Moving(_))), "seed {seed}");
    }
}

#[test]
fn a_movement_too_small_to_matter_is_steady() {
    let rise: Vec<f64> = (0..300).map(|i| 100.0 + 0.001 * f64::from(i)).collect();
    let wave: Vec<f64> = (0..300)
        .map(|i| 100.0 + 0.2 * (TAU * f64::from(i) / 100.0).sin())
        .collect();

    assert_eq!(steadiness(&rise), Ok(Steadiness::Steady));
    assert_eq!(steadiness(&wave), Ok(Steadiness::Steady));
    assert_eq!(steadiness(&[5.0; 30]), Ok(Steadiness::Steady));
}

#[test]
fn too_few_or_too_noisy_samples_claim_nothing() {
    assert_eq!(steadiness(&[]), Ok(Steadiness::Unclear));
    assert_eq!(steadiness(&[5.0; 19]), Ok(Steadiness::Unclear));
    // 10 % of noise: 30 samples could hide a drift of 38 %.
    let noisy = series(3, 30, |_| 10.0);
    assert_eq!(steadiness(&noisy), Ok(Steadiness::Unclear));
    assert_eq!(
        steadiness(&[1.0, f64::NAN]),
        Err(Error::NotFinite { index: 1 })
    );
}

#[test]
fn parts_are_alike_in_length_and_leave_nothing_out() {
    for n in [20, 127, 128, 129, 255, 257, 1000] {
        let xs: Vec<f64> = (0..n).map(f64::from).collect();
        let lengths: Vec<usize> = parts(&xs).map(<[f64]>::len).collect();

        assert_eq!(lengths.iter().sum::<usize>(), xs.len());
        assert!(lengths.len() <= MAX_PARTS && 2 * lengths.len() >= MAX_PARTS.min(xs.len()));
        assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() <= 1);
    }
}
