//! Falsified forces, gradients, weights and targets of learners that settle.

use super::*;

const HIDDEN: [usize; 2] = [7, 6];
const ROWS: usize = 8;

fn learner(optimizer: OptimizerKind) -> EnergyLearner {
    let settings = settings(optimizer, Task::Images);
    energy_learner(settings, &widths(&HIDDEN), ROWS, 3)
}

/// `batch` with the targets of other rows.
fn with_other_targets(batch: &Batch) -> Batch {
    let mut other = images(0, ROWS);
    other.targets.clone_from(&batch.targets);
    other.targets.rotate_right(10);
    other
}

#[test]
fn at_displaced_states() {
    let batch = images(0, ROWS);
    for optimizer in SETTLING {
        let right = Forces::of(&mut learner(optimizer), &batch);
        right.check(&batch).unwrap();
        for layer in 0..=HIDDEN.len() {
            let mut force = right.clone();
            force.forces[layer].iter_mut().for_each(|f| *f *= 1.01);
            wrong(force.check(&batch), &format!(" of layer {layer}, row "));
            let mut gradient = right.clone();
            let (weights, _) = gradient
                .network
                .clone()
                .layer_of_mut(&mut gradient.gradients, layer);
            weights.iter_mut().for_each(|g| *g *= 1.01);
            wrong(gradient.check(&batch), &format!(" of layer {layer} is "));
        }
        let mut weight = right.clone();
        weight
            .network
            .parameters_mut()
            .iter_mut()
            .for_each(|w| *w *= 1.01);
        wrong(weight.check(&batch), "by differences");
        let mut infinite = right.clone();
        infinite.forces[2].fill(f32::INFINITY);
        wrong(infinite.check(&batch), "the energy gradient of state");
        wrong(
            right.check(&with_other_targets(&batch)),
            "the energy gradient of state",
        );
    }
}

#[test]
fn in_a_real_step() {
    let batch = images(0, ROWS);
    for optimizer in SETTLING {
        let (right, _) = energy_step(&mut learner(optimizer), &batch);
        right.check(&batch).unwrap();

        let mut gradient = right.clone();
        let (weights, _) = gradient.network.layer_of_mut(&mut gradient.gradients, 2);
        nudge(weights);
        wrong(
            gradient.check(&batch),
            "layer 2: the gradient of the weights",
        );
        let mut gradient = right.clone();
        let (_, biases) = gradient.network.layer_of_mut(&mut gradient.gradients, 2);
        nudge(biases);
        wrong(
            gradient.check(&batch),
            "layer 2: the gradient of the biases",
        );
        // A gradient of states that are not those of this step: the network as it was drawn, unsettled.
        let mut unsettled = right.clone();
        unsettled.gradients.fill(0.0);
        wrong(unsettled.check(&batch), "the gradient of the weights");
        let mut weight = right.clone();
        double(weight.network.layer_mut(0).0);
        wrong(weight.check(&batch), "its f64 reference");
        let mut state = right.clone();
        double(&mut state.states[2]);
        wrong(state.check(&batch), "layer 2: the gradient of");
        wrong(right.check(&with_other_targets(&batch)), "the loss is ");
    }
}
