//! Workload `training`: one iteration is one step, from the signals to the updated weights.

mod config;
mod epoch;
mod history;

use std::time::Instant;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Work, Workload, ensure_right,
};
use benchhost_support::{device, nn::Adam, signals::Synthetic};
use candle_core::{DType, Device, Tensor};

use self::{
    epoch::Epochs,
    history::{History, Promise},
};
use crate::{
    encoder::{Dropout, Encoder, EncoderKind},
    loss::Targets,
    pairs::{Batch, Pairs},
    reference,
    source::{Normalise, warn_left_out},
};

pub use config::{Implementation, Optimizer, TrainingConfig};
pub(crate) use config::{at_least_one, check_temperature, describe_source, stride_or_half};

/// Largest difference between the loss of the last step and its f64 reference, relative to 1 nat or the loss.
const LOSS_TOLERANCE: f64 = 1e-3;

/// Trains an encoder on pairs of windows.
#[derive(Debug)]
pub struct Training {
    config: TrainingConfig,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    pairs: Pairs,
    encoder: Encoder,
    dropout: Dropout,
    optimizer: Adam,
    /// The same for every batch of distinct IDs.
    targets: Targets,
    history: History,
    epochs: Epochs,
    last: Option<Step>,
}

/// What the last step leaves for `metrics` and `verify`.
#[derive(Debug)]
struct Step {
    anchor: Tensor,
    positive: Tensor,
    similarities: Tensor,
    ids: Vec<usize>,
}

