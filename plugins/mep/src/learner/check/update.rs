//! An update against its definition: the direction of each matrix, momentum, decay, step and bound.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    nn::fused::Mlp,
    random::{fill_normal, stream},
};

use super::{TOLERANCE, is_near};
use crate::{
    network::shape,
    reference,
    update::{self, Updater},
};

/// What an update did.
#[derive(Debug, Clone)]
pub(super) struct Updated {
    pub rule: update::Rule,
    pub before: Mlp,
    pub after: Mlp,
    pub gradients: Vec<f32>,
    pub momentum_before: Vec<f32>,
    pub momentum: Vec<f32>,
    pub matrices: Vec<Direction>,
}

#[derive(Debug, Clone)]
pub(super) struct Direction {
    pub is_low_rank: bool,
    /// What Newton–Schulz was given.
    pub input: Vec<f32>,
    pub direction: Vec<f32>,
}

impl Updated {
    pub(super) fn before(network: &Mlp, updater: &Updater) -> Self {
        Self {
            rule: *updater.rule(),
            before: network.clone(),
            after: network.clone(),
            gradients: Vec::new(),
            momentum_before: updater.momentum().to_vec(),
            momentum: Vec::new(),
            matrices: Vec::new(),
        }
    }

    pub(super) fn after(mut self, network: &Mlp, updater: &Updater, gradients: Vec<f32>) -> Self {
        let matrix = |index| Direction {
            is_low_rank: updater.is_low_rank(index),
            input: updater
                .newton_schulz_input(network, index, &gradients)
                .to_vec(),
            direction: updater.direction(index).to_vec(),
        };
        self.matrices = (0..network.layers()).map(matrix).collect();
        self.after = network.clone();
        self.momentum = updater.momentum().to_vec();
        self.gradients = gradients;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        for (index, matrix) in self.matrices.iter().enumerate() {
            let (_, outputs) = shape(&self.before, index);
            matrix
                .check(outputs, self.rule.newton_schulz_steps)
                .map_err(|error| error.context(format!("layer {index}")))?;
            let (_, bias_gradient) = self.before.layer_of(&self.gradients, index);
            self.check_descent(index, &matrix.direction, bias_gradient)?;
        }
        Ok(())
    }

    /// m' = μm + u and θ' = θ(1 − lr·λ) − lr·m', weights times one factor of at most 1 where they are bounded.
    fn check_descent(
        &self,
        index: usize,
        direction: &[f32],
        bias_gradient: &[f32],
    ) -> Result<(), Error> {
        let (old_weight, old_bias) = self.before.layer(index);
        let (new_weight, new_bias) = self.after.layer(index);
        let (old_m, old_bias_m) = self.before.layer_of(&self.momentum_before, index);
        let (new_m, new_bias_m) = self.before.layer_of(&self.momentum, index);
        let bounded = self.rule.spectral_bound.is_some();
        let weight = Descended {
            parameters: [old_weight, new_weight],
            momentum: [old_m, new_m],
            direction,
        };
        let bias = Descended {
            parameters: [old_bias, new_bias],
            momentum: [old_bias_m, new_bias_m],
            direction: bias_gradient,
        };
        let explained = weight.is_right(&self.rule, bounded) && bias.is_right(&self.rule, false);
        ensure_right(explained, || {
            format!(
                "the parameters of layer {index} are not those that momentum, decay and step give"
            )
        })
    }
}

struct Descended<'a> {
    /// Before and after.
    parameters: [&'a [f32]; 2],
    momentum: [&'a [f32]; 2],
    direction: &'a [f32],
}

impl Descended<'_> {
    fn is_right(&self, rule: &update::Rule, bounded: bool) -> bool {
        let [old, new] = self.parameters;
        let (share, rate) = (f64::from(rule.momentum), f64::from(rule.learning_rate));
        let shrink = 1.0 - rate * f64::from(rule.weight_decay);
        let steps = self.momentum[0].iter().zip(self.direction);
        let momentum: Vec<f64> = steps
            .map(|(m, u)| share * f64::from(*m) + f64::from(*u))
            .collect();
        let scale = momentum.iter().map(|m| m.abs()).fold(0.0, f64::max);
        let same = self.momentum[1]
            .iter()
            .zip(&momentum)
            .all(|(found, m)| is_near((*found).into(), *m, scale));
        let pairs = old.iter().zip(&momentum);
        let expected: Vec<f64> = pairs
            .map(|(theta, m)| f64::from(*theta) * shrink - rate * m)
            .collect();
        let dot: f64 = expected
            .iter()
            .zip(new)
            .map(|(e, found)| e * f64::from(*found))
            .sum();
        let square: f64 = expected.iter().map(|e| e * e).sum();
        let factor = if bounded && square > 0.0 {
            dot / square
        } else {
            1.0
        };
        let scale = expected.iter().map(|e| e.abs()).fold(0.0, f64::max);
        let moved = new
            .iter()
            .zip(&expected)
            .all(|(found, e)| is_near((*found).into(), factor * e, scale));
        same && moved && factor > 0.0 && factor <= 1.0 + TOLERANCE
    }
}

impl Direction {
    /// Newton–Schulz against its definition applied to a vector; a direction of low rank must keep what it maps to.
    fn check(&self, columns: usize, steps: usize) -> Result<(), Error> {
        let mut z = vec![0.0; columns];
        fill_normal(&mut stream(1, "vector"), &mut z);
        let z: Vec<f64> = z.iter().copied().map(f64::from).collect();
        let found = reference::times(&self.direction, columns, &z);
        let (expected, what) = if self.is_low_rank {
            let back = reference::times_transposed(&self.direction, columns, &found);
            let again = reference::times(&self.direction, columns, &back);
            (again, "is no UVᵀ: D·Dᵀ·D·z differs from D·z")
        } else {
            let squares: f64 = self.input.iter().map(|g| f64::from(*g).powi(2)).sum();
            let (least, most) = update::NORMS;
            let operator = reference::NewtonSchulz {
                gradient: &self.input,
                columns,
                norm: squares.sqrt().clamp(least, most),
            };
            (operator.apply(steps, &z), "is not that of Newton–Schulz")
        };
        let norm =
            |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
        let length = norm(&mut expected.iter().copied());
        let off = norm(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
        ensure_right(off <= TOLERANCE * length + 1e-9, || {
            format!("the direction of the update {what} (off by {off:.2e} of {length:.2e})")
        })
    }
}
