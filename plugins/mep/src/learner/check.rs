//! Proofs of a step: what it computed in f32, held against plain f64 arithmetic from the definitions.
//!
//! What a step leaves is put into a record first, so that tests can falsify the record.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    nn::{
        Decay,
        fused::{Mlp, Optimizer, Rule},
    },
    random::{Random, Rng, fill_normal, stream},
};

use super::{
    Phases,
    backprop::{BackpropLearner, Descent},
    candle::CandleLearner,
    energy::{EnergyLearner, find_gradients},
};
use crate::{
    data::Batch,
    network::shape,
    reference,
    update::{self, Updater},
};

/// Largest difference of a gradient, relative to the largest of its layer.
const TOLERANCE: f64 = 1e-3;

/// Numbers of a layer that are held against finite differences.
const PROBES: usize = 6;

/// Deviation of the states from their rest while gradients are compared: what settling itself leaves is as small as
/// the rounding of f32.
const DISPLACEMENT: f32 = 0.1;

/// A state nearer to the kink of ReLU than this has no finite difference.
const KINK: f64 = 1e-3;

/// Step of the differences; energy is quadratic between kinks, so they are exact but for rounding.
const STEP: f64 = 1e-4;

/// What settling computed at displaced states.
#[derive(Debug, Clone)]
struct Forces {
    network: Mlp,
    beta: f64,
    /// `[rows, outputs]` of each layer.
    states: Vec<Vec<f32>>,
    /// ∂E/∂s, likewise.
    forces: Vec<Vec<f32>>,
    /// As the parameters lie.
    gradients: Vec<f32>,
}

/// What an update did.
#[derive(Debug, Clone)]
struct Updated {
    rule: update::Rule,
    before: Mlp,
    after: Mlp,
    gradients: Vec<f32>,
    momentum_before: Vec<f32>,
    momentum: Vec<f32>,
    matrices: Vec<Direction>,
}

#[derive(Debug, Clone)]
struct Direction {
    is_low_rank: bool,
    /// What Newton–Schulz was given.
    input: Vec<f32>,
    direction: Vec<f32>,
}