impl Workload for Training {
    type Config = TrainingConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        let device = device(ctx)?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            device,
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let (config, seed) = (&self.config, self.ctx.seed());
        let signals = config.source().load(seed)?;
        let batch = (config.batch, config.repeat_ids);
        let pairs = Pairs::new(signals, config.windowing(), batch, seed)?;
        warn_left_out(&self.ctx, &pairs.signals);
        let shape = (pairs.width(), config.output);
        let encoder = Encoder::new(config.encoder, shape, (DType::F32, &self.device), seed)?;
        let optimizer = Adam::new(encoder.vars(), config.adam())?;
        let ids: Vec<usize> = (0..config.batch).collect();
        self.state = Some(State {
            targets: Targets::new(config.loss, &ids, &self.device)?,
            pairs,
            encoder,
            dropout: Dropout::new(seed),
            optimizer,
            history: History::default(),
            epochs: Epochs::default(),
            last: None,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let started = Instant::now();
        let state = set_up(&mut self.state)?;
        let loss = state.step(&self.config, &self.ctx, &self.device)?;
        state.history.push(f64::from(loss));
        state.epochs.step(started.elapsed().as_nanos() as u64);
        self.end_epoch()?;
        Ok(loss.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = set_up(&mut self.state)?;
        state.history.check(&promise(&self.config, state))?;
        state.check_last_loss(&self.config)
    }

    fn work(&self) -> Work {
        let batch = self.config.batch;
        let work = Work::items(batch as f64, "samples");
        match &self.state {
            Some(state) => {
                let views = 2 * batch;
                let encoder =
                    state.encoder.forward_flop(views) + state.encoder.backward_flop(views);
                work.flop(encoder + 3.0 * self.config.loss.forward_flop(batch, self.config.output))
            }
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let steps_per_epoch = self.config.steps_per_epoch();
        let state = set_up(&mut self.state)?;
        if let Some(loss) = state.history.take_sample_mean() {
            metrics.set("loss", loss);
        }
        if let Some(loss) = state.history.at_milestone() {
            metrics.set("loss-50", loss);
        }
        if let Some(step) = &state.last {
            metrics.set("accuracy", state.targets.accuracy(&step.similarities)?);
        }
        metrics.set("epoch", (state.history.steps() / steps_per_epoch) as f64);
        if let Some(ns) = state.epochs.whole_ns() {
            metrics.set("epoch-time", ns as f64);
        }
        if let Some(growth) = state.epochs.memory_growth() {
            metrics.set("memory-growth", growth);
        }
        Ok(())
    }
}

impl Training {
    fn end_epoch(&mut self) -> Result<(), Error> {
        let steps_per_epoch = self.config.steps_per_epoch();
        let state = set_up(&mut self.state)?;
        if !state.history.steps().is_multiple_of(steps_per_epoch) {
            return Ok(());
        }
        state.epochs.end();
        let epochs = self.config.epochs as u64;
        if epochs > 0 && state.history.steps() >= epochs * steps_per_epoch {
            self.ctx.finish();
        }
        Ok(())
    }
}

impl State {
    /// One step; returns its loss in nats. Each phase waits for the device, so that its time is its own.
    fn step(&mut self, config: &TrainingConfig, ctx: &Ctx, device: &Device) -> Result<f32, Error> {
        let span = ctx.span("prepare");
        let Batch {
            anchor,
            positive,
            ids,
            ..
        } = self.pairs.next_batch();
        let shape = (config.batch, self.pairs.width());
        let anchor = Tensor::from_vec(anchor, shape, device)?;
        let positive = Tensor::from_vec(positive, shape, device)?;
        if !self.pairs.distinct() {
            self.targets = Targets::new(config.loss, &ids, device)?;
        }
        device.synchronize()?;
        drop(span);

        let span = ctx.span("forward");
        let anchor = self.encoder.forward(&anchor, Some(&mut self.dropout))?;
        let positive = self.encoder.forward(&positive, Some(&mut self.dropout))?;
        device.synchronize()?;
        drop(span);

        let span = ctx.span("loss");
        let similarities = config
            .loss
            .similarities(&anchor, &positive, config.temperature)?;
        let loss = config.loss.loss(&similarities, &self.targets)?;
        let value = loss.to_scalar::<f32>()?;
        drop(span);

        let span = ctx.span("backward");
        let grads = loss.backward()?;
        device.synchronize()?;
        drop(span);

        let span = ctx.span("optimizer");
        self.optimizer.step(&grads)?;
        device.synchronize()?;
        drop(span);

        // Detached: a graph kept until the next step would double the memory.
        self.last = Some(Step {
            anchor: anchor.detach(),
            positive: positive.detach(),
            similarities: similarities.detach(),
            ids,
        });
        Ok(value)
    }

    /// Compares the loss of the last step with its definition in f64, from the embeddings of that step.
    fn check_last_loss(&self, config: &TrainingConfig) -> Result<(), Error> {
        let (Some(step), Some(found)) = (&self.last, self.history.last()) else {
            return Err(Error::wrong("no step was taken"));
        };
        let anchor: Vec<f32> = step.anchor.flatten_all()?.to_vec1()?;
        let positive: Vec<f32> = step.positive.flatten_all()?.to_vec1()?;
        let plain = reference::loss(
            config.loss,
            (&anchor, &positive),
            &step.ids,
            config.temperature,
        );
        ensure_right(
            (found - plain).abs() <= LOSS_TOLERANCE * plain.abs().max(1.0),
            || format!("the loss of the last step is {found:.6} nat, its f64 reference {plain:.6}"),
        )
    }
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}

/// What may be expected of a training. See the README, "What is proved".
fn promise(config: &TrainingConfig, state: &State) -> Promise {
    let chance = state.targets.chance;
    let learns = matches!(config.encoder, EncoderKind::Simple | EncoderKind::Medium)
        && config.normalise == Normalise::Id
        && config.batch >= 8
        && config.temperature >= 0.05
        && (3e-4..=3e-3).contains(&config.learning_rate);
    Promise {
        chance,
        first: match config.source().synthetic() {
            Some(Synthetic::Simple) => first_on_noise(config, chance),
            // Cosines lie in −1..1, so no loss is further from a guess than that.
            _ => (0.0, chance + 2.0 / config.temperature),
        },
        falls: learns && config.source().synthetic().is_none(),
    }
}

/// First losses that noise can give, in nats: 20 % around a guess, and what chance alignment adds to it.
///
/// Cosines of independent directions in o dimensions have variance 1/o, so that similarities scatter by
/// σ = 1/(τ√o) at most (embeddings that share a direction scatter less). For normal similarities ln Σ exp grows by
/// σ²/2; the mean over the rows scatters by about σ/√B, of which four are allowed.
fn first_on_noise(config: &TrainingConfig, chance: f64) -> (f64, f64) {
    let sigma = 1.0 / (config.temperature * (config.output as f64).sqrt());
    let scatter = 4.0 * sigma / (config.batch as f64).sqrt();
    let low = (0.8 * chance - scatter).max(0.0);
    (low, 1.2 * chance + sigma * sigma / 2.0 + scatter)
}
