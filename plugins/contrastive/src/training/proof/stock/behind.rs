//! The gradient on its way from the embeddings back to the first layer, in f64.

use super::{
    super::{MOST_PAIRS, slope_doubts},
    Digits,
    activation::Activation,
};
use crate::{
    loss::{FusedLoss, Roles},
    reference::{self, dot},
    training::config::TrainingConfig,
};

/// The gradient behind a layer in f64, `[2 · batch, outputs]`.
pub(super) struct Behind {
    values: Vec<f64>,
    /// How far each row may be off beyond the relative tolerance, as a length.
    pub doubts: Vec<f64>,
}

impl Behind {
    /// That of the loss with respect to the embeddings. For many pairs f64 takes too long, and the loops of `fused`, which
    /// share no code with candle, stand in.
    pub(super) fn loss(
        config: &TrainingConfig,
        (embeddings, ids): (&[f32], &[usize]),
        digits: Digits,
    ) -> Self {
        let pairs = ids.len();
        let values = if pairs <= MOST_PAIRS {
            let views = embeddings.split_at(embeddings.len() / 2);
            reference::slope(config.loss, views, ids, config.temperature)
        } else {
            let shape = (pairs, config.output);
            let mut loss = FusedLoss::new(config.loss, config.temperature, shape);
            let mut gradient = vec![0.0; embeddings.len()];
            loss.forward(embeddings, &Roles::new(config.loss, ids));
            loss.backward(&mut gradient);
            gradient.into_iter().map(f64::from).collect()
        };
        let mut doubts = slope_doubts(embeddings, (pairs, config.temperature));
        for (row, doubt) in values.chunks_exact(config.output).zip(&mut doubts) {
            *doubt += digits.lost(dot(row, row).sqrt(), row.len());
        }
        Self { values, doubts }
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        let width = self.values.len() / self.doubts.len();
        &self.values[row * width..][..width]
    }
}

/// The gradient before a layer, summed up unit by unit.
pub(super) struct Back<'a> {
    behind: &'a Behind,
    before: &'a Activation,
    /// `[2 · batch, inputs]`.
    values: Vec<f64>,
    units: usize,
    /// Sums of the squares of all weights and of their doubts.
    weights: f64,
    doubts: f64,
}

impl<'a> Back<'a> {
    pub(super) fn new(behind: &'a Behind, (before, inputs): (&'a Activation, usize)) -> Self {
        Self {
            values: vec![0.0; behind.doubts.len() * inputs],
            behind,
            before,
            units: 0,
            weights: 0.0,
            doubts: 0.0,
        }
    }

    /// Adds the share of the next unit, whose weights are `line`, each within its doubt.
    pub(super) fn add(&mut self, (line, doubts): (&[f64], &[f64])) {
        for (row, values) in self.values.chunks_exact_mut(line.len()).enumerate() {
            let delta = self.behind.row(row)[self.units];
            for (value, weight) in values.iter_mut().zip(line) {
                *value += delta * weight;
            }
        }
        self.weights += dot(line, line);
        self.doubts += dot(doubts, doubts);
        self.units += 1;
    }

    /// The gradient behind the layer before, on the other side of ReLU and dropout.
    ///
    /// A doubt grows as the gradient of its row does, or as one in a random direction would, ‖W‖/√units; doubtful weights
    /// and lost digits add to it.
    pub(super) fn finish(mut self, digits: Digits) -> Behind {
        for (index, value) in self.values.iter_mut().enumerate() {
            *value *= self.before.slope(index);
        }
        let inputs = self.values.len() / self.behind.doubts.len();
        let random = self.before.largest() * (self.weights / self.units as f64).sqrt();
        let rows = self.values.chunks_exact(inputs).enumerate();
        let doubts = rows.map(|(row, values)| {
            let behind = self.behind.row(row);
            let (before, behind) = (dot(values, values).sqrt(), dot(behind, behind).sqrt());
            let gain = if behind > 0.0 { before / behind } else { 0.0 };
            let carried = self.behind.doubts[row] * gain.max(random);
            // A product loses digits of its terms, also where they cancel.
            let terms = before.max(behind * random);
            carried + behind * self.doubts.sqrt() + digits.lost(terms, inputs)
        });
        Behind {
            doubts: doubts.collect(),
            values: self.values,
        }
    }
}
