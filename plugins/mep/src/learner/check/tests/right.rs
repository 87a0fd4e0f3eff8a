//! What learners really do is right: over optimisers, sizes, seeds, and steps.

use super::*;
use crate::learner::config::{FreePhase, Pace};

/// Rows of a batch with the hidden layers; 784 × 128 is large enough for the low-rank direction, and 40
/// rows give its gradient a higher rank; 130 gives rests of tiles.
const SIZES: [(usize, &[usize]); 3] = [(8, &[7, 6]), (4, &[130]), (40, &[128, 9])];

/// Proves the first, second and last of `steps` steps, the others are only taken.
fn is_proved(step: usize, steps: usize) -> bool {
    step < 2 || step + 1 == steps
}

#[test]
fn learners_that_settle() {
    for optimizer in SETTLING {
        for (seed, (rows, hidden)) in (1..).zip(SIZES) {
            let settings = settings(optimizer, Task::Images);
            let mut learner = energy_learner(settings, &widths(hidden), rows, seed);
            for step in 0..8 {
                let batch = images(step * rows, rows);
                if is_proved(step, 8) {
                    energy(&mut learner, &batch).unwrap_or_else(|error| {
                        panic!("{optimizer:?} {hidden:?}, step {step}: {error}")
                    });
                } else {
                    learner.step(&batch, &Phases::default());
                }
            }
        }
    }
}

#[test]
fn learners_that_settle_on_exclusive_or_with_its_long_steps() {
    let batch = batch_of(&Rows::xor(1), &[0, 1, 2, 3]);
    for optimizer in SETTLING {
        for seed in 0..4 {
            for hidden in [1, 8, 40] {
                let settings = settings(optimizer, Task::Xor);
                let mut learner = energy_learner(settings, &[2, hidden, 1], 4, seed);
                for step in 0..40 {
                    if step > 2 && step % 8 > 0 {
                        learner.step(&batch, &Phases::default());
                        continue;
                    }
                    energy(&mut learner, &batch).unwrap_or_else(|error| {
                        panic!("{optimizer:?} {hidden}, seed {seed}, step {step}: {error}")
                    });
                }
            }
        }
    }
}

#[test]
fn other_constants() {
    let usual = LearnerConfig::default;
    for config in [
        LearnerConfig {
            free_phase: FreePhase::Run,
            ..usual()
        },
        LearnerConfig {
            settle_pace: Some(Pace::Fixed),
            spectral_bound: Some(0.3),
            ..usual()
        },
        LearnerConfig {
            newton_schulz_steps: Some(12),
            spectral_bound: Some(0.0),
            ..usual()
        },
        LearnerConfig {
            optimizer: OptimizerKind::Sdmep,
            rank_share: Some(1.0),
            momentum: Some(0.0),
            ..usual()
        },
        LearnerConfig {
            optimizer: OptimizerKind::NaturalEp,
            fisher_decay: Some(0.0),
            fisher_damping: Some(1e-6),
            ..usual()
        },
    ] {
        let settings = config.settings(Task::Images).unwrap();
        let mut learner = energy_learner(settings, &widths(&[128]), 6, 5);
        for step in 0..3 {
            energy(&mut learner, &images(6 * step, 6))
                .unwrap_or_else(|error| panic!("{config:?}, step {step}: {error}"));
        }
    }
}

#[test]
fn learners_by_backprop() {
    for optimizer in TORCH.into_iter().chain([OptimizerKind::Muon]) {
        for (seed, (rows, hidden)) in (1..).zip(SIZES) {
            let mut learner = backprop_learner(optimizer, &widths(hidden), rows, seed);
            for step in 0..8 {
                let batch = images(step * rows, rows);
                if is_proved(step, 8) {
                    backprop(&mut learner, &batch).unwrap_or_else(|error| {
                        panic!("{optimizer:?} {hidden:?}, step {step}: {error}")
                    });
                } else {
                    learner.step(&batch, &Phases::default());
                }
            }
        }
    }
}

#[test]
fn stock_candle_which_goes_where_the_fused_passes_go() {
    for optimizer in TORCH {
        for (seed, (rows, hidden)) in (1..).zip(SIZES) {
            let mut stock = candle_learner(optimizer, &widths(hidden), seed);
            let mut fused = backprop_learner(optimizer, &widths(hidden), rows, seed);
            for step in 0..4 {
                let batch = images(step * rows, rows);
                candle(&mut stock, &batch)
                    .unwrap_or_else(|error| panic!("{optimizer:?} {hidden:?}: {error}"));
                fused.step(&batch, &Phases::default());
            }

            let stock = stock.network().unwrap();
            let pairs = stock.parameters().iter().zip(fused.network.parameters());
            let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // Adam divides by the root of a square: where a gradient is nearly 0, its sign is a matter of rounding.
            assert!(off < 8e-3, "{optimizer:?} {hidden:?}: {off}");
        }
    }
}

/// Where every row is learned, gradients are what f32 leaves of a probability that is taken from 1.
#[test]
fn a_network_that_knows_it_all() {
    let batch = batch_of(&Rows::xor(2), &[0, 1, 2, 3]);
    for seed in 0..3 {
        let mut muon = backprop_learner(OptimizerKind::Muon, &[2, 8, 2], 4, seed);
        let mut sgd = backprop_learner(OptimizerKind::Sgd, &[2, 8, 2], 4, seed);
        for learner in [&mut muon, &mut sgd] {
            for step in 0..1500 {
                if step % 100 < 99 {
                    learner.step(&batch, &Phases::default());
                } else {
                    backprop(learner, &batch)
                        .unwrap_or_else(|error| panic!("seed {seed}, step {step}: {error}"));
                }
            }
        }
    }
}
