//! A step from stock candle operations, on any device.

use benchhost_plugin_api::{Ctx, Error, ensure_right};
use benchhost_support::nn::Adam;
use candle_core::{DType, Device, Tensor};

use super::{LOSS_TOLERANCE, config::TrainingConfig, precision::LossScale};
use crate::{
    encoder::{Dropout, Encoder},
    loss::{Roles, Targets},
    model,
    pairs::{Batch, Pairs},
    reference,
};

/// Encoder, optimiser and what the last step left, as tensors.
#[derive(Debug)]
pub(super) struct Stock {
    device: Device,
    /// Type of the products; weights, loss and optimiser are f32.
    dtype: DType,
    scale: Option<LossScale>,
    encoder: Encoder,
    dropout: Dropout,
    optimizer: Adam,
    /// The same for every batch of distinct IDs.
    targets: Targets,
    last: Option<Step>,
}

/// What the last step leaves for `metrics` and `verify`.
#[derive(Debug)]
struct Step {
    views: Tensor,
    anchor: Tensor,
    positive: Tensor,
    similarities: Tensor,
    ids: Vec<usize>,
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
        let span = ctx.span("prepare");
        let Batch { views, ids, .. } = pairs.next_batch();
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
        let mut embed = |view: &Tensor| -> Result<Tensor, Error> {
            let embedding = self.encoder.forward(view, Some(&mut self.dropout))?;
            Ok(embedding.to_dtype(DType::F32)?)
        };
        let (anchor, positive) = (embed(&anchor)?, embed(&positive)?);
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
        let mut grads = match &self.scale {
            Some(scale) => (&loss * scale.factor())?.backward()?,
            None => loss.backward()?,
        };
        self.device.synchronize()?;
        drop(span);

        let span = ctx.span("optimizer");
        let may_step = match &mut self.scale {
            Some(scale) => scale.divide(&mut grads, &self.encoder.vars())?,
            None => true,
        };
        if may_step {
            self.optimizer.step(&grads)?;
        }
        self.device.synchronize()?;
        drop(span);

        // Detached: a graph kept until the next step would double the memory.
        self.last = Some(Step {
            views,
            anchor: anchor.detach(),
            positive: positive.detach(),
            similarities: similarities.detach(),
            ids,
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

    /// Compares the loss of the last step with its definition in f64, from the embeddings of that step; in a half type also
    /// embeddings of its windows with those in f64.
    pub(super) fn check(&self, config: &TrainingConfig, found: f64) -> Result<(), Error> {
        let Some(step) = &self.last else {
            return Err(Error::wrong("no step was taken"));
        };
        let anchor: Vec<f32> = step.anchor.flatten_all()?.to_vec1()?;
        let positive: Vec<f32> = step.positive.flatten_all()?.to_vec1()?;
        let views = (&*anchor, &*positive);
        check_loss(config, views, &step.ids, found)?;
        if self.dtype == DType::F32 {
            return Ok(());
        }
        let found = self.encoder.forward(&step.views, None)?;
        model::check_embedding(&self.encoder, &step.views, &found, self.dtype)
    }
}

/// Compares a loss with its definition in f64.
pub(super) fn check_loss(
    config: &TrainingConfig,
    embeddings: (&[f32], &[f32]),
    ids: &[usize],
    found: f64,
) -> Result<(), Error> {
    let plain = reference::loss(config.loss, embeddings, ids, config.temperature);
    ensure_right(
        (found - plain).abs() <= LOSS_TOLERANCE * plain.abs().max(1.0),
        || format!("the loss of the last step is {found:.6} nat, its f64 reference {plain:.6}"),
    )
}
