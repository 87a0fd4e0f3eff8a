//! Adam of `implementation = "candle"`: the operations of `benchhost_support::nn::Adam`, whose moments can be read.
//!
//! The proof undoes the last update, and for that it needs the moments, which the one in `support` keeps to itself. A test
//! here holds both to the same bits.

use benchhost_plugin_api::Error;
use benchhost_support::nn::{AdamParams, Decay};
use candle_core::{Tensor, Var, backprop::GradStore};

/// The optimiser with its two moments for each variable.
#[derive(Debug)]
pub(super) struct Adam {
    pub params: AdamParams,
    pub slots: Vec<Slot>,
    pub steps: i32,
}

/// A variable and its moments.
#[derive(Debug)]
pub(super) struct Slot {
    pub var: Var,
    pub first: Tensor,
    pub second: Tensor,
}

impl Adam {
    /// An optimiser of `vars`, moments zero.
    pub(super) fn new(vars: Vec<Var>, params: AdamParams) -> Result<Self, Error> {
        let slot = |var: Var| {
            Ok(Slot {
                first: var.zeros_like()?,
                second: var.zeros_like()?,
                var,
            })
        };
        Ok(Self {
            params,
            slots: vars.into_iter().map(slot).collect::<Result<_, Error>>()?,
            steps: 0,
        })
    }

    /// One update from `grads`. Variables without a gradient stay as they are.
    ///
    /// Sources: Kingma & Ba (2015), arXiv:1412.6980, algorithm 1; Loshchilov & Hutter (2019), arXiv:1711.05101,
    /// algorithm 2; order of operations as in `torch/optim/adam.py` (`_single_tensor_adam`).
    pub(super) fn step(&mut self, grads: &GradStore) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(1);
        let corrections = [self.params.beta1, self.params.beta2].map(|b| 1.0 - b.powi(self.steps));
        for slot in &mut self.slots {
            if let Some(grad) = grads.get(&slot.var) {
                slot.update(grad, &self.params, corrections)?;
            }
        }
        Ok(())
    }
}

impl Slot {
    fn update(
        &mut self,
        grad: &Tensor,
        params: &AdamParams,
        [correction1, correction2]: [f64; 2],
    ) -> Result<(), Error> {
        let lambda = params.weight_decay;
        let theta = self.var.as_detached_tensor();
        let (theta, grad) = match params.decay {
            _ if lambda == 0.0 => (theta, grad.clone()),
            Decay::L2 => (theta.clone(), (grad + (&theta * lambda)?)?),
            Decay::Decoupled => (
                (theta * (1.0 - params.learning_rate * lambda))?,
                grad.clone(),
            ),
        };
        let square = (grad.sqr()? * (1.0 - params.beta2))?;
        self.first = ((&self.first * params.beta1)? + (grad * (1.0 - params.beta1))?)?;
        self.second = ((&self.second * params.beta2)? + square)?;
        let root = ((self.second.sqrt()? / correction2.sqrt())? + params.eps)?;
        let change = ((&self.first / root)? * (params.learning_rate / correction1))?;
        self.var.set(&(theta - change)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use benchhost_support::nn;
    use candle_core::Device;

    use super::*;

    #[test]
    fn steps_are_those_of_support_to_the_last_bit() {
        let values = |step: usize| -> Vec<f32> {
            (0..83)
                .map(|i| ((i * step) % 29) as f32 / 9.0 - 1.4)
                .collect()
        };
        for decay in [Decay::L2, Decay::Decoupled] {
            for weight_decay in [0.0, 0.1] {
                let params = AdamParams {
                    learning_rate: 0.01,
                    weight_decay,
                    decay,
                    ..AdamParams::default()
                };
                let [ours, theirs] =
                    [(); 2].map(|()| Var::new(&values(5)[..], &Device::Cpu).unwrap());
                let mut adam = Adam::new(vec![ours.clone()], params).unwrap();
                let mut other = nn::Adam::new(vec![theirs.clone()], params).unwrap();

                for step in 1..20 {
                    let slope = Tensor::new(&values(step)[..], &Device::Cpu).unwrap();
                    let grads = |var: &Var| {
                        let loss = (var.as_tensor() * &slope).unwrap().sum_all().unwrap();
                        loss.backward().unwrap()
                    };
                    adam.step(&grads(&ours)).unwrap();
                    other.step(&grads(&theirs)).unwrap();
                }

                let bits = |var: &Var| var.to_vec1::<f32>().unwrap();
                assert_eq!(bits(&ours), bits(&theirs), "{params:?}");
            }
        }
    }
}
