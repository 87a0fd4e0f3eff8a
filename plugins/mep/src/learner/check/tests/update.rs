//! Falsified gradients, directions, momenta, steps and bounds of the updates that are not torch's.

use super::{super::bound::check_bound, *};

const ROWS: usize = 6;

/// The second update of `optimizer`; 784 × 128 is large enough for the low-rank direction.
pub(super) fn updated(optimizer: OptimizerKind) -> Updated {
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