pub(super) fn energy(learner: &mut EnergyLearner, batch: &Batch) -> Result<(), Error> {
    forces_of(learner, batch).check(batch)?;
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

fn forces_of(learner: &mut EnergyLearner, batch: &Batch) -> Forces {
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
    Forces {
        beta: rule.beta.into(),
        states: settling.states().to_vec(),
        network: network.clone(),
        forces,
        gradients,
    }
}

/// Energy after settling is at most what it was, in f64; fixed rates give no such promise.
fn energy_falls(learner: &mut EnergyLearner, batch: &Batch) -> Result<(), Error> {
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

impl Forces {
    fn check(&self, batch: &Batch) -> Result<(), Error> {
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
        let difference = (energy(at + STEP) - energy(at - STEP)) / (2.0 * STEP);
        let expected = difference / batch.rows() as f64;
        let found = f64::from(self.forces[index][row * width + unit]);
        ensure_right(
            is_near(found, expected, largest(&self.forces[index])),
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

impl Updated {
    fn before(network: &Mlp, updater: &Updater) -> Self {
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

    fn after(mut self, network: &Mlp, updater: &Updater, gradients: Vec<f32>) -> Self {
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

    fn check(&self) -> Result<(), Error> {
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

/// Loss and gradients of `batch` against the f64 reference.
fn check_backprop(network: &Mlp, batch: &Batch, loss: f64, gradients: &[f32]) -> Result<(), Error> {
    let (expected_loss, expected) = reference::backprop(network, &batch.points, &batch.labels);
    ensure_right(is_near(loss, expected_loss, expected_loss.max(1.0)), || {
        format!("the loss is {loss:.6} nat, its f64 reference {expected_loss:.6}")
    })?;
    let scale = largest(gradients);
    let pairs = gradients.iter().zip(&expected).enumerate();
    for (at, (found, expected)) in pairs {
        ensure_right(is_near((*found).into(), *expected, scale), || {
            format!(
                "the gradient of parameter {at} is {found:.6e}, its f64 reference {expected:.6e}"
            )
        })?;
    }
    Ok(())
}

/// The first step of the optimiser on these parameters against the formula; later ones differ by their moments only.
fn check_torch(network: &Mlp, rule: Rule, gradients: &[f32]) -> Result<(), Error> {
    let mut theta = network.parameters().to_vec();
    Optimizer::new(network, rule, 1).step(&mut theta, gradients);
    let pairs = network.parameters().iter().zip(gradients).zip(&theta);
    for (at, ((old, gradient), found)) in pairs.enumerate() {
        let (old, gradient) = (f64::from(*old), f64::from(*gradient));
        let (expected, rate) = match rule {
            Rule::Sgd(params) => {
                let gradient = gradient + params.weight_decay * old;
                (
                    old - params.learning_rate * gradient,
                    params.learning_rate * gradient.abs(),
                )
            }
            Rule::Adam(params) => {
                let (gradient, shrink) = match params.decay {
                    Decay::L2 => (gradient + params.weight_decay * old, 1.0),
                    Decay::Decoupled => {
                        (gradient, 1.0 - params.learning_rate * params.weight_decay)
                    }
                };
                let step = params.learning_rate * gradient / (gradient.abs() + params.eps);
                (old * shrink - step, params.learning_rate)
            }
        };
        ensure_right(
            is_near((*found).into(), expected, rate.max(old.abs())),
            || {
                format!(
                    "the first step takes parameter {at} to {found:.6e}, its f64 reference to {expected:.6e}"
                )
            },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;
    use crate::{
        data::{self, Rows},
        learner::config::{LearnerConfig, OptimizerKind, Settings, Task},
        network::network,
    };

    fn batch(outputs: usize) -> (Vec<usize>, Batch) {
        let rows = if outputs == 10 {
            data::load("subset", None, (8, 1)).unwrap().train
        } else {
            Rows::xor(outputs)
        };
        let mut batch = Batch::default();
        batch.fill(&rows, &(0..rows.len()).collect::<Vec<_>>());
        (vec![rows.inputs, 7, 6, outputs], batch)
    }

    fn settings(optimizer: OptimizerKind) -> Settings {
        let config = LearnerConfig {
            optimizer,
            ..LearnerConfig::default()
        };
        config.settings(Task::Images).unwrap()
    }

    fn energy_learner(optimizer: OptimizerKind) -> (EnergyLearner, Batch) {
        let (widths, batch) = batch(10);
        let Settings::Energy {
            settling,
            free_phase,
            update,
        } = settings(optimizer)
        else {
            panic!("{optimizer:?} settles");
        };
        let size = (batch.rows(), 1);
        let mut learner =
            EnergyLearner::new(network(&widths, 3), (settling, free_phase), update, size);
        learner.updater.reset(3);
        (learner, batch)
    }

    fn wrong(result: Result<(), Error>, beginning: &str) {
        let error = result.expect_err(beginning);
        assert_eq!(error.kind(), ErrorKind::Wrong);
        assert!(error.to_string().contains(beginning), "{error}");
    }

    #[test]
    fn every_learner_that_settles_is_right() {
        for optimizer in [
            OptimizerKind::Smep,
            OptimizerKind::Sdmep,
            OptimizerKind::Eqprop,
            OptimizerKind::LocalEp,
            OptimizerKind::NaturalEp,
        ] {
            let (mut learner, batch) = energy_learner(optimizer);
            for _ in 0..3 {
                energy(&mut learner, &batch)
                    .unwrap_or_else(|error| panic!("{optimizer:?}: {error}"));
            }
        }
    }

    #[test]
    fn a_falsified_force_gradient_weight_or_target_is_wrong() {
        let (mut learner, batch) = energy_learner(OptimizerKind::Smep);
        let right = forces_of(&mut learner, &batch);
        right.check(&batch).unwrap();

        let mut force = right.clone();
        force.forces[1].iter_mut().for_each(|force| *force *= 1.01);
        wrong(force.check(&batch), "the energy gradient of state");

        let mut gradient = right.clone();
        gradient
            .gradients
            .iter_mut()
            .for_each(|gradient| *gradient *= 1.01);
        wrong(gradient.check(&batch), "the gradient of ");

        let mut weight = right.clone();
        weight
            .network
            .parameters_mut()
            .iter_mut()
            .for_each(|w| *w *= 1.01);
        wrong(weight.check(&batch), "by differences");

        let mut other = Batch {
            points: batch.points.clone(),
            targets: batch.targets.clone(),
            ..Batch::default()
        };
        other.taken.clone_from(&batch.taken);
        other.targets.rotate_right(1);
        wrong(right.check(&other), "the energy gradient of state");
    }

    #[test]
    fn a_falsified_direction_momentum_or_step_is_wrong() {
        let (mut learner, batch) = energy_learner(OptimizerKind::Smep);
        let before = Updated::before(&learner.network, &learner.updater);
        learner.step(&batch, &Phases::default());
        let right = before.after(
            &learner.network,
            &learner.updater,
            learner.gradients.clone(),
        );
        right.check().unwrap();

        let mut direction = right.clone();
        direction.matrices[0]
            .direction
            .iter_mut()
            .for_each(|u| *u *= 1.01);
        wrong(
            direction.check(),
            "layer 0: the direction of the update is not that of Newton–Schulz",
        );

        let mut momentum = right.clone();
        momentum.momentum[5] += 0.1;
        wrong(momentum.check(), "the parameters of layer 0 are not those");

        let mut step = right.clone();
        step.after.parameters_mut()[9] += 0.01;
        wrong(step.check(), "the parameters of layer 0 are not those");

        let mut rank = right;
        rank.matrices[1].is_low_rank = true;
        wrong(
            rank.check(),
            "layer 1: the direction of the update is no UVᵀ",
        );
    }

    #[test]
    fn backprop_is_right_and_a_falsified_gradient_weight_or_label_is_wrong() {
        for optimizer in [
            OptimizerKind::Sgd,
            OptimizerKind::Adam,
            OptimizerKind::AdamW,
        ] {
            let (widths, mut batch) = batch(10);
            let Settings::Torch(rule, _) = settings(optimizer) else {
                panic!("it is torch's")
            };
            let mut learner = BackpropLearner::torch(network(&widths, 3), rule, (batch.rows(), 1));
            backprop(&mut learner, &batch).unwrap();
            let before = learner.network.clone();
            let loss = learner.step(&batch, &Phases::default()).loss;
            let gradients = learner.pass.gradients().to_vec();
            check_backprop(&before, &batch, loss, &gradients).unwrap();

            let mut gradient = gradients.clone();
            gradient[30] += 0.01;
            wrong(
                check_backprop(&before, &batch, loss, &gradient),
                "the gradient of parameter",
            );
            let mut weight = before.clone();
            weight.parameters_mut().iter_mut().for_each(|w| *w *= 1.1);
            wrong(
                check_backprop(&weight, &batch, loss, &gradients),
                "its f64 reference",
            );
            batch.labels[0] = (batch.labels[0] + 1) % 10;
            wrong(
                check_backprop(&before, &batch, loss, &gradients),
                "the loss is",
            );
        }
    }

    #[test]
    fn muon_and_stock_candle_are_right() {
        let (widths, batch) = batch(2);
        let Settings::Muon(rule) = settings(OptimizerKind::Muon) else {
            panic!("it is muon")
        };
        let mut learner = BackpropLearner::muon(network(&widths, 3), rule, (4, 1));
        for _ in 0..3 {
            backprop(&mut learner, &batch).unwrap();
        }
        for optimizer in [
            OptimizerKind::Sgd,
            OptimizerKind::Adam,
            OptimizerKind::AdamW,
        ] {
            let Settings::Torch(rule, _) = settings(optimizer) else {
                panic!("it is torch's")
            };
            let mut stock = CandleLearner::new(&widths, rule, &candle_core::Device::Cpu).unwrap();
            let mut fused = BackpropLearner::torch(network(&widths, 0), rule, (4, 1));
            for _ in 0..5 {
                candle(&mut stock, &batch).unwrap();
                backprop(&mut fused, &batch).unwrap();
            }

            let pairs = stock.network().unwrap();
            for (stock, fused) in pairs.parameters().iter().zip(fused.network.parameters()) {
                assert!(
                    (stock - fused).abs() < 1e-4,
                    "{optimizer:?}: {stock} {fused}"
                );
            }
        }
    }
}
