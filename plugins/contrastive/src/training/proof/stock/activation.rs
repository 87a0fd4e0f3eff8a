//! ReLU and dropout between two layers, value by value.

use benchhost_plugin_api::Error;

use super::{
    super::{check_mask, close},
    Proof, both,
};
use crate::{reference::rounding, training::config::TrainingConfig};

/// What a hidden layer has left, on the host, `[2 · batch, width]` each.
pub(super) struct Activation {
    layer: usize,
    /// Before ReLU.
    sums: Vec<f32>,
    /// Factors of dropout, empty without.
    mask: Vec<f32>,
    /// Input of the next layer.
    pub output: Vec<f32>,
}

impl Activation {
    pub(super) fn fetch(proof: &Proof<'_>, layer: usize) -> Result<Self, Error> {
        let [anchor, positive] = proof.step.hidden.each_ref().map(|view| &view[layer]);
        let mask = match (&anchor.mask, &positive.mask) {
            (Some(anchor), Some(positive)) => both([anchor, positive])?,
            _ => Vec::new(),
        };
        Ok(Self {
            layer,
            sums: both([&anchor.sums, &positive.sums])?,
            mask,
            output: both([&anchor.output, &positive.output])?,
        })
    }

    /// Dropout must be what `config` says, and every output its sum, if positive, times its factor.
    pub(super) fn check(&self, proof: &Proof<'_>, config: &TrainingConfig) -> Result<(), Error> {
        let layer = self.layer;
        let rounded = rounding(proof.stock.dtype);
        let rate = config.encoder.hidden()[layer].1;
        if rate > 0.0 {
            let kept = rounded(f64::from((1.0 / (1.0 - rate)) as f32));
            check_mask(layer, &self.mask, (rate, kept))?;
        }
        let name = format!("a value behind ReLU and dropout of layer {layer}");
        for (index, output) in self.output.iter().enumerate() {
            let plain = rounded(f64::from(self.sums[index]).max(0.0) * self.factor(index));
            let tolerance = 2.0 * proof.digits.roundoff * plain + f64::from(f32::MIN_POSITIVE);
            close(&name, (f64::from(*output), plain), tolerance)?;
        }
        Ok(())
    }

    /// What the gradient of output `index` is multiplied with on its way before ReLU; at 0 candle lets it pass.
    pub(super) fn slope(&self, index: usize) -> f64 {
        if self.sums[index] >= 0.0 {
            self.factor(index)
        } else {
            0.0
        }
    }

    /// The largest factor of dropout.
    pub(super) fn largest(&self) -> f64 {
        f64::from(self.mask.iter().fold(1.0f32, |a, b| a.max(*b)))
    }

    fn factor(&self, index: usize) -> f64 {
        let factor = self.mask.get(index);
        factor.map_or(1.0, |factor| f64::from(*factor))
    }
}
