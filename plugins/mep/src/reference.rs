//! Everything that is proved, once more: in f64, a number after the other, from the definitions.

use benchhost_support::nn::fused::Mlp;

use crate::network::shape;

/// `x·W + b` of layer `index`.
pub(crate) fn layer(mlp: &Mlp, index: usize, x: &[f64]) -> Vec<f64> {
    let (weight, bias) = mlp.layer(index);
    let mut y: Vec<f64> = bias.iter().copied().map(f64::from).collect();
    for (x, row) in x.iter().zip(weight.chunks_exact(bias.len())) {
        for (y, w) in y.iter_mut().zip(row) {
            *y += x * f64::from(*w);
        }
    }
    y
}

pub(crate) fn relu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x.max(0.0)).collect()
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

/// Pre-activations of each layer for one `point`; the last are the prediction.
pub(crate) fn forward(mlp: &Mlp, point: &[f32]) -> Vec<Vec<f64>> {
    let mut states: Vec<Vec<f64>> = Vec::with_capacity(mlp.layers());
    for index in 0..mlp.layers() {
        let below = states
            .last()
            .map_or_else(|| wide(point), |below| relu(below));
        states.push(layer(mlp, index, &below));
    }
    states
}

/// Energy of one row, not divided by the batch: ½ Σ ‖s − h‖² + β‖s_L − y‖². `states`: one for each layer.
pub(crate) fn energy(
    mlp: &Mlp,
    point: &[f32],
    target: &[f32],
    states: &[Vec<f64>],
    beta: f64,
) -> f64 {
    let mut below = wide(point);
    let mut energy = 0.0;
    for (index, state) in states.iter().enumerate() {
        let predicted = layer(mlp, index, &below);
        energy += 0.5 * distance(state, &predicted);
        below = relu(state);
    }
    let last = states.last().expect("a network has a layer");
    energy + beta * distance(last, &wide(target))
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// What [`backprop`] finds.
#[derive(Debug)]
pub(crate) struct Backprop {
    /// In nats.
    pub loss: f64,
    /// As the parameters lie.
    pub gradients: Vec<f64>,
    /// How far each may be off in f32, which takes a probability near 1 from 1: all there is of it once a row is learned.
    pub rounding: Vec<f64>,
}

/// Rounding of a probability in f32, relative to it: an exponential, a sum, a division.
const PROBABILITY: f64 = 4.0 * f32::EPSILON as f64;

/// A probability below this is 0 in f32.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// Mean cross-entropy of rows `points` with classes `labels`, and its gradient.
pub(crate) fn backprop(mlp: &Mlp, points: &[f32], labels: &[u32]) -> Backprop {
    let count = mlp.parameters().len();
    let mut found = Backprop {
        loss: 0.0,
        gradients: vec![0.0; count],
        rounding: vec![0.0; count],
    };
    let share = 1.0 / labels.len() as f64;
    for (point, label) in points.chunks_exact(mlp.widths()[0]).zip(labels) {
        let states = forward(mlp, point);
        let logits = states.last().expect("a network has a layer");
        let label = *label as usize;
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        found.loss += share * (largest + sum.ln() - logits[label]);
        let probabilities = logits.iter().map(|logit| (logit - largest).exp() / sum);
        let mut delta: Vec<f64> = probabilities.map(|p| share * p).collect();
        let off = delta.iter().map(|delta| PROBABILITY * delta + SMALLEST);
        let off = off.collect();
        delta[label] -= share;
        go_back(mlp, (point, &states), delta, |x| x, &mut found.gradients);
        go_back(mlp, (point, &states), off, f64::abs, &mut found.rounding);
    }
    found
}

/// Adds to `sums` what `delta`, ∂/∂s of the last layer, gives for one row; of weights and activations it takes the `part`.
fn go_back(
    mlp: &Mlp,
    (point, states): (&[f32], &[Vec<f64>]),
    mut delta: Vec<f64>,
    part: fn(f64) -> f64,
    sums: &mut [f64],
) {
    let mut end = sums.len();
    for index in (0..mlp.layers()).rev() {
        let (inputs, outputs) = shape(mlp, index);
        let start = end - (inputs + 1) * outputs;
        let below = match index {
            0 => wide(point),
            _ => relu(&states[index - 1]),
        };
        let (weight, bias) = sums[start..end].split_at_mut(inputs * outputs);
        for (x, row) in below.iter().zip(weight.chunks_exact_mut(outputs)) {
            row.iter_mut()
                .zip(&delta)
                .for_each(|(sum, delta)| *sum += part(*x) * delta);
        }
        bias.iter_mut()
            .zip(&delta)
            .for_each(|(sum, delta)| *sum += delta);
        if index > 0 {
            let rows = mlp.layer(index).0.chunks_exact(outputs);
            let back = rows.zip(&states[index - 1]).map(|(row, state)| {
                let pairs = row.iter().zip(&delta);
                let sum: f64 = pairs.map(|(w, delta)| part((*w).into()) * delta).sum();
                if *state > 0.0 { sum } else { 0.0 }
            });
            delta = back.collect();
        }
        end = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::network;

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let mlp = network(&[3, 5, 4, 2], 1);
        let points = [0.5, -1.0, 2.0, 1.5, 0.25, -0.75];
        let labels = [0, 1];
        let Backprop { gradients, .. } = backprop(&mlp, &points, &labels);

        for (at, gradient) in gradients.iter().enumerate() {
            let moved = |by: f32| {
                let mut mlp = mlp.clone();
                mlp.parameters_mut()[at] += by;
                backprop(&mlp, &points, &labels).loss
            };
            let step = 2f32.powi(-10);
            let difference = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            assert!(
                (difference - gradient).abs() < 1e-4,
                "{at}: {difference} {}",
                gradient
            );
        }
    }

    #[test]
    fn energy_of_the_forward_pass_is_only_the_pull() {
        let mlp = network(&[2, 3, 1], 1);
        let states = forward(&mlp, &[1.0, -1.0]);
        let pull = 0.5 * (states[1][0] - 1.0).powi(2);

        assert_eq!(energy(&mlp, &[1.0, -1.0], &[1.0], &states, 0.5), pull);
    }
}
