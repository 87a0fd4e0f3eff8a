//! Right records are right, falsified ones wrong.

use benchhost_plugin_api::ErrorKind;

use super::*;
use crate::{
    data::{self, Rows},
    learner::config::{LearnerConfig, OptimizerKind, Settings, Task},
    network::network,
};

fn batch(outputs: usize) -> (Vec<usize>, Batch) {
    let rows = if outputs == 10 {
        data::load("subset", None, (8, 1)).unwrap().train
    } else {
        Rows::xor(outputs)
    };
    let mut batch = Batch::default();
    batch.fill(&rows, &(0..rows.len()).collect::<Vec<_>>());
    (vec![rows.inputs, 7, 6, outputs], batch)
}

fn settings(optimizer: OptimizerKind) -> Settings {
    let config = LearnerConfig {
        optimizer,
        ..LearnerConfig::default()
    };
    config.settings(Task::Images).unwrap()
}

fn energy_learner(optimizer: OptimizerKind) -> (EnergyLearner, Batch) {
    let (widths, batch) = batch(10);
    let Settings::Energy {
        settling,
        free_phase,
        update,
    } = settings(optimizer)
    else {
        panic!("{optimizer:?} settles");
    };
    let size = (batch.rows(), 1);
    let mut learner = EnergyLearner::new(network(&widths, 3), (settling, free_phase), update, size);
    learner.updater.reset(3);
    (learner, batch)
}

fn wrong(result: Result<(), Error>, beginning: &str) {
    let error = result.expect_err(beginning);
    assert_eq!(error.kind(), ErrorKind::Wrong);
    assert!(error.to_string().contains(beginning), "{error}");
}

#[test]
fn every_learner_that_settles_is_right() {
    for optimizer in [
        OptimizerKind::Smep,
        OptimizerKind::Sdmep,
        OptimizerKind::Eqprop,
        OptimizerKind::LocalEp,
        OptimizerKind::NaturalEp,
    ] {
        let (mut learner, batch) = energy_learner(optimizer);
        for _ in 0..3 {
            energy(&mut learner, &batch).unwrap_or_else(|error| panic!("{optimizer:?}: {error}"));
        }
    }
}

#[test]
fn a_falsified_force_gradient_weight_or_target_is_wrong() {
    let (mut learner, batch) = energy_learner(OptimizerKind::Smep);
    let right = Forces::of(&mut learner, &batch);
    right.check(&batch).unwrap();

    let mut force = right.clone();
    force.forces[1].iter_mut().for_each(|force| *force *= 1.01);
    wrong(force.check(&batch), "the energy gradient of state");

    let mut gradient = right.clone();
    gradient
        .gradients
        .iter_mut()
        .for_each(|gradient| *gradient *= 1.01);
    wrong(gradient.check(&batch), "the gradient of ");

    let mut weight = right.clone();
    weight
        .network
        .parameters_mut()
        .iter_mut()
        .for_each(|w| *w *= 1.01);
    wrong(weight.check(&batch), "by differences");

    let mut other = Batch {
        points: batch.points.clone(),
        targets: batch.targets.clone(),
        ..Batch::default()
    };
    other.taken.clone_from(&batch.taken);
    other.targets.rotate_right(1);
    wrong(right.check(&other), "the energy gradient of state");
}

#[test]
fn a_falsified_direction_momentum_or_step_is_wrong() {
    let (mut learner, batch) = energy_learner(OptimizerKind::Smep);
    let before = Updated::before(&learner.network, &learner.updater);
    learner.step(&batch, &Phases::default());
    let right = before.after(
        &learner.network,
        &learner.updater,
        learner.gradients.clone(),
    );
    right.check().unwrap();

    let mut direction = right.clone();
    direction.matrices[0]
        .direction
        .iter_mut()
        .for_each(|u| *u *= 1.01);
    wrong(
        direction.check(),
        "layer 0: the direction of the update is not that of Newton–Schulz",
    );

    let mut momentum = right.clone();
    momentum.momentum[5] += 0.1;
    wrong(momentum.check(), "the parameters of layer 0 are not those");

    let mut step = right.clone();
    step.after.parameters_mut()[9] += 0.01;
    wrong(step.check(), "the parameters of layer 0 are not those");

    let mut rank = right;
    rank.matrices[1].is_low_rank = true;
    wrong(
        rank.check(),
        "layer 1: the direction of the update is no UVᵀ",
    );
}

#[test]
fn backprop_is_right_and_a_falsified_gradient_weight_or_label_is_wrong() {
    for optimizer in [
        OptimizerKind::Sgd,
        OptimizerKind::Adam,
        OptimizerKind::AdamW,
    ] {
        let (widths, mut batch) = batch(10);
        let Settings::Torch(rule, _) = settings(optimizer) else {
            panic!("it is torch's")
        };
        let mut learner = BackpropLearner::torch(network(&widths, 3), rule, (batch.rows(), 1));
        backprop(&mut learner, &batch).unwrap();
        let before = learner.network.clone();
        let loss = learner.step(&batch, &Phases::default()).loss;
        let gradients = learner.pass.gradients().to_vec();
        check_backprop(&before, &batch, loss, &gradients).unwrap();

        let mut gradient = gradients.clone();
        gradient[30] += 0.01;
        wrong(
            check_backprop(&before, &batch, loss, &gradient),
            "the gradient of parameter",
        );
        let mut weight = before.clone();
        weight.parameters_mut().iter_mut().for_each(|w| *w *= 1.1);
        wrong(
            check_backprop(&weight, &batch, loss, &gradients),
            "its f64 reference",
        );
        batch.labels[0] = (batch.labels[0] + 1) % 10;
        wrong(
            check_backprop(&before, &batch, loss, &gradients),
            "the loss is",
        );
    }
}

#[test]
fn muon_and_stock_candle_are_right() {
    let (widths, batch) = batch(2);
    let Settings::Muon(rule) = settings(OptimizerKind::Muon) else {
        panic!("it is muon")
    };
    let mut learner = BackpropLearner::muon(network(&widths, 3), rule, (4, 1));
    for _ in 0..3 {
        backprop(&mut learner, &batch).unwrap();
    }
    for optimizer in [
        OptimizerKind::Sgd,
        OptimizerKind::Adam,
        OptimizerKind::AdamW,
    ] {
        let Settings::Torch(rule, _) = settings(optimizer) else {
            panic!("it is torch's")
        };
        let mut stock = CandleLearner::new(&widths, rule, &candle_core::Device::Cpu).unwrap();
        let mut fused = BackpropLearner::torch(network(&widths, 0), rule, (4, 1));
        for _ in 0..5 {
            candle(&mut stock, &batch).unwrap();
            backprop(&mut fused, &batch).unwrap();
        }

        let pairs = stock.network().unwrap();
        for (stock, fused) in pairs.parameters().iter().zip(fused.network.parameters()) {
            assert!(
                (stock - fused).abs() < 1e-4,
                "{optimizer:?}: {stock} {fused}"
            );
        }
    }
}
