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

/// Mean cross-entropy of rows `points` with classes `labels`, in nats, and its gradient as the parameters lie.
pub(crate) fn backprop(mlp: &Mlp, points: &[f32], labels: &[u32]) -> (f64, Vec<f64>) {
    let mut gradients = vec![0.0; mlp.parameters().len()];
    let mut loss = 0.0;
    let share = 1.0 / labels.len() as f64;
    for (point, label) in points.chunks_exact(mlp.widths()[0]).zip(labels) {
        let states = forward(mlp, point);
        let logits = states.last().expect("a network has a layer");
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        loss += share * (largest + sum.ln() - logits[*label as usize]);
        let mut delta: Vec<f64> = logits
            .iter()
            .map(|logit| share * (logit - largest).exp() / sum)
            .collect();
        delta[*label as usize] -= share;
        let mut end = gradients.len();
        for index in (0..mlp.layers()).rev() {
            let (inputs, outputs) = shape(mlp, index);
            let start = end - (inputs + 1) * outputs;
            let below = match index {
                0 => wide(point),
                _ => relu(&states[index - 1]),
            };
            let (weight, bias) = gradients[start..end].split_at_mut(inputs * outputs);
            for (x, row) in below.iter().zip(weight.chunks_exact_mut(outputs)) {
                row.iter_mut()
                    .zip(&delta)
                    .for_each(|(g, delta)| *g += x * delta);
            }
            bias.iter_mut()
                .zip(&delta)
                .for_each(|(g, delta)| *g += delta);
            if index > 0 {
                let rows = mlp.layer(index).0.chunks_exact(outputs);
                let back = rows.zip(&states[index - 1]).map(|(row, state)| {
                    let sum: f64 = row
                        .iter()
                        .zip(&delta)
                        .map(|(w, delta)| f64::from(*w) * delta)
                        .sum();
                    if *state > 0.0 { sum } else { 0.0 }
                });
                delta = back.collect();
            }
            end = start;
        }
    }
    (loss, gradients)
}

/// Newton–Schulz of a matrix, as an operator: what the result of `steps` steps makes of a vector.
#[derive(Debug)]
pub(crate) struct NewtonSchulz<'a> {
    /// `[rows, columns]`.
    pub gradient: &'a [f32],
    pub columns: usize,
    pub norm: f64,
}

impl NewtonSchulz<'_> {
    /// X·z after `steps` steps: ½(3·X·z − X·Xᵀ·X·z) of the steps before.
    pub(crate) fn apply(&self, steps: usize, z: &[f64]) -> Vec<f64> {
        self.either(steps, z, false)
    }

    fn either(&self, steps: usize, z: &[f64], transposed: bool) -> Vec<f64> {
        let Some(before) = steps.checked_sub(1) else {
            let y = if transposed {
                times_transposed(self.gradient, self.columns, z)
            } else {
                times(self.gradient, self.columns, z)
            };
            return y.iter().map(|y| y / self.norm).collect();
        };
        let once = self.either(before, z, transposed);
        let back = self.either(before, &once, !transposed);
        let twice = self.either(before, &back, transposed);
        once.iter()
            .zip(twice)
            .map(|(x, xxx)| 0.5 * (3.0 * x - xxx))
            .collect()
    }
}

/// `a·z` for a row-major matrix.
pub(crate) fn times(a: &[f32], columns: usize, z: &[f64]) -> Vec<f64> {
    let row = |row: &[f32]| row.iter().zip(z).map(|(a, z)| f64::from(*a) * z).sum();
    a.chunks_exact(columns).map(row).collect()
}

/// `aᵀ·z`.
pub(crate) fn times_transposed(a: &[f32], columns: usize, z: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; columns];
    for (row, z) in a.chunks_exact(columns).zip(z) {
        y.iter_mut()
            .zip(row)
            .for_each(|(y, a)| *y += f64::from(*a) * z);
    }
    y
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
        let (_, gradients) = backprop(&mlp, &points, &labels);

        for (at, gradient) in gradients.iter().enumerate() {
            let moved = |by: f32| {
                let mut mlp = mlp.clone();
                mlp.parameters_mut()[at] += by;
                backprop(&mlp, &points, &labels).0
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
