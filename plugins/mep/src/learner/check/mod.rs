//! Proofs of a step: what it computed in f32, held against plain f64 arithmetic from the definitions.
//!
//! What a step leaves is put into a record first, so that tests can falsify the record.

mod backprop;
mod forces;
#[cfg(test)]
mod tests;
mod update;

use benchhost_plugin_api::Error;

use self::{
    backprop::{check_backprop, check_torch},
    forces::{Forces, energy_falls},
    update::Updated,
};
use super::{
    Phases,
    backprop::{BackpropLearner, Descent},
    candle::CandleLearner,
    energy::EnergyLearner,
};
use crate::data::Batch;

/// Largest difference of a gradient, relative to the largest of its layer.
const TOLERANCE: f64 = 1e-3;

pub(super) fn energy(learner: &mut EnergyLearner, batch: &Batch) -> Result<(), Error> {
    Forces::of(learner, batch).check(batch)?;
    energy_falls(learner, batch)?;
    let before = Updated::before(&learner.network, &learner.updater);
    learner.step(batch, &Phases::default());
    let gradients = learner.gradients.clone();
    before
        .after(&learner.network, &learner.updater, gradients)
        .check()
}

pub(super) fn backprop(learner: &mut BackpropLearner, batch: &Batch) -> Result<(), Error> {
    let before = learner.network.clone();
    let record = match &learner.descent {
        Descent::Update(updater) => Some(Updated::before(&before, updater)),
        Descent::Torch(..) => None,
    };
    let loss = learner.step(batch, &Phases::default()).loss;
    let gradients = learner.pass.gradients();
    check_backprop(&before, batch, loss, gradients)?;
    match (&learner.descent, record) {
        (Descent::Update(updater), Some(record)) => record
            .after(&learner.network, updater, gradients.to_vec())
            .check(),
        (Descent::Torch(_, rule), _) => check_torch(&before, *rule, gradients),
        (Descent::Update(_), None) => Ok(()),
    }
}

pub(super) fn candle(learner: &mut CandleLearner, batch: &Batch) -> Result<(), Error> {
    let before = learner.network()?;
    let gradients = learner.gradients(batch)?;
    let loss = learner.step(batch, &Phases::default())?.loss;
    check_backprop(&before, batch, loss, &gradients)
}

fn largest(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|value| f64::from(value.abs()))
        .fold(0.0, f64::max)
}

fn is_near(found: f64, expected: f64, scale: f64) -> bool {
    // Written so that "not a number" is not near.
    (found - expected).abs() <= TOLERANCE * scale.max(f64::MIN_POSITIVE)
}
