//! The links of a step of stock operations, which has left the output of every layer and the gradients of the weights.
//!
//! Gradients between the layers are gone, so that they are computed here, for all rows, from the embeddings back to the
//! first layer. One layer at a time is fetched from the device.

mod activation;
mod behind;
mod layer;

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::random::stream;
use candle_core::{DType, Tensor};

use self::{behind::Behind, layer::Layer};
use super::{Spot, Undo, check_loss};
use crate::training::{
    config::TrainingConfig,
    stock::{Step, Stock},
};

/// What a number loses when it is stored in the type of the products.
#[derive(Debug, Clone, Copy)]
struct Digits {
    /// Relative to the number.
    roundoff: f64,
    /// However small it is: the distance of the numbers next to 0, by the factor of the loss.
    least: f64,
}

impl Digits {
    fn of(dtype: DType, factor: f64) -> Self {
        let (roundoff, least) = match dtype {
            DType::F16 => (2f64.powi(-11), 2f64.powi(-24)),
            DType::BF16 => (2f64.powi(-8), 0.0),
            _ => (2f64.powi(-24), 0.0),
        };
        Self {
            roundoff,
            least: least / factor,
        }
    }

    /// What a gradient of `count` values and this length has lost on its way through a layer, as a length: it is stored
    /// after the product, after dropout and after ReLU.
    fn lost(&self, length: f64, count: usize) -> f64 {
        4.0 * self.roundoff * length + self.least * (count as f64).sqrt()
    }
}

/// See the head of [`super`]. `found` is the loss of the last step.
pub(in crate::training) fn check(
    (stock, step): (&Stock, &Step),
    config: &TrainingConfig,
    (seed, found): (u64, f64),
) -> Result<(), Error> {
    let embeddings = both(step.embeddings.each_ref())?;
    let views = embeddings.split_at(embeddings.len() / 2);
    check_loss(config, views, &step.ids, found)?;
    let proof = Proof {
        stock,
        step,
        digits: Digits::of(stock.dtype, step.factor),
        undo: step
            .updated
            .then(|| Undo::new(config.adam(), stock.optimizer.steps)),
    };
    let mut rng = stream(seed, "proof");
    let mut behind = step
        .updated
        .then(|| Behind::loss(config, (&embeddings, &step.ids), proof.digits));
    for layer in (0..stock.optimizer.slots.len() / 2).rev() {
        let fetched = Layer::fetch(&proof, layer)?;
        if let Some(activation) = &fetched.before {
            activation.check(&proof, config)?;
        }
        let before = fetched.walk(&proof, behind.as_ref())?;
        if let Some(behind) = &behind {
            fetched.check_gradients(&proof, behind, &mut rng)?;
        }
        behind = before;
    }
    proof.check_update()
}

/// What every link needs.
struct Proof<'a> {
    stock: &'a Stock,
    step: &'a Step,
    digits: Digits,
    /// `None` when the step has changed no weight.
    undo: Option<Undo>,
}

impl Proof<'_> {
    /// A parameter before the step and how far it may be off, from what it is after it.
    fn before(&self, after: [f32; 3]) -> (f64, f64) {
        match &self.undo {
            Some(undo) => undo.before(after),
            None => (f64::from(after[0]), 0.0),
        }
    }

    /// The update at the spots that the step has written down; that there was none, and why, after an overflow.
    fn check_update(&self) -> Result<(), Error> {
        let slots = &self.stock.optimizer.slots;
        for strip in &self.step.strips {
            let slot = &slots[strip.slot];
            let now = [slot.var.as_tensor(), &slot.first, &slot.second];
            let [theta, first, second] = flat_all(now)?;
            let [old_theta, old_first, old_second] = flat_all(strip.values.each_ref())?;
            let gradient = flat(self.gradient(strip.slot)?)?;
            for i in 0..old_theta.len() {
                let index = strip.start + i;
                let spot = Spot {
                    index,
                    theta: old_theta[i],
                    first: old_first[i],
                    second: old_second[i],
                };
                let after = [theta[index], first[index], second[index]];
                let name = format!("parameter {index} of variable {}", strip.slot);
                match &self.undo {
                    Some(undo) => undo.check((&name, &spot), gradient[index], after)?,
                    None => ensure_right(after == [spot.theta, spot.first, spot.second], || {
                        format!("{name} has changed, but the step was skipped")
                    })?,
                }
            }
        }
        if self.step.updated {
            return Ok(());
        }
        for slot in 0..slots.len() {
            if flat(self.gradient(slot)?)?.iter().any(|g| !g.is_finite()) {
                return Ok(());
            }
        }
        Err(Error::wrong(
            "the step was skipped, but all of its gradients are finite",
        ))
    }

    fn gradient(&self, slot: usize) -> Result<&Tensor, Error> {
        let var = &self.stock.optimizer.slots[slot].var;
        let gradient = self.step.gradients.get(var);
        gradient.ok_or_else(|| Error::wrong(format!("variable {slot} has no gradient")))
    }
}

/// The values of `tensor`, row-major.
fn flat(tensor: &Tensor) -> Result<Vec<f32>, Error> {
    Ok(tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?)
}

fn flat_all([a, b, c]: [&Tensor; 3]) -> Result<[Vec<f32>; 3], Error> {
    Ok([flat(a)?, flat(b)?, flat(c)?])
}

/// The rows of the anchors, then those of the positives.
fn both([anchor, positive]: [&Tensor; 2]) -> Result<Vec<f32>, Error> {
    let mut rows = flat(anchor)?;
    rows.extend(flat(positive)?);
    Ok(rows)
}
