//! Workload `training`: one iteration is a whole short training, from the initial weights to the last step.
//!
//! Starting anew each time is what makes iterations equal: weights that go on learning would change the numbers that
//! flow through the same instructions, in the end to denormal ones, which are slower.

mod config;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Work, Workload, ensure_right,
};
use benchhost_support::{
    device,
    nn::{Adam, AdamParams},
};
use candle_core::Device;

use crate::{
    clusters::{Batch, batches},
    mlp::Mlp,
    reference,
};

pub use config::TrainingConfig;

/// Largest difference of the first loss from its f64 reference, and of the last loss from that of the first iteration,
/// relative to 1 nat or the loss. A CPU repeats every bit; a GPU may add in another order.
const LOSS_TOLERANCE: f64 = 1e-3;

/// Trains a small network for a fixed number of steps.
#[derive(Debug)]
pub struct Training {
    config: TrainingConfig,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    mlp: Mlp,
    /// One for each step.
    batches: Vec<Batch>,
    /// First loss in f64, in nats.
    reference: f64,
    /// Losses of the first and the last step of the last iteration, in nats.
    losses: Option<(f64, f64)>,
    /// Loss of the last step of the first iteration.
    at_first: Option<f64>,
}

impl Workload for Training {
    type Config = TrainingConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check()?;
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
        let mlp = Mlp::new(config.hidden, config.layers, &self.device, seed)?;
        let batches = batches(config.steps, config.batch, &self.device, seed)?;
        let points: Vec<f32> = batches[0].points.flatten_all()?.to_vec1()?;
        let one_hot: Vec<f32> = batches[0].one_hot.flatten_all()?.to_vec1()?;
        self.state = Some(State {
            reference: reference::loss(&mlp.initial()?, &points, &one_hot),
            mlp,
            batches,
            losses: None,
            at_first: None,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        let (first, last) = state.train(&self.ctx, &self.device)?;
        state.losses = Some((first.into(), last.into()));
        state.at_first.get_or_insert(last.into());
        Ok(last.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        self.state.as_ref().ok_or_else(not_set_up)?.check()
    }

    fn work(&self) -> Work {
        let TrainingConfig { batch, steps, .. } = self.config;
        let work = Work::items((batch * steps) as f64, "samples");
        match &self.state {
            Some(state) => work.flop(steps as f64 * state.mlp.step_flop(batch)),
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some((_, last)) = self.state.as_ref().and_then(|state| state.losses) {
            metrics.set("loss", last);
        }
        Ok(())
    }
}

impl State {
    /// A whole training; losses of its first and last step, in nats. Each phase waits for the device, so that its time
    /// is its own.
    fn train(&self, ctx: &Ctx, device: &Device) -> Result<(f32, f32), Error> {
        let span = ctx.span("reset");
        self.mlp.reset()?;
        let mut optimizer = Adam::new(self.mlp.vars(), AdamParams::default())?;
        device.synchronize()?;
        drop(span);

        let (mut first, mut last) = (None, f32::NAN);
        for batch in &self.batches {
            let span = ctx.span("forward");
            let loss = self.mlp.loss(batch)?;
            last = loss.to_scalar::<f32>()?;
            drop(span);

            let span = ctx.span("backward");
            let grads = loss.backward()?;
            device.synchronize()?;
            drop(span);

            let span = ctx.span("optimizer");
            optimizer.step(&grads)?;
            device.synchronize()?;
            drop(span);

            first.get_or_insert(last);
            ctx.progress();
        }
        Ok((first.unwrap_or(last), last))
    }

    fn check(&self) -> Result<(), Error> {
        let (Some((first, last)), Some(at_first)) = (self.losses, self.at_first) else {
            return Err(Error::wrong("no step was taken"));
        };
        let is_near = |found: f64, expected: f64| {
            (found - expected).abs() <= LOSS_TOLERANCE * expected.abs().max(1.0)
        };
        ensure_right(first.is_finite() && last.is_finite(), || {
            format!(
                "the loss is not a finite number: {first} at the first step, {last} at the last"
            )
        })?;
        ensure_right(is_near(first, self.reference), || {
            format!(
                "the loss of the first step is {first:.6} nat, its f64 reference {:.6}",
                self.reference
            )
        })?;
        // On the batch of the first step again: those of other batches differ by themselves.
        let learned = f64::from(self.mlp.loss(&self.batches[0])?.to_scalar::<f32>()?);
        ensure_right(learned < first, || {
            format!(
                "the loss of the first batch did not fall in {} steps: it was {first:.6} nat and is {learned:.6}",
                self.batches.len()
            )
        })?;
        ensure_right(is_near(last, at_first), || {
            format!("the last loss is {last:.6} nat, in the first iteration it was {at_first:.6}")
        })
    }
}

fn not_set_up() -> Error {
    Error::failed("used before setup")
}
