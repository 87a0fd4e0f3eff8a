//! Falsified directions, Fisher matrices, momenta, steps and bounds of the updates that are not torch's.

use benchhost_support::random::{fill_normal, stream};

use super::{
    super::{bound::check_bound, direction::check_low_rank, natural::Solved},
    *,
};
use crate::{
    network::shape,
    update::{Direction, LowRank},
};

const ROWS: usize = 6;

/// The second update of `optimizer`; 784 × 128 is large enough for the low-rank direction.
fn updated(optimizer: OptimizerKind) -> Updated {
    let hidden = if optimizer == OptimizerKind::Sdmep {
        &[128][..]
    } else {
        &[9, 6][..]
    };
    let (first, second) = (images(0, ROWS), images(ROWS, ROWS));
    if optimizer == OptimizerKind::Muon {
        let mut learner = backprop_learner(optimizer, &widths(hidden), ROWS, 3);
        learner.step(&first, &Phases::default());
        let (_, Followed::Update(updated)) = backprop_step(&mut learner, &second) else {
            panic!("muon is none of torch's")
        };
        return updated;
    }
    let settings = settings(optimizer, Task::Images);
    let mut learner = energy_learner(settings, &widths(hidden), ROWS, 3);
    learner.step(&first, &Phases::default());
    energy_step(&mut learner, &second).1
}

fn all() -> impl Iterator<Item = (OptimizerKind, Updated)> {
    let kinds = SETTLING.into_iter().chain([OptimizerKind::Muon]);
    kinds.map(|optimizer| {
        let right = updated(optimizer);
        right
            .check()
            .unwrap_or_else(|error| panic!("{optimizer:?}: {error}"));
        (optimizer, right)
    })
}

#[test]
fn a_gradient_direction_momentum_weight_or_step() {
    for (_, right) in all() {
        for layer in 0..right.before.layers() {
            let mut gradient = right.clone();
            let (weights, _) = gradient.before.layer_of_mut(&mut gradient.gradients, layer);
            double(weights);
            wrong(gradient.check(), &format!("layer {layer}: "));
            let mut gradient = right.clone();
            let (_, biases) = gradient.before.layer_of_mut(&mut gradient.gradients, layer);
            double(biases);
            wrong(
                gradient.check(),
                &format!("layer {layer}: biases: momentum "),
            );
            let mut direction = right.clone();
            nudge(&mut direction.matrices[layer].direction);
            wrong(direction.check(), &format!("layer {layer}: "));
            let mut momentum = right.clone();
            let (weights, _) = momentum.before.layer_of_mut(&mut momentum.momentum, layer);
            nudge(weights);
            wrong(momentum.check(), &format!("layer {layer}: momentum "));
            let mut weight = right.clone();
            double(weight.before.layer_mut(layer).0);
            wrong(weight.check(), &format!("layer {layer}: parameter "));
            let mut step = right.clone();
            nudge(step.after.layer_mut(layer).0);
            wrong(step.check(), &format!("layer {layer}: parameter "));
            let mut lost = right.clone();
            let old = lost.before.layer(layer).0.to_vec();
            lost.after.layer_mut(layer).0.copy_from_slice(&old);
            wrong(lost.check(), &format!("layer {layer}: "));
        }
    }
}

#[test]
fn a_low_rank_direction_that_is_none_or_another_ones() {
    let right = updated(OptimizerKind::Sdmep);
    right.check().unwrap();
    let with = |change: &dyn Fn(&mut [f32], &[f32])| {
        let mut other = right.clone();
        let (gradient, _) = right.before.layer_of(&right.gradients, 0);
        change(&mut other.matrices[0].direction, gradient);
        other.check()
    };

    wrong(
        with(&|d, _| d.fill(0.0)),
        "layer 0: the direction has rank 0.00, expected ",
    );
    // UVᵀ of something else: two units of the identity, 25 of them, the right one with a row too much.
    let columns = shape(&right.before, 0).1;
    wrong(
        with(&|d, _| {
            d.fill(0.0);
            (0..25).for_each(|i| d[i * columns + i] = 1.0);
        }),
        "layer 0: the direction is none of this gradient: DᵀG on a vector",
    );
    wrong(
        with(&|d, _| {
            d.fill(0.0);
            (0..26).for_each(|i| d[i * columns + i] = 1.0);
        }),
        "layer 0: the direction has rank 26.00, expected ",
    );
    wrong(
        with(&|d, _| d.iter_mut().for_each(|d| *d = -*d)),
        "layer 0: the direction has -",
    );
    wrong(
        with(&|d, g| d.copy_from_slice(g)),
        "layer 0: D is no UVᵀ: D·Dᵀ·D",
    );
    wrong(
        with(&|d, _| d.rotate_right(columns)),
        "layer 0: the direction is none of this gradient",
    );
}

