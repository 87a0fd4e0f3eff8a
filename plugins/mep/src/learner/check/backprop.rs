//! Loss and gradients of a step by backprop, against f64.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::fused::Mlp;

use super::{TOLERANCE, is_near};
use crate::{data::Batch, reference};

/// A loss below this, in nats, is held against it: f32 computes it from logits that are much larger.
const SMALL_LOSS: f64 = 0.01;

/// What a step found.
#[derive(Debug, Clone)]
pub(super) struct Passed {
    /// Weights before the update.
    pub network: Mlp,
    /// In nats.
    pub loss: f64,
    /// As the parameters lie.
    pub gradients: Vec<f32>,
}

impl Passed {
    /// The loss, and every gradient relative to the largest of its layer's weights or biases.
    pub(super) fn check(&self, batch: &Batch) -> Result<(), Error> {
        let expected = reference::backprop(&self.network, &batch.points, &batch.labels);
        let (loss, expected_loss) = (self.loss, expected.loss);
        ensure_right(
            is_near(loss, expected_loss, expected_loss.max(SMALL_LOSS)),
            || format!("the loss is {loss:.6} nat, its f64 reference {expected_loss:.6}"),
        )?;
        let mut start = 0;
        for index in 0..self.network.layers() {
            let (weights, biases) = self.network.layer_of(&self.gradients, index);
            for (kind, found) in [("weight", weights), ("bias", biases)] {
                let places = start..start + found.len();
                start = places.end;
                let numbers = (
                    &expected.gradients[places.clone()],
                    &expected.rounding[places],
                );
                close(found, numbers)
                    .map_err(|error| error.context(format!("layer {index}, {kind}")))?;
            }
        }
        Ok(())
    }
}

fn close(found: &[f32], (expected, rounding): (&[f64], &[f64])) -> Result<(), Error> {
    let scale = expected.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
    for (at, (found, (expected, rounding))) in
        found.iter().zip(expected.iter().zip(rounding)).enumerate()
    {
        let off = (f64::from(*found) - expected).abs();
        // Written so that "not a number" is wrong.
        ensure_right(off <= TOLERANCE * scale + rounding, || {
            format!("gradient {at} is {found:.6e}, its f64 reference {expected:.6e}")
        })?;
    }
    Ok(())
}
