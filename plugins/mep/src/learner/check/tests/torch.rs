//! Falsified losses, gradients, weights and labels of learners by backprop; moments and updates of torch's optimisers,
//! fused and stock.

use super::*;

const HIDDEN: [usize; 2] = [7, 6];
const ROWS: usize = 8;

/// Calls `each` with the third step of every optimiser in both implementations: moments are not 0 any more.
fn for_each(mut each: impl FnMut(&str, &Passed, &TorchStep, &Batch)) {
    let batches: Vec<Batch> = (0..3).map(|index| images(index * ROWS, ROWS)).collect();
    for optimizer in TORCH {
        let mut fused = backprop_learner(optimizer, &widths(&HIDDEN), ROWS, 3);
        let mut stock = candle_learner(optimizer, &widths(&HIDDEN), 3);
        for batch in &batches[..2] {
            fused.step(batch, &Phases::default());
            stock.step(batch, &Phases::default()).unwrap();
        }
        let (passed, followed) = backprop_step(&mut fused, &batches[2]);
        let Followed::Torch(step) = followed else {
            panic!("{optimizer:?} is torch's")
        };
        each(&format!("{optimizer:?}"), &passed, &step, &batches[2]);
        let (passed, step) = candle_step(&mut stock, &batches[2]).unwrap();
        each(
            &format!("{optimizer:?} of candle"),
            &passed,
            &step,
            &batches[2],
        );
    }
}

#[test]
fn a_loss_gradient_weight_or_label() {
    for_each(|_, right, _, batch| falsify(right, batch));
    let (mut muon, batch) = (
        backprop_learner(OptimizerKind::Muon, &widths(&HIDDEN), ROWS, 3),
        images(2 * ROWS, ROWS),
    );
    falsify(&backprop_step(&mut muon, &batch).0, &batch);
}

/// `batch`: that of the third step.
fn falsify(right: &Passed, batch: &Batch) {
    right.check(batch).unwrap();

    let mut loss = right.clone();
    loss.loss *= 1.01;
    wrong(loss.check(batch), "the loss is ");
    for layer in 0..=HIDDEN.len() {
        let mut gradient = right.clone();
        let (weights, _) = gradient
            .network
            .layer_of_mut(&mut gradient.gradients, layer);
        nudge(weights);
        wrong(
            gradient.check(batch),
            &format!("layer {layer}, weight: gradient"),
        );
        let mut gradient = right.clone();
        let (_, biases) = gradient
            .network
            .layer_of_mut(&mut gradient.gradients, layer);
        biases[0] = f32::INFINITY;
        wrong(
            gradient.check(batch),
            &format!("layer {layer}, bias: gradient 0 is inf"),
        );
    }
    let mut weight = right.clone();
    double(weight.network.layer_mut(0).0);
    wrong(weight.check(batch), "its f64 reference");
    let mut other = images(2 * ROWS, ROWS);
    other.labels[0] = (other.labels[0] + 1) % 10;
    wrong(right.check(&other), "the loss is ");
}

#[test]
fn an_update_that_never_reaches_the_weights_or_only_some() {
    for_each(|name, _, right, _| {
        right
            .check()
            .unwrap_or_else(|error| panic!("{name}: {error}"));

        let mut lost = right.clone();
        lost.after.parameters.clone_from(&lost.before.parameters);
        wrong(lost.check(), "its new value is");
        let mut twice = right.clone();
        let steps = twice
            .before
            .parameters
            .iter()
            .zip(&mut twice.after.parameters);
        steps.for_each(|(old, new)| *new += *new - old);
        wrong(twice.check(), "its new value is");
        // The last bias of the network alone.
        let mut one = right.clone();
        let (old, new) = (
            one.before.parameters.last(),
            one.after.parameters.last_mut(),
        );
        *new.unwrap() = *old.unwrap();
        let last = one.gradients.len() - 1;
        wrong(
            one.check(),
            &format!("parameter {last}, step 3: its new value is"),
        );
    });
}

#[test]
fn moments_a_gradient_or_a_count_of_other_steps() {
    for_each(|_, _, right, _| {
        let is_adam = !right.after.second.is_empty();
        let mean = if is_adam {
            "the mean of the gradients is"
        } else {
            "the buffer is"
        };
        let mut gradient = right.clone();
        nudge(&mut gradient.gradients);
        wrong(gradient.check(), "its f64 reference");
        let mut before = right.clone();
        double(&mut before.before.first);
        wrong(before.check(), mean);
        let mut after = right.clone();
        double(&mut after.after.first);
        wrong(after.check(), mean);
        // As if each step began anew.
        let mut fresh = right.clone();
        fresh.before.first.fill(0.0);
        fresh.before.second.fill(0.0);
        wrong(fresh.check(), mean);
        if is_adam {
            let mut second = right.clone();
            double(&mut second.after.second);
            wrong(second.check(), "the mean of their squares is");
            let mut count = right.clone();
            (count.before.steps, count.after.steps) = (0, 1);
            wrong(count.check(), "its new value is");
        }
        let mut still = right.clone();
        still.after.steps -= 1;
        wrong(still.check(), "from step 2 to step 2");
    });
}

#[test]
fn other_constants_than_those_that_were_used() {
    for_each(|_, _, right, _| {
        for which in 0..3 {
            let mut other = right.clone();
            match (&mut other.rule, which) {
                (Rule::Adam(params), 0) => params.learning_rate *= 1.01,
                (Rule::Adam(params), 1) => params.beta1 = 0.89,
                (Rule::Adam(params), _) => params.beta2 = 0.99,
                (Rule::Sgd(params), 0) => params.learning_rate *= 1.01,
                (Rule::Sgd(params), 1) => params.momentum = 0.89,
                (Rule::Sgd(params), _) => params.weight_decay *= 10.0,
            }
            wrong(other.check(), "its f64 reference");
        }
    });
}
