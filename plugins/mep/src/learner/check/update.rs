//! An update against its definition: the direction of each matrix, momentum, decay, step and bound.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::fused::Mlp;

use super::{
    bound::{Vectors, check_bound},
    dense::matrix,
    descent::Descended,
    direction::{check_low_rank, check_newton_schulz},
    natural::Solved,
    spectrum::largest_singular_value,
};
use crate::{
    network::shape,
    update::{self, Direction, LARGE_MATRIX, Updater},
};

/// What an update did.
#[derive(Debug, Clone)]
pub(super) struct Updated {
    pub rule: update::Rule,
    pub before: Mlp,
    pub after: Mlp,
    /// As the parameters lie, like both momenta.
    pub gradients: Vec<f32>,
    pub momentum_before: Vec<f32>,
    pub momentum: Vec<f32>,
    pub matrices: Vec<Turned>,
    /// Updates since the learner began, this one included.
    pub updates: usize,
}

/// What belongs to the matrix of a layer.
#[derive(Debug, Clone)]
pub(super) struct Turned {
    pub direction: Vec<f32>,
    pub solved: Option<Solved>,
    pub vectors: Vectors,
}

impl Updated {
    /// What is there before an update of `network`.
    pub(super) fn before(network: &Mlp, updater: &Updater) -> Self {
        let matrix = |index| Turned {
            direction: Vec::new(),
            solved: updater.natural(index).map(|(_, fisher)| Solved {
                fisher: [fisher.to_vec(), Vec::new()],
                answer: Vec::new(),
            }),
            vectors: [updater.power_vector(index).to_vec(), Vec::new()],
        };
        Self {
            rule: *updater.rule(),
            before: network.clone(),
            after: network.clone(),
            gradients: Vec::new(),
            momentum_before: updater.momentum().to_vec(),
            momentum: Vec::new(),
            matrices: (0..network.layers()).map(matrix).collect(),
            updates: 0,
        }
    }

    /// The same with what is there after the update by `gradients`.
    pub(super) fn after(mut self, network: &Mlp, updater: &Updater, gradients: &[f32]) -> Self {
        for (index, matrix) in self.matrices.iter_mut().enumerate() {
            matrix.direction = updater.direction(index).to_vec();
            matrix.vectors[1] = updater.power_vector(index).to_vec();
            if let (Some(solved), Some((answer, fisher))) =
                (&mut matrix.solved, updater.natural(index))
            {
                solved.fisher[1] = fisher.to_vec();
                solved.answer = answer.to_vec();
            }
        }
        self.after = network.clone();
        self.momentum = updater.momentum().to_vec();
        self.gradients = gradients.to_vec();
        self.updates = updater.steps();
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        for index in 0..self.before.layers() {
            self.check_direction(index)
                .and_then(|()| self.check_descent(index))
                .map_err(|error| error.context(format!("layer {index}")))?;
        }
        Ok(())
    }

    fn check_direction(&self, index: usize) -> Result<(), Error> {
        let Turned {
            direction, solved, ..
        } = &self.matrices[index];
        let (shape, steps) = (shape(&self.before, index), self.rule.newton_schulz_steps);
        let (gradient, _) = self.before.layer_of(&self.gradients, index);
        match self.rule.direction {
            Direction::LowRank { share } if shape.0 * shape.1 > LARGE_MATRIX => {
                let rank = (share * shape.0.min(shape.1) as f64) as usize;
                check_low_rank(direction, gradient, shape, rank.max(1))
            }
            Direction::Orthogonal | Direction::LowRank { .. } => {
                check_newton_schulz(direction, gradient, shape, steps)
            }
            Direction::Natural { decay, damping } => {
                let Some(solved) = solved else {
                    return Err(Error::wrong("there is no Fisher matrix"));
                };
                solved.check(gradient, shape, (decay, damping))?;
                check_newton_schulz(direction, &solved.answer, shape, steps)
            }
        }
    }

    /// m' = μm + u and θ' = θ(1 − lr·λ) − lr·m', weights times the factor of the bound.
    fn check_descent(&self, index: usize) -> Result<(), Error> {
        let Turned {
            direction, vectors, ..
        } = &self.matrices[index];
        let (old_weight, old_bias) = self.before.layer(index);
        let (new_weight, new_bias) = self.after.layer(index);
        let (old_m, old_bias_m) = self.before.layer_of(&self.momentum_before, index);
        let (new_m, new_bias_m) = self.before.layer_of(&self.momentum, index);
        let (_, bias_gradient) = self.before.layer_of(&self.gradients, index);
        let bias = Descended {
            parameters: [old_bias, new_bias],
            momentum: [old_bias_m, new_bias_m],
            direction: bias_gradient,
        };
        bias.check(&self.rule, 1.0)
            .map_err(|error| error.context("biases"))?;
        let weight = Descended {
            parameters: [old_weight, new_weight],
            momentum: [old_m, new_m],
            direction,
        };
        let Some(bound) = self.rule.spectral_bound else {
            return weight.check(&self.rule, 1.0);
        };
        let free = weight.free(&self.rule);
        let factor = weight.factor(&free);
        ensure_right(factor > 0.0, || {
            format!("the weights were multiplied by {factor}")
        })?;
        weight.check(&self.rule, factor)?;
        let (inputs, outputs) = shape(&self.before, index);
        let rate = f64::from(self.rule.learning_rate);
        check_bound(
            (&free, (inputs, outputs)),
            (factor, bound),
            vectors,
            (
                rate * largest_singular_value(&matrix(new_m, inputs, outputs)?)?,
                self.updates,
            ),
        )
    }
}
