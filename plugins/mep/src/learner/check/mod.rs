//! Proofs of a step: what it computed in f32, held against plain f64 arithmetic from the definitions.
//!
//! The learner takes one more real step, outside of what is timed. What that step found and left is put into records
//! first, so that tests can falsify the records.

mod backprop;
mod bound;
mod dense;
mod descent;
mod direction;
mod forces;
mod natural;
mod settled;
mod spectrum;
#[cfg(test)]
mod tests;
mod torch;
mod update;

use benchhost_plugin_api::Error;
use benchhost_support::nn::fused::Rule;

use self::{
    backprop::Passed,
    forces::{Forces, energy_falls},
    settled::Settled,
    torch::{TorchState, TorchStep},
    update::Updated,
};
use super::{
    Phases,
    backprop::{BackpropLearner, Descent},
    candle::CandleLearner,
    energy::EnergyLearner,
};
use crate::data::Batch;

/// Largest difference of a number, relative to the largest of its kind in its layer.
const TOLERANCE: f64 = 1e-3;

pub(super) fn energy(learner: &mut EnergyLearner, batch: &Batch) -> Result<(), Error> {
    Forces::of(learner, batch).check(batch)?;
    energy_falls(learner, batch)?;
    let (settled, updated) = energy_step(learner, batch);
    settled.check(batch)?;
    updated.check()
}

/// A real step of a learner that settles.
fn energy_step(learner: &mut EnergyLearner, batch: &Batch) -> (Settled, Updated) {
    let before = Updated::before(&learner.network, &learner.updater);
    let loss = learner.step(batch, &Phases::default()).loss;
    let settled = Settled::of(learner, &before.before, loss);
    let updated = before.after(&learner.network, &learner.updater, &learner.gradients);
    (settled, updated)
}

/// What followed the gradient of a step by backprop.
#[derive(Debug, Clone)]
enum Followed {
    Torch(TorchStep),
    Update(Updated),
}

impl Followed {
    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Torch(step) => step.check(),
            Self::Update(updated) => updated.check(),
        }
    }
}

pub(super) fn backprop(learner: &mut BackpropLearner, batch: &Batch) -> Result<(), Error> {
    let (passed, followed) = backprop_step(learner, batch);
    passed.check(batch)?;
    followed.check()
}

/// A real step by backprop.
fn backprop_step(learner: &mut BackpropLearner, batch: &Batch) -> (Passed, Followed) {
    enum Before {
        Torch(Rule, TorchState),
        Update(Updated),
    }
    let network = learner.network.clone();
    let before = match &learner.descent {
        Descent::Torch(optimizer, rule) => {
            Before::Torch(*rule, TorchState::of(network.parameters(), optimizer))
        }
        Descent::Update(updater) => Before::Update(Updated::before(&network, updater)),
    };
    let loss = learner.step(batch, &Phases::default()).loss;
    let gradients = learner.pass.gradients().to_vec();
    let followed = match (before, &learner.descent) {
        (Before::Torch(rule, before), Descent::Torch(optimizer, _)) => Followed::Torch(TorchStep {
            rule,
            before,
            after: TorchState::of(learner.network.parameters(), optimizer),
            gradients: gradients.clone(),
        }),
        (Before::Update(before), Descent::Update(updater)) => {
            Followed::Update(before.after(&learner.network, updater, &gradients))
        }
        (Before::Torch(..), Descent::Update(_)) | (Before::Update(_), Descent::Torch(..)) => {
            unreachable!("a step changes no optimiser into another")
        }
    };
    let passed = Passed {
        network,
        loss,
        gradients,
    };
    (passed, followed)
}

pub(super) fn candle(learner: &mut CandleLearner, batch: &Batch) -> Result<(), Error> {
    let (passed, followed) = candle_step(learner, batch)?;
    passed.check(batch)?;
    followed.check()
}

/// A real step by candle.
fn candle_step(learner: &mut CandleLearner, batch: &Batch) -> Result<(Passed, TorchStep), Error> {
    let state = |learner: &CandleLearner| -> Result<TorchState, Error> {
        let (first, second, steps) = learner.moments()?;
        Ok(TorchState {
            parameters: learner.network()?.parameters().to_vec(),
            first,
            second,
            steps,
        })
    };
    let (network, before) = (learner.network()?, state(learner)?);
    let (step, grads) = learner.step_and_gradients(batch, &Phases::default())?;
    let gradients = learner.gradients(&grads)?;
    let followed = TorchStep {
        rule: learner.rule(),
        gradients: gradients.clone(),
        before,
        after: state(learner)?,
    };
    let passed = Passed {
        network,
        loss: step.loss,
        gradients,
    };
    Ok((passed, followed))
}

fn largest(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|value| f64::from(value.abs()))
        .fold(0.0, f64::max)
}

fn is_near(found: f64, expected: f64, scale: f64) -> bool {
    // Written so that what is not finite is not near, whatever the scale.
    found.is_finite() && (found - expected).abs() <= TOLERANCE * scale.max(f64::MIN_POSITIVE)
}
