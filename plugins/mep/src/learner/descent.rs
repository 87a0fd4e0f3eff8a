//! torch's optimisers as stock candle operations, one after the other.

use benchhost_plugin_api::Error;
use benchhost_support::nn::{
    Adam,
    fused::{Rule, SgdParams},
};
use candle_core::{Tensor, Var, backprop::GradStore};

/// A rule with its variables and the moments it keeps, zero at first.
#[derive(Debug)]
pub(super) enum Descent {
    Adam(Adam),
    Sgd(Sgd),
}

impl Descent {
    /// For `vars`.
    ///
    /// # Errors
    /// The device refuses the memory.
    pub(super) fn new(vars: &[Var], rule: Rule) -> Result<Self, Error> {
        Ok(match rule {
            Rule::Adam(params) => Self::Adam(Adam::new(vars.to_vec(), params)?),
            Rule::Sgd(params) => Self::Sgd(Sgd::new(vars, params)?),
        })
    }

    /// One update from `grads`. Variables without a gradient stay as they are.
    ///
    /// # Errors
    /// A candle operation fails.
    pub(super) fn step(&mut self, grads: &GradStore) -> Result<(), Error> {
        match self {
            Self::Adam(adam) => adam.step(grads),
            Self::Sgd(sgd) => sgd.step(grads),
        }
    }

    /// First and second moments of each variable: means of the gradients and of their squares; of SGD its buffer alone.
    pub(super) fn moments(&self) -> (Vec<&Tensor>, Vec<&Tensor>) {
        match self {
            Self::Adam(adam) => adam
                .slots
                .iter()
                .map(|slot| (&slot.first, &slot.second))
                .unzip(),
            Self::Sgd(sgd) => (
                sgd.slots.iter().map(|(_, buffer)| buffer).collect(),
                Vec::new(),
            ),
        }
    }

    /// Updates so far.
    pub(super) fn steps(&self) -> i32 {
        match self {
            Self::Adam(adam) => adam.steps,
            Self::Sgd(sgd) => sgd.steps,
        }
    }
}

/// Momentum and decay in the gradient. Source: `torch/optim/sgd.py` (`_single_tensor_sgd`).
#[derive(Debug)]
pub(super) struct Sgd {
    params: SgdParams,
    /// Each variable with its buffer.
    slots: Vec<(Var, Tensor)>,
    steps: i32,
}

impl Sgd {
    fn new(vars: &[Var], params: SgdParams) -> Result<Self, Error> {
        let slot = |var: &Var| Ok((var.clone(), var.zeros_like()?));
        Ok(Self {
            params,
            slots: vars.iter().map(slot).collect::<Result<_, Error>>()?,
            steps: 0,
        })
    }

    fn step(&mut self, grads: &GradStore) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(1);
        let SgdParams {
            learning_rate,
            momentum,
            weight_decay,
        } = self.params;
        for (var, buffer) in &mut self.slots {
            let Some(grad) = grads.get(var) else { continue };
            let theta = var.as_detached_tensor();
            let grad = (grad + (&theta * weight_decay)?)?;
            *buffer = ((&*buffer * momentum)? + grad)?;
            var.set(&(theta - (&*buffer * learning_rate)?)?)?;
        }
        Ok(())
    }
}
