//! The gradient that a real step followed: that of the states in which settling left the network, and the loss it told.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::fused::Mlp;
use candle_core::Tensor;

use super::{
    TOLERANCE,
    dense::{close, largest, matrix},
    is_near,
};
use crate::{data::Batch, learner::energy::EnergyLearner, network::shape, reference};

/// Rounding of a residual s − h in f32, relative to the largest s. What settling leaves of a residual may
/// be as small; the gradient at displaced states, `Forces`, is not.
const ROUNDING: f64 = 2e-6;

/// What a step left.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// Weights before the update.
    pub network: Mlp,
    pub beta: f64,
    /// `[rows, outputs]` of each layer, after settling.
    pub states: Vec<Vec<f32>>,
    /// As the parameters lie.
    pub gradients: Vec<f32>,
    pub loss: f64,
}

impl Settled {
    /// Of the step that `learner` has just taken from `network`.
    pub(super) fn of(learner: &EnergyLearner, network: &Mlp, loss: f64) -> Self {
        Self {
            network: network.clone(),
            beta: learner.rule.beta.into(),
            states: learner.settling.states().to_vec(),
            gradients: learner.gradients.clone(),
            loss,
        }
    }

    /// The loss, and every gradient: −aᵀr/(βB) for weights, −Σr/(βB) for biases.
    pub(super) fn check(&self, batch: &Batch) -> Result<(), Error> {
        let expected = self.loss_of(batch);
        ensure_right(is_near(self.loss, expected, expected), || {
            format!(
                "the loss is {:.6}, its f64 reference {expected:.6}",
                self.loss
            )
        })?;
        (0..self.network.layers()).try_for_each(|index| {
            self.check_layer(batch, index)
                .map_err(|error| error.context(format!("layer {index}")))
        })
    }

    /// Mean of ‖s_L − y‖² of the forward pass.
    fn loss_of(&self, batch: &Batch) -> f64 {
        let widths = self.network.widths();
        let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
        let points = batch.points.chunks_exact(inputs);
        let pairs = points.zip(batch.targets.chunks_exact(outputs));
        let sum: f64 = pairs
            .map(|(point, target)| {
                let states = reference::forward(&self.network, point);
                let last = states.last().expect("a network has a layer");
                let errors = last.iter().zip(target);
                errors
                    .map(|(s, y)| (s - f64::from(*y)).powi(2))
                    .sum::<f64>()
            })
            .sum();
        sum / batch.rows() as f64
    }

    fn check_layer(&self, batch: &Batch, index: usize) -> Result<(), Error> {
        let (inputs, outputs) = shape(&self.network, index);
        let rows = batch.rows();
        let (weights, biases) = self.network.layer(index);
        let below = match index.checked_sub(1) {
            None => matrix(&batch.points, rows, inputs)?,
            Some(below) => matrix(&self.states[below], rows, inputs)?.relu()?,
        };
        let state = matrix(&self.states[index], rows, outputs)?;
        let predicted = below.matmul(&matrix(weights, inputs, outputs)?)?;
        let predicted = predicted.broadcast_add(&matrix(biases, 1, outputs)?)?;
        let scale = -1.0 / (self.beta * rows as f64);
        let residual = ((&state - predicted)? * scale)?;
        let (weight_gradient, bias_gradient) = self.network.layer_of(&self.gradients, index);
        let rounding = ROUNDING * largest(&state)? / self.beta;
        let compare = |what, found: &Tensor, expected: &Tensor, reach: f64| {
            let tolerance = TOLERANCE * largest(expected)? + rounding * reach;
            close(what, (found, expected), tolerance)
        };
        compare(
            "the gradient of the weights",
            &matrix(weight_gradient, inputs, outputs)?,
            &below.t()?.matmul(&residual)?,
            largest(&below)?,
        )?;
        compare(
            "the gradient of the biases",
            &matrix(bias_gradient, 1, outputs)?,
            &residual.sum_keepdim(0)?,
            1.0,
        )
    }
}
