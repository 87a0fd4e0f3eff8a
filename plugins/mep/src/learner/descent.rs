//! torch's optimisers as stock candle operations, one after the other.
//!
//! The operations of Adam and their order are those of `benchhost_support::nn::Adam`, which keeps its moments to itself; a
//! proof of the learner's own steps must read them. A test holds both to the same bits.

use benchhost_plugin_api::Error;
use benchhost_support::nn::{AdamParams, Decay, fused::Rule, fused::SgdParams};
use candle_core::{Tensor, Var, backprop::GradStore};

/// A rule with the moments it keeps, zero at first.
#[derive(Debug)]
pub(super) struct Descent {
    rule: Rule,
    /// Mean of the gradients of each variable; the buffer of SGD.
    first: Vec<Tensor>,
    /// Mean of their squares; nothing for SGD.
    second: Vec<Tensor>,
    steps: i32,
}

impl Descent {
    /// For variables like `vars`.
    ///
    /// # Errors
    /// The device refuses the memory.
    pub(super) fn new(vars: &[Var], rule: Rule) -> Result<Self, Error> {
        let zeros = || vars.iter().map(|var| var.zeros_like());
        Ok(Self {
            first: zeros().collect::<Result<_, _>>()?,
            second: match rule {
                Rule::Adam(_) => zeros().collect::<Result<_, _>>()?,
                Rule::Sgd(_) => Vec::new(),
            },
            rule,
            steps: 0,
        })
    }

    /// One update of `vars` from `grads`. Variables without a gradient stay as they are.
    ///
    /// # Errors
    /// A candle operation fails.
    pub(super) fn step(&mut self, vars: &[Var], grads: &GradStore) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(1);
        for (index, var) in vars.iter().enumerate() {
            let Some(grad) = grads.get(var) else { continue };
            let first = &mut self.first[index];
            match &self.rule {
                Rule::Adam(params) => {
                    adam(
                        var,
                        grad,
                        (first, &mut self.second[index]),
                        params,
                        self.steps,
                    )?;
                }
                Rule::Sgd(params) => sgd(var, grad, first, params)?,
            }
        }
        Ok(())
    }

    /// First and second moments of each variable; no second ones for SGD.
    pub(super) fn moments(&self) -> (&[Tensor], &[Tensor]) {
        (&self.first, &self.second)
    }

    /// Updates so far.
    pub(super) fn steps(&self) -> i32 {
        self.steps
    }
}

/// Source: `torch/optim/adam.py` (`_single_tensor_adam`).
fn adam(
    var: &Var,
    grad: &Tensor,
    (first, second): (&mut Tensor, &mut Tensor),
    params: &AdamParams,
    steps: i32,
) -> Result<(), Error> {
    let lambda = params.weight_decay;
    let theta = var.as_detached_tensor();
    let (theta, grad) = match params.decay {
        _ if lambda == 0.0 => (theta, grad.clone()),
        Decay::L2 => (theta.clone(), (grad + (&theta * lambda)?)?),
        Decay::Decoupled => (
            (theta * (1.0 - params.learning_rate * lambda))?,
            grad.clone(),
        ),
    };
    let square = (grad.sqr()? * (1.0 - params.beta2))?;
    *first = ((&*first * params.beta1)? + (grad * (1.0 - params.beta1))?)?;
    *second = ((&*second * params.beta2)? + square)?;
    let (correction1, correction2) = (
        1.0 - params.beta1.powi(steps),
        1.0 - params.beta2.powi(steps),
    );
    let root = ((second.sqrt()? / correction2.sqrt())? + params.eps)?;
    let change = ((&*first / root)? * (params.learning_rate / correction1))?;
    var.set(&(theta - change)?)?;
    Ok(())
}

/// Source: `torch/optim/sgd.py` (`_single_tensor_sgd`).
fn sgd(var: &Var, grad: &Tensor, buffer: &mut Tensor, params: &SgdParams) -> Result<(), Error> {
    let theta = var.as_detached_tensor();
    let grad = (grad + (&theta * params.weight_decay)?)?;
    *buffer = ((&*buffer * params.momentum)? + grad)?;
    var.set(&(theta - (&*buffer * params.learning_rate)?)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use benchhost_support::nn::Adam;
    use candle_core::Device;

    use super::*;

    #[test]
    fn adam_is_that_of_support_to_the_bit() {
        for (weight_decay, decay) in [(0.0, Decay::L2), (0.5, Decay::L2), (0.5, Decay::Decoupled)] {
            let params = AdamParams {
                learning_rate: 0.05,
                weight_decay,
                decay,
                ..AdamParams::default()
            };
            let [ours, theirs] = [0, 1].map(|_| {
                let start = [0.5f32, -1.25, 2.0, 0.1];
                Var::new(&start, &Device::Cpu).unwrap()
            });
            let gradients = |var: &Var| {
                let loss = var.powf(3.0).unwrap().sum_all().unwrap();
                loss.backward().unwrap()
            };
            let vars = [ours.clone()];
            let mut descent = Descent::new(&vars, Rule::Adam(params)).unwrap();
            let mut adam = Adam::new(vec![theirs.clone()], params).unwrap();

            for _ in 0..5 {
                descent.step(&vars, &gradients(&ours)).unwrap();
                adam.step(&gradients(&theirs)).unwrap();
            }

            let [ours, theirs] = [ours, theirs].map(|var| var.to_vec1::<f32>().unwrap());
            assert_eq!(ours, theirs, "{weight_decay} {decay:?}");
            assert_eq!(descent.steps(), 5);
        }
    }
}
