//! Proves the last step in f64, link by link: loss, its gradient, each layer forward and backward, the update.
//!
//! The weights that the step has used are gone, but Adam's moments are still there, so that the update can be undone. Whole
//! matrices are held against products with random signs, which see every entry at the cost of none (Freivalds, 1977, IFIP
//! Congress, 839–842). Here is what both implementations share; [`fused`] has kept every link, [`stock`] only those that
//! candle does not throw away.

pub(super) mod fused;
pub(super) mod stock;
mod update;

use benchhost_plugin_api::{Error, ensure_right};

use super::config::TrainingConfig;
use crate::reference;

pub(super) use update::{Spot, Undo};

/// Largest difference, relative to the largest value compared, or to the length of the vector compared.
const TOLERANCE: f64 = 1e-3;

/// Rows whose way through the layers is followed; the first ones of each view.
const ROWS: usize = 2;

/// Pairs up to which the gradient of the loss is computed in f64, which takes batch² · output operations.
const MOST_PAIRS: usize = 1024;

/// Standard errors that the share of dropped values may be off.
const ERRORS: f64 = 6.0;

/// Compares a loss with its definition in f64.
fn check_loss(
    config: &TrainingConfig,
    embeddings: (&[f32], &[f32]),
    ids: &[usize],
    found: f64,
) -> Result<(), Error> {
    let plain = reference::loss(config.loss, embeddings, ids, config.temperature);
    ensure_right(
        (found - plain).abs() <= TOLERANCE * plain.abs().max(1.0),
        || format!("the loss of the last step is {found:.6} nat, its f64 reference {plain:.6}"),
    )
}

/// How far the gradient of each embedding may be off beyond [`TOLERANCE`], as a length: what f32 leaves of it when it is
/// nearly 0, because the loss is or because all embeddings point the same way.
///
/// A similarity is rounded by some 10⁻⁷/τ, the softmax of it by as much or by 10⁻⁷, and the gradient is that over τ, the
/// number of pairs and the length of the embedding.
fn slope_doubts(embeddings: &[f32], (pairs, temperature): (usize, f64)) -> Vec<f64> {
    let rounding = 4e-6 / temperature.min(1.0) / (temperature * pairs as f64);
    let rows = embeddings.chunks_exact(embeddings.len() / (2 * pairs));
    rows.map(|row| rounding / length(row).max(1e-8)).collect()
}

/// Factors of dropout of the hidden layer `layer` must be 0, in the share `rate` of all, or `kept`.
fn check_mask(layer: usize, mask: &[f32], (rate, kept): (f64, f64)) -> Result<(), Error> {
    let odd = mask
        .iter()
        .find(|factor| **factor != 0.0 && f64::from(**factor) != kept);
    ensure_right(odd.is_none(), || {
        format!("a factor of dropout behind layer {layer} is {odd:?}, expected 0 or {kept}")
    })?;
    let count = mask.len() as f64;
    let share = mask.iter().filter(|factor| **factor == 0.0).count() as f64 / count;
    let error = (rate * (1.0 - rate) / count).sqrt();
    ensure_right((share - rate).abs() <= ERRORS * error, || {
        format!("dropout behind layer {layer} drops {share:.4} of all values, expected {rate}")
    })
}

/// Values of a row and how far each may be off beyond the relative tolerance.
#[derive(Debug, Clone)]
struct Row {
    values: Vec<f64>,
    doubts: Vec<f64>,
}

impl Row {
    fn zeros(count: usize) -> Self {
        Self {
            values: vec![0.0; count],
            doubts: vec![0.0; count],
        }
    }

    /// Adds `x` · `weight`, where the weight may be off by `doubt`.
    fn add(&mut self, index: usize, x: f64, (weight, doubt): (f64, f64)) {
        self.values[index] += x * weight;
        self.doubts[index] += x.abs() * doubt;
    }

    /// Holds `found` against these values times `factors`, within `relative` of the largest of them and their doubts.
    fn check(
        &self,
        what: &str,
        (found, relative): (&[f32], f64),
        factor: impl Fn(usize, f64) -> f64,
    ) -> Result<(), Error> {
        let scale = self.values.iter().fold(0.0f64, |a, b| a.max(b.abs()));
        for (index, found) in found.iter().enumerate() {
            let value = self.values[index];
            let factor = factor(index, value);
            let tolerance = factor * (relative * scale + self.doubts[index]);
            let pair = (f64::from(*found), factor * value);
            close(what, pair, tolerance + f64::from(f32::MIN_POSITIVE))?;
        }
        Ok(())
    }
}

/// A number and its doubt after rounding: both ends may be rounded apart.
fn as_factor(factor: fn(f64) -> f64, (value, doubt): (f64, f64)) -> (f64, f64) {
    (factor(value), factor(value + doubt) - factor(value - doubt))
}

fn dot(values: &[f32], signs: &[f64]) -> f64 {
    let pairs = values.iter().zip(signs);
    pairs.map(|(v, s)| f64::from(*v) * s).sum()
}

fn length(values: &[f32]) -> f64 {
    let squares = values.iter().map(|v| f64::from(*v).powi(2));
    squares.sum::<f64>().sqrt()
}

fn close(what: &str, (found, plain): (f64, f64), tolerance: f64) -> Result<(), Error> {
    ensure_right((found - plain).abs() <= tolerance, || {
        format!("{what}: {found:e}, its f64 reference {plain:e}, tolerance {tolerance:.1e}")
    })
}
