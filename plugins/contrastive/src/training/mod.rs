//! Workload `training`: one iteration is one step, from the signals to the updated weights.

mod config;
mod epoch;
mod fused;
mod history;
mod precision;
mod proof;
mod stock;
#[cfg(test)]
mod tests;

use std::time::Instant;

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Metrics, Work, Workload};
use benchhost_support::{device, signals::Synthetic};
use candle_core::Device;

use self::{
    epoch::Epochs,
    fused::Fused,
    history::{History, Promise},
    stock::Stock,
};
use crate::{
    encoder::{EncoderKind, backward_flop, forward_flop},
    loss::Roles,
    pairs::Pairs,
    source::{Normalise, warn_left_out},
};

pub use config::{Optimizer, TrainingConfig};
pub(crate) use config::{at_least_one, check_temperature, describe_source, stride_or_half};

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
    engine: Engine,
    history: History,
    epochs: Epochs,
}

/// What takes the steps.
#[derive(Debug)]
enum Engine {
    Fused(Box<Fused>),
    Candle(Box<Stock>),
}

impl Workload for Training {
    type Config = TrainingConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        let device = device(ctx)?;
        config
            .implementation
            .check(config.products()?, &device, ctx)?;
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
        let engine = if config.implementation.is_fused_on(&self.device) {
            let place = (self.ctx.threads(), seed);
            Engine::Fused(Box::new(Fused::new(config, pairs.width(), place)?))
        } else {
            let stock = Stock::new(config, pairs.width(), &self.device, seed)?;
            Engine::Candle(Box::new(stock))
        };
        self.state = Some(State {
            pairs,
            engine,
            history: History::default(),
            epochs: Epochs::default(),
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let started = Instant::now();
        let state = set_up(&mut self.state)?;
        let State { pairs, engine, .. } = state;
        let loss = match engine {
            Engine::Fused(fused) => fused.step(pairs, &self.config, &self.ctx),
            Engine::Candle(stock) => stock.step(pairs, &self.config, &self.ctx)?,
        };
        state.history.push(f64::from(loss));
        state.epochs.step(started.elapsed().as_nanos() as u64);
        self.end_epoch()?;
        Ok(loss.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = set_up(&mut self.state)?;
        state.history.check(&promise(&self.config, state))?;
        let Some(found) = state.history.last() else {
            return Err(Error::wrong("no step was taken"));
        };
        let (from, seed) = ((&state.pairs, &self.config), self.ctx.seed());
        match &state.engine {
            Engine::Fused(fused) => fused.check(from, seed, found),
            Engine::Candle(stock) => stock.check(from, seed, found),
        }
    }

    fn work(&self) -> Work {
        let batch = self.config.batch;
        let work = Work::items(batch as f64, "samples");
        let Some(state) = &self.state else {
            return work;
        };
        let config = &self.config;
        let widths = config.encoder.widths((state.pairs.width(), config.output));
        let encoder = forward_flop(&widths, 2 * batch) + backward_flop(&widths, 2 * batch);
        work.flop(encoder + 3.0 * config.loss.forward_flop(batch, config.output))
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
        let accuracy = match &state.engine {
            Engine::Fused(fused) => fused.accuracy(),
            Engine::Candle(stock) => stock.accuracy()?,
        };
        if let Engine::Candle(stock) = &state.engine
            && let Some((scale, skipped)) = stock.scale()
        {
            metrics.set("loss-scale", scale);
            metrics.set("skipped-steps", skipped as f64);
        }
        if let Some(accuracy) = accuracy {
            metrics.set("accuracy", accuracy);
        }
        metrics.set("epoch", (state.history.steps() / steps_per_epoch) as f64);
        if let Some(ns) = state.epochs.whole_ns() {
            metrics.set("epoch-time", ns as f64);
        }
        if let Some(growth) = state.epochs.memory_growth() {
            metrics.set("memory-growth-rate", growth);
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

impl Engine {
    fn roles(&self) -> &Roles {
        match self {
            Self::Fused(fused) => &fused.roles,
            Self::Candle(stock) => stock.roles(),
        }
    }
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}

/// What may be expected of a training. See the README, "What is proved".
fn promise(config: &TrainingConfig, state: &State) -> Promise {
    let chance = state.engine.roles().chance();
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
