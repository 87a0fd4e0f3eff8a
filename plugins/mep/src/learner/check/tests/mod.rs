//! Right records are right, falsified ones wrong, for every optimiser. Seeds are those of the weights.

mod direction;
mod right;
mod settling;
mod torch;
mod update;

use benchhost_plugin_api::ErrorKind;
use candle_core::Device;

use super::*;
use crate::{
    data::{self, Rows},
    learner::config::{LearnerConfig, OptimizerKind, Settings, Task},
    network::network,
};

const SETTLING: [OptimizerKind; 5] = [
    OptimizerKind::Smep,
    OptimizerKind::Sdmep,
    OptimizerKind::Eqprop,
    OptimizerKind::LocalEp,
    OptimizerKind::NaturalEp,
];

const TORCH: [OptimizerKind; 3] = [
    OptimizerKind::Sgd,
    OptimizerKind::Adam,
    OptimizerKind::AdamW,
];

/// `count` images, beginning at `from`.
fn images(from: usize, count: usize) -> Batch {
    let rows = data::load("subset", None, (from + count, 1)).unwrap().train;
    batch_of(&rows, &(from..from + count).collect::<Vec<_>>())
}

fn batch_of(rows: &Rows, taken: &[usize]) -> Batch {
    let mut batch = Batch::default();
    batch.fill(rows, taken);
    batch
}

fn widths(hidden: &[usize]) -> Vec<usize> {
    [&[784], hidden, &[10]].concat()
}

fn settings(optimizer: OptimizerKind, task: Task) -> Settings {
    let config = LearnerConfig {
        optimizer,
        ..LearnerConfig::default()
    };
    config.settings(task).unwrap()
}

fn energy_learner(settings: Settings, widths: &[usize], rows: usize, seed: u64) -> EnergyLearner {
    let Settings::Energy {
        settling,
        free_phase,
        update,
    } = settings
    else {
        panic!("{settings:?} does not settle");
    };
    let network = network(widths, seed);
    let mut learner = EnergyLearner::new(network, (settling, free_phase), update, (rows, 1));
    learner.updater.reset(seed);
    learner
}

/// `sgd`, `adam`, `adamw` (fused) or `muon`.
fn backprop_learner(
    optimizer: OptimizerKind,
    widths: &[usize],
    rows: usize,
    seed: u64,
) -> BackpropLearner {
    let network = network(widths, seed);
    match settings(optimizer, Task::Images) {
        Settings::Torch(rule, _) => BackpropLearner::torch(network, rule, (rows, 1)),
        Settings::Muon(rule) => {
            let mut learner = BackpropLearner::muon(network, rule, (rows, 1));
            learner.restart(seed);
            learner
        }
        settings @ Settings::Energy { .. } => panic!("{settings:?} settles"),
    }
}

fn candle_learner(optimizer: OptimizerKind, widths: &[usize], seed: u64) -> CandleLearner {
    let Settings::Torch(rule, _) = settings(optimizer, Task::Images) else {
        panic!("{optimizer:?} is not torch's")
    };
    let mut learner = CandleLearner::new(widths, rule, &Device::Cpu).unwrap();
    learner.restart(seed).unwrap();
    learner
}

/// Moves the largest value by a hundredth of itself.
fn nudge(values: &mut [f32]) {
    *largest_of(values) *= 1.01;
}

/// Doubles the largest value.
fn double(values: &mut [f32]) {
    *largest_of(values) *= 2.0;
}

fn largest_of(values: &mut [f32]) -> &mut f32 {
    let magnitude = |a: &&mut f32, b: &&mut f32| a.abs().total_cmp(&b.abs());
    values.iter_mut().max_by(magnitude).unwrap()
}

fn wrong(result: Result<(), Error>, part: &str) {
    let error = result.expect_err(part);
    assert_eq!(error.kind(), ErrorKind::Wrong);
    assert!(error.to_string().contains(part), "{error}; not: {part}");
}
