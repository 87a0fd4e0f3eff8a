//! A step from stock candle operations, on any device.

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::nn::{Adam, Slot};
use candle_core::{DType, Device, Tensor, backprop::GradStore};

use super::{config::TrainingConfig, precision::LossScale, proof};
use crate::{
    encoder::{Dropout, Encoder, Hidden},
    loss::{Roles, Targets},
    pairs::{Batch, Pairs},
    reference::rounding,
};

/// Values in a row of a variable whose update is written down in each step, for the proof.
const STRIP: usize = 4;

/// Encoder, optimiser and what the last step left, as tensors.
#[derive(Debug)]
pub(super) struct Stock {
    device: Device,
    /// Type of the products; weights, loss and optimiser are f32.
    pub dtype: DType,
    scale: Option<LossScale>,
    encoder: Encoder,
    dropout: Dropout,
    pub optimizer: Adam,
    /// The same for every batch of distinct IDs.
    pub targets: Targets,
    pub last: Option<Step>,
}

/// What the last step leaves for `metrics` and `verify`: references to what it has made, and next to nothing made for them.
#[derive(Debug)]
pub(super) struct Step {
    /// `[2 · batch, window · channels]`, in the type of the products.
    pub views: Tensor,
    /// Hidden layers of anchor and positive.
    pub hidden: [Vec<Hidden>; 2],
    /// Anchor and positive, `[batch, output]`, f32.
    pub embeddings: [Tensor; 2],
    pub similarities: Tensor,
    /// Of every variable, f32.
    pub gradients: GradStore,
    /// Parts of a few variables before the update.
    pub strips: Vec<Strip>,
    pub ids: Vec<usize>,
    pub starts: Vec<[usize; 2]>,
    /// What the loss was multiplied by.
    pub factor: f64,
    /// Whether the weights were changed; they are not after an overflow.
    pub updated: bool,
}

/// A few values of variable number `slot` from `start`, and their moments.
#[derive(Debug)]
pub(super) struct Strip {
    pub slot: usize,
    pub start: usize,
    /// Parameters, first and second moments.
    pub values: [Tensor; 3],
}

impl Stock {
    pub(super) fn new(
        config: &TrainingConfig,
        width: usize,
        device: &Device,
        seed: u64,
    ) -> Result<Self, Error> {
        let shape = (width, config.output);
        let encoder = Encoder::new(config.encoder, shape, (DType::F32, device), seed)?;
        let ids: Vec<usize> = (0..config.batch).collect();
        let dtype = config.products()?;
        Ok(Self {
            scale: LossScale::of(dtype, config.initial_loss_scale),
            dtype,
            optimizer: Adam::new(encoder.vars(), config.adam())?,
            encoder,
            dropout: Dropout::new(seed),
            targets: Targets::new(config.loss, &ids, device)?,
            device: device.clone(),
            last: None,
        })
    }

    /// One step; returns its loss in nats. Each phase waits for the device, so that its time is its own.
    pub(super) fn step(
        &mut self,
        pairs: &mut Pairs,
        config: &TrainingConfig,
        ctx: &Ctx,
    ) -> Result<f32, Error> {
        // What the step before has left goes first, so that memory holds one step.
        self.last = None;
        let span = ctx.span("prepare");
        let Batch { views, ids, starts } = pairs.next_batch();
        let views = Tensor::from_vec(views, (2 * config.batch, pairs.width()), &self.device)?;
        let views = views.to_dtype(self.dtype)?;
        let anchor = views.narrow(0, 0, config.batch)?;
        let positive = views.narrow(0, config.batch, config.batch)?;
        if !pairs.distinct() {
            self.targets = Targets::new(config.loss, &ids, &self.device)?;
        }
        self.device.synchronize()?;
        drop(span);

        let span = ctx.span("forward");
        let mut embed = |view: &Tensor| -> Result<(Tensor, Vec<Hidden>), Error> {
            let (embedding, hidden) = self.encoder.train(view, &mut self.dropout)?;
            Ok((embedding.to_dtype(DType::F32)?, hidden))
        };
        let ((anchor, of_anchor), (positive, of_positive)) = (embed(&anchor)?, embed(&positive)?);
        self.device.synchronize()?;
        drop(span);

        let span = ctx.span("loss");
        let similarities = config
            .loss
            .similarities(&anchor, &positive, config.temperature)?;
        let loss = config.loss.loss(&similarities, &self.targets)?;
        let value = loss.to_scalar::<f32>()?;
        drop(span);

        let span = ctx.span("backward");
        let factor = self.scale.as_ref().map_or(1.0, LossScale::factor);
        let mut gradients = match &self.scale {
            Some(_) => (&loss * factor)?.backward()?,
            None => loss.backward()?,
        };
        self.device.synchronize()?;
        drop(span);

        let span = ctx.span("optimizer");
        let updated = match &mut self.scale {
            Some(scale) => scale.divide(&mut gradients, &self.encoder.vars())?,
            None => true,
        };
        let strips = strips(&self.optimizer.slots)?;
        if updated {
            self.optimizer.step(&gradients)?;
        }
        self.device.synchronize()?;
        drop(span);

        // Detached: a graph kept until the next step would double the memory.
        self.last = Some(Step {
            views,
            hidden: [of_anchor, of_positive],
            embeddings: [anchor.detach(), positive.detach()],
            similarities: similarities.detach(),
            gradients,
            strips,
            ids,
            starts,
            factor,
            updated,
        });
        Ok(value)
    }

    pub(super) fn roles(&self) -> &Roles {
        &self.targets.roles
    }

    /// Accuracy of the last step; `None` before.
    pub(super) fn accuracy(&self) -> Result<Option<f64>, Error> {
        let accuracy = |step: &Step| self.targets.accuracy(&step.similarities);
        self.last.as_ref().map(accuracy).transpose()
    }

    /// Factor of the loss and steps that were skipped, where the loss is scaled.
    pub(super) fn scale(&self) -> Option<(f64, u64)> {
        let scale = self.scale.as_ref()?;
        Some((scale.factor(), scale.skipped()))
    }

    /// Proves the last step, whose loss was `found`.
    pub(super) fn check(
        &self,
        (pairs, config): (&Pairs, &TrainingConfig),
        seed: u64,
        found: f64,
    ) -> Result<(), Error> {
        let Some(step) = &self.last else {
            return Err(Error::wrong("no step was taken"));
        };
        let views = step.views.to_dtype(DType::F32)?.flatten_all()?;
        let views: Vec<f32> = views.to_vec1()?;
        let rounded = |value| rounding(self.dtype)(f64::from(value)) as f32;
        pairs.check(&step.ids, &step.starts, (&views, rounded))?;
        proof::stock::check((self, step), config, (seed, found))
    }
}

/// Parts of the first, a middle and the last variable: weights and biases.
fn strips(slots: &[Slot]) -> Result<Vec<Strip>, Error> {
    let strip = |slot: usize| {
        let Slot { var, first, second } = &slots[slot];
        let count = var.elem_count();
        let start = count / 2;
        let part = |tensor: &Tensor| -> Result<Tensor, Error> {
            let part = tensor
                .flatten_all()?
                .narrow(0, start, STRIP.min(count - start))?;
            // A copy of these few values: a reference would follow the variable, or keep all moments alive.
            Ok(part.force_contiguous()?)
        };
        Ok(Strip {
            slot,
            start,
            values: [
                part(&var.as_detached_tensor())?,
                part(first)?,
                part(second)?,
            ],
        })
    };
    [0, slots.len() / 2, slots.len() - 1]
        .into_iter()
        .map(strip)
        .collect()
}