/// Of a random matrix all singular values are alike: the worst case of a randomised decomposition.
#[test]
fn a_low_rank_direction_of_noise_is_right() {
    for (seed, shape) in (1..).zip([(120, 90), (90, 120), (300, 40), (64, 64)]) {
        for share in [0.01, 0.05, 0.2, 0.5] {
            let mut gradient = vec![0.0; shape.0 * shape.1];
            fill_normal(&mut stream(seed, "gradient"), &mut gradient);
            let mut direction = vec![0.0; gradient.len()];
            LowRank::new(shape, share, 1).direction(&gradient, &mut direction);

            let rank = (share * shape.0.min(shape.1) as f64) as usize;
            check_low_rank(&direction, &gradient, shape, rank.max(1))
                .unwrap_or_else(|error| panic!("{shape:?}, {share}, seed {seed}: {error}"));
        }
    }
}

#[test]
fn a_low_rank_direction_of_the_wrong_singular_values_is_wrong() {
    let (rows, columns, rank) = (30, 20, 4);
    let diagonal = |value: &dyn Fn(usize) -> f32| {
        let mut matrix = vec![0.0; rows * columns];
        (0..columns).for_each(|i| matrix[i * columns + i] = value(i));
        matrix
    };
    let gradient = diagonal(&|i| 20.0 * 0.8f32.powi(i as i32));
    let check = |from: usize| {
        let direction = diagonal(&|i| f32::from((from..from + rank).contains(&i)));
        check_low_rank(&direction, &gradient, (rows, columns), rank)
    };

    check(0).unwrap();
    // 20 + 16 + 12.8 + 10.24 is 59.04.
    wrong(check(1), "the direction has 4.723200e1 of the gradient");
    wrong(check(16), "the direction has 1.661");
}

#[test]
fn a_fisher_matrix_or_an_answer_of_its_equation() {
    let right = updated(OptimizerKind::NaturalEp);
    right.check().unwrap();
    let with = |layer: usize, change: &dyn Fn(&mut Solved)| {
        let mut other = right.clone();
        change(other.matrices[layer].solved.as_mut().unwrap());
        other.check()
    };

    for layer in 0..3 {
        for which in [0, 1] {
            wrong(
                with(layer, &|solved| nudge(&mut solved.fisher[which])),
                &format!("layer {layer}: the Fisher matrix is "),
            );
        }
        wrong(
            with(layer, &|solved| solved.fisher[0].fill(0.0)),
            &format!("layer {layer}: the Fisher matrix is "),
        );
        wrong(
            with(layer, &|solved| {
                solved.answer.iter_mut().for_each(|x| *x *= 1.01);
            }),
            &format!("layer {layer}: (F + λI)·X differs from the gradient"),
        );
        wrong(
            with(layer, &|solved| double(&mut solved.answer)),
            &format!("layer {layer}: (F + λI)·X differs from the gradient"),
        );
    }
    for direction in [
        Direction::Natural {
            decay: 0.95,
            damping: 1.1e-3,
        },
        Direction::Natural {
            decay: 0.9,
            damping: 1e-3,
        },
    ] {
        let mut other = right.clone();
        other.rule.direction = direction;
        wrong(other.check(), "layer 0: ");
    }
}

#[test]
fn a_bound_that_is_missed_or_drawn_too_tight() {
    for optimizer in SETTLING {
        let right = updated(optimizer);
        right.check().unwrap();
        // The last layer begins above the bound: uniform numbers up to 1/√6, ten outputs. Sdmep's does not.
        let last = right.before.layers() - 1;
        let scaled = |layer: usize, factor: f32| {
            let mut other = right.clone();
            let weights = other.after.layer_mut(layer).0;
            weights.iter_mut().for_each(|w| *w *= factor);
            other.check()
        };
        for layer in 0..=last {
            let sentence = format!("layer {layer}: the spectral bound scaled the weights by ");
            wrong(scaled(layer, 0.98), &sentence);
            wrong(scaled(layer, 1.02), &sentence);
            wrong(
                scaled(layer, -1.0),
                &format!("layer {layer}: the weights were multiplied by -"),
            );
            let mut vector = right.clone();
            double(&mut vector.matrices[layer].vectors[1]);
            wrong(
                vector.check(),
                &format!("layer {layer}: the vector of the power"),
            );
            let mut none = right.clone();
            none.matrices[layer].vectors[0].fill(0.0);
            wrong(
                none.check(),
                &format!("layer {layer}: the vector of the power iteration has length 0"),
            );
        }
        if optimizer != OptimizerKind::Sdmep {
            let mut other = right.clone();
            other.rule.spectral_bound = Some(0.97);
            wrong(
                other.check(),
                &format!("layer {last}: the spectral bound scaled"),
            );
        }
    }
}

/// A vector at right angles to the largest singular value never finds it, and agrees with itself.
#[test]
fn a_largest_value_that_the_vector_does_not_see() {
    let free = [2.0, 0.0, 0.0, 0.5];
    let vectors = |first, second| [vec![first, second], vec![first, second]];
    let check =
        |vectors, factor| check_bound((&free, (2, 2)), (factor, 0.95), &vectors, (0.01, 50));

    check(vectors(1.0, 0.0), 0.95 / 2.0).unwrap();
    wrong(
        check(vectors(0.0, 1.0), 1.0),
        "the largest singular value is 2.000000 after update 50, expected at most 1.007500",
    );
}
