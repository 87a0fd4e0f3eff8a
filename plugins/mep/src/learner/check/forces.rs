//! Energy gradient of the states and gradient of the parameters, against finite differences of the energy.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    nn::fused::Mlp,
    random::{Random, Rng, stream},
};

use super::{TOLERANCE, is_near, largest};
use crate::{
    data::Batch,
    learner::energy::{EnergyLearner, find_gradients},
    network::shape,
    reference,
};

/// Numbers of a layer that are held against finite differences.
const PROBES: usize = 6;

/// Deviation of the states from their rest while gradients are compared: what settling itself leaves is as small as
/// the rounding of f32.
const DISPLACEMENT: f32 = 0.1;

/// A state nearer to the kink of ReLU than this has no finite difference.
const KINK: f64 = 1e-3;

/// Step of the differences; energy is quadratic between kinks, so they are exact but for rounding.
const STEP: f64 = 1e-4;

/// Units in the last place by which an energy, a sum over all layers, may be off.
const ROUNDINGS: f64 = 16.0;

/// What settling computed at displaced states.
#[derive(Debug, Clone)]
pub(super) struct Forces {
    pub network: Mlp,
    beta: f64,
    /// `[rows, outputs]` of each layer.
    pub states: Vec<Vec<f32>>,
    /// ∂E/∂s, likewise.
    pub forces: Vec<Vec<f32>>,
    /// As the parameters lie.
    pub gradients: Vec<f32>,
}

impl Forces {
    /// Forces and gradients of `batch` at states that lie apart from their rest.
    pub(super) fn of(learner: &mut EnergyLearner, batch: &Batch) -> Self {
        let EnergyLearner {
            network,
            settling,
            rule,
            ..
        } = learner;
        settling.start(network, &batch.points, &batch.targets);
        settling.displace(&mut stream(1, "displacement"), DISPLACEMENT);
        let forces = settling.state_gradient(network, &batch.targets, rule.beta);
        let mut gradients = vec![0.0; network.parameters().len()];
        find_gradients(
            settling,
            network,
            batch,
            (0.0, -1.0 / rule.beta),
            &mut gradients,
        );
        Self {
            beta: rule.beta.into(),
            states: settling.states().to_vec(),
            network: network.clone(),
            forces,
            gradients,
        }
    }

    pub(super) fn check(&self, batch: &Batch) -> Result<(), Error> {
        let mut rng = stream(1, "probes");
        for index in 0..self.network.layers() {
            for _ in 0..PROBES {
                self.check_state(batch, index, &mut rng)?;
                self.check_weight(batch, index, &mut rng)?;
            }
        }
        Ok(())
    }

    /// ∂E/∂s against the difference of the energy of its row.
    fn check_state(&self, batch: &Batch, index: usize, rng: &mut Random) -> Result<(), Error> {
        let (_, width) = shape(&self.network, index);
        let (row, unit) = (below(rng, batch.rows()), below(rng, width));
        let mut states = row_of(&self.states, batch.rows(), row);
        let at = states[index][unit];
        if at.abs() < KINK {
            return Ok(());
        }
        let (point, target) = part(batch, &self.network, row);
        let mut energy = |state: f64| {
            states[index][unit] = state;
            reference::energy(&self.network, point, target, &states, self.beta)
        };
        let (above, below) = (energy(at + STEP), energy(at - STEP));
        let per_row = 2.0 * STEP * batch.rows() as f64;
        let expected = (above - below) / per_row;
        // What f64 leaves of the difference of two energies: much where a training has run away, else nothing.
        let rounding = ROUNDINGS * f64::EPSILON * (above.abs() + below.abs()) / per_row;
        let found = f64::from(self.forces[index][row * width + unit]);
        ensure_right(
            is_near(found, expected, largest(&self.forces[index]))
                || (found - expected).abs() <= rounding,
            || {
                format!(
                    "the energy gradient of state {unit} of layer {index}, row {row}, is {found:.6e}, by differences \
                 {expected:.6e}"
                )
            },
        )
    }

    /// The gradient of a weight, or of a bias, against the difference of the energy divided by β.
    fn check_weight(&self, batch: &Batch, index: usize, rng: &mut Random) -> Result<(), Error> {
        let (inputs, outputs) = shape(&self.network, index);
        let (input, unit) = (below(rng, inputs + 1), below(rng, outputs));
        let is_bias = input == inputs;
        let (weights, biases) = self.network.layer(index);
        let (mut up, mut down) = (0.0, 0.0);
        for row in 0..batch.rows() {
            let states = row_of(&self.states, batch.rows(), row);
            let x = match index {
                0 => part(batch, &self.network, row)
                    .0
                    .iter()
                    .copied()
                    .map(f64::from)
                    .collect(),
                _ => reference::relu(&states[index - 1]),
            };
            let column = weights.iter().skip(unit).step_by(outputs);
            let sum: f64 = x.iter().zip(column).map(|(x, w)| x * f64::from(*w)).sum();
            let predicted = sum + f64::from(biases[unit]);
            let slope = if is_bias { 1.0 } else { x[input] };
            let energy =
                |change: f64| 0.5 * (states[index][unit] - predicted - change * slope).powi(2);
            up += energy(STEP);
            down += energy(-STEP);
        }
        let expected = (up - down) / (2.0 * STEP * self.beta * batch.rows() as f64);
        let (weight_gradient, bias_gradient) = self.network.layer_of(&self.gradients, index);
        let (found, all) = if is_bias {
            (bias_gradient[unit], bias_gradient)
        } else {
            (weight_gradient[input * outputs + unit], weight_gradient)
        };
        ensure_right(is_near(found.into(), expected, largest(all)), || {
            let which = if is_bias {
                "bias".to_owned()
            } else {
                format!("weight {input}")
            };
            format!(
                "the gradient of {which} of unit {unit} of layer {index} is {found:.6e}, by differences {expected:.6e}"
            )
        })
    }
}

/// Energy after settling is at most what it was, in f64; fixed rates give no such promise.
pub(super) fn energy_falls(learner: &mut EnergyLearner, batch: &Batch) -> Result<(), Error> {
    let EnergyLearner {
        network,
        settling,
        rule,
        ..
    } = learner;
    let total = |states: &[Vec<f32>]| -> f64 {
        let rows = 0..batch.rows().min(PROBES);
        rows.map(|row| {
            let states = row_of(states, batch.rows(), row);
            let (point, target) = part(batch, network, row);
            reference::energy(network, point, target, &states, rule.beta.into())
        })
        .sum()
    };
    settling.start(network, &batch.points, &batch.targets);
    let before = total(settling.states());
    settling.settle(network, &batch.targets, rule);
    let after = total(settling.states());
    ensure_right(
        !rule.adaptive || after <= before * (1.0 + TOLERANCE),
        || format!("energy rose while settling: it was {before:.6} and is {after:.6}"),
    )
}

fn row_of(states: &[Vec<f32>], rows: usize, row: usize) -> Vec<Vec<f64>> {
    let of_layer = |state: &Vec<f32>| {
        let width = state.len() / rows;
        let values = state[row * width..][..width].iter();
        values.copied().map(f64::from).collect()
    };
    states.iter().map(of_layer).collect()
}

fn part<'a>(batch: &'a Batch, network: &Mlp, row: usize) -> (&'a [f32], &'a [f32]) {
    let widths = network.widths();
    let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
    (
        &batch.points[row * inputs..][..inputs],
        &batch.targets[row * outputs..][..outputs],
    )
}

fn below(rng: &mut Random, count: usize) -> usize {
    (rng.next_u64() % count as u64) as usize
}
