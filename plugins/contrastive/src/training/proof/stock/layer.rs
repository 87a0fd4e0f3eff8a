//! One layer of stock operations, fetched from the device, and its links.

use benchhost_plugin_api::Error;
use benchhost_support::random::Random;
use candle_core::DType;

use super::{
    super::{ROWS, Row, TOLERANCE, as_factor, close, dot, length},
    Proof,
    activation::Activation,
    behind::{Back, Behind},
    both, flat, flat_all,
};
use crate::{
    model::tolerance,
    reference::{self, rounding, signs},
};

/// Largest difference of an output, relative to the largest of its row, and of gradients, relative to their length. In a half
/// type one layer has a fourth of the room that a whole model has.
fn of_products(dtype: DType) -> f64 {
    match dtype {
        DType::F16 | DType::BF16 => tolerance(dtype) / 4.0,
        _ => TOLERANCE,
    }
}

/// A layer and what the step has left around it, on the host; rows are those of both views.
pub(super) struct Layer {
    index: usize,
    inputs: usize,
    outputs: usize,
    /// The hidden layer before this one, `None` before the first.
    pub before: Option<Activation>,
    /// Windows, for the first layer: `[2 · batch, inputs]`.
    windows: Vec<f32>,
    /// Before any ReLU, `[2 · batch, outputs]`.
    sums: Vec<f32>,
    /// Weights `[outputs, inputs]` after the step, and their moments.
    weights: [Vec<f32>; 3],
    biases: [Vec<f32>; 3],
    weight_gradients: Vec<f32>,
    bias_gradients: Vec<f32>,
}

impl Layer {
    pub(super) fn fetch(proof: &Proof<'_>, index: usize) -> Result<Self, Error> {
        let step = proof.step;
        let [weight, bias] = [2 * index, 2 * index + 1].map(|i| &proof.stock.optimizer.slots[i]);
        let dims = weight.var.dims();
        let before = index.checked_sub(1);
        let before = before.map(|layer| Activation::fetch(proof, layer));
        let [anchor, positive] = step.hidden.each_ref().map(|view| view.get(index));
        Ok(Self {
            index,
            inputs: dims[1],
            outputs: dims[0],
            windows: match index {
                0 => flat(&step.views)?,
                _ => Vec::new(),
            },
            before: before.transpose()?,
            sums: match (anchor, positive) {
                (Some(anchor), Some(positive)) => both([&anchor.sums, &positive.sums])?,
                _ => both(step.embeddings.each_ref())?,
            },
            weights: flat_all([weight.var.as_tensor(), &weight.first, &weight.second])?,
            biases: flat_all([bias.var.as_tensor(), &bias.first, &bias.second])?,
            weight_gradients: flat(proof.gradient(2 * index)?)?,
            bias_gradients: flat(proof.gradient(2 * index + 1)?)?,
        })
    }

    /// `[2 · batch, inputs]`.
    fn input(&self) -> &[f32] {
        match &self.before {
            Some(activation) => &activation.output,
            None => &self.windows,
        }
    }

    /// Undoes the update unit by unit, holds a few rows of the output against the input, and carries the gradient `behind`
    /// the layer to the one before it.
    pub(super) fn walk(
        &self,
        proof: &Proof<'_>,
        behind: Option<&Behind>,
    ) -> Result<Option<Behind>, Error> {
        let all = self.input().len() / self.inputs;
        let pairs = all / 2;
        let rows: Vec<usize> = (0..ROWS.min(pairs))
            .chain(pairs..pairs + ROWS.min(pairs))
            .collect();
        let mut plain = vec![Row::zeros(self.outputs); rows.len()];
        let mut back = behind
            .zip(self.before.as_ref())
            .map(|(behind, before)| Back::new(behind, (before, self.inputs)));
        let factor = rounding(proof.stock.dtype);
        let (mut line, mut doubts) = (vec![0.0; self.inputs], vec![0.0; self.inputs]);
        for unit in 0..self.outputs {
            let after = |of: &[Vec<f32>; 3], index: usize| [0, 1, 2].map(|i: usize| of[i][index]);
            for (i, (weight, doubt)) in line.iter_mut().zip(&mut doubts).enumerate() {
                let before = proof.before(after(&self.weights, unit * self.inputs + i));
                (*weight, *doubt) = as_factor(factor, before);
            }
            let bias = as_factor(factor, proof.before(after(&self.biases, unit)));
            for (plain, row) in plain.iter_mut().zip(&rows) {
                let input = &self.input()[row * self.inputs..][..self.inputs];
                plain.add(unit, 1.0, bias);
                for (x, weight) in input.iter().zip(line.iter().zip(&doubts)) {
                    plain.add(unit, f64::from(*x), (*weight.0, *weight.1));
                }
            }
            if let Some(back) = &mut back {
                back.add((&line, &doubts));
            }
        }
        for (plain, row) in plain.iter().zip(rows) {
            let found = &self.sums[row * self.outputs..][..self.outputs];
            let name = format!("row {row} behind layer {}", self.index);
            let relative = of_products(proof.stock.dtype);
            plain.check(&name, (found, relative), |_, _| 1.0)?;
        }
        Ok(back.map(|back| back.finish(proof.digits)))
    }

    /// All gradients: t·G·s = Σ over the rows (δ·t)(x·s), the same for the biases with s = 1.
    pub(super) fn check_gradients(
        &self,
        proof: &Proof<'_>,
        behind: &Behind,
        rng: &mut Random,
    ) -> Result<(), Error> {
        let (s, t) = (signs(rng, self.inputs), signs(rng, self.outputs));
        let lines = self.weight_gradients.chunks_exact(self.inputs).zip(&t);
        let found: f64 = lines.map(|(line, t)| dot(line, &s) * t).sum();
        let of_sum = proof.digits.roundoff * (behind.doubts.len() as f64).sqrt();
        let (mut plain, mut plain_bias) = (0.0, 0.0);
        let (mut doubt, mut doubt_bias) = (0.0, 0.0);
        for (row, x) in self.input().chunks_exact(self.inputs).enumerate() {
            let (x, delta) = (dot(x, &s), reference::dot(behind.row(row), &t));
            plain += x * delta;
            plain_bias += delta;
            doubt += 2.0 * x.abs() * behind.doubts[row];
            // Biases get a sum over the rows, one after the other, in the type of the products.
            let length = reference::dot(behind.row(row), behind.row(row)).sqrt();
            doubt_bias += 2.0 * (behind.doubts[row] + of_sum * length);
        }
        let allowed = |values: &[f32], doubt: f64| {
            let small = 4.0 * proof.digits.least * (values.len() as f64).sqrt();
            let relative = of_products(proof.stock.dtype) * length(values);
            relative + doubt + small + f64::from(f32::MIN_POSITIVE)
        };
        let name = |what: &str| format!("gradients of the {what} of layer {}", self.index);
        let tolerance = allowed(&self.weight_gradients, doubt);
        close(&name("weights"), (found, plain), tolerance)?;
        let found = dot(&self.bias_gradients, &t);
        let tolerance = allowed(&self.bias_gradients, doubt_bias);
        close(&name("biases"), (found, plain_bias), tolerance)
    }
}
