//! A step on the CPU without candle: both views in one batch, no gradient of the data, one pass over memory for the
//! optimiser, no allocation.

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::{
    nn::fused::{Mlp, Optimizer, Pass, Rule, in_pool},
    random::stream,
};

use super::{
    config::TrainingConfig,
    proof::{self, Spot},
};
use crate::{
    encoder::{Dropout, EncoderKind},
    implementation::factors,
    loss::{FusedLoss, Roles},
    pairs::{Batch, Pairs},
};

/// Parameters whose update is written down in each step, for the proof; spread over all of them.
const SPOTS: usize = 8;

/// Encoder, loss and optimiser with their buffers; after a step they hold all of it.
#[derive(Debug)]
pub(super) struct Fused {
    pub mlp: Mlp,
    pub pass: Pass,
    pub optimizer: Optimizer,
    pub batch: Batch,
    /// Dropout factors of each hidden layer, `[2 · batch, width]`, empty without dropout.
    pub masks: Vec<Vec<f32>>,
    /// What the optimiser found at a few parameters in the last step.
    pub spots: [Spot; SPOTS],
    pub roles: Roles,
    loss: FusedLoss,
    encoder: EncoderKind,
    dropout: Dropout,
    threads: usize,
}

impl Fused {
    pub(super) fn new(
        config: &TrainingConfig,
        width: usize,
        (threads, seed): (usize, u64),
    ) -> Result<Self, Error> {
        let widths = config.encoder.widths((width, config.output));
        let mlp = Mlp::new(&widths, &mut stream(seed, "init"));
        let rows = 2 * config.batch;
        let mask = |(width, rate): &(usize, f64)| {
            let length = if *rate > 0.0 { rows * width } else { 0 };
            vec![0.0; length]
        };
        let ids: Vec<usize> = (0..config.batch).collect();
        let last = mlp.parameters().len() - 1;
        let spot = |i: usize| Spot {
            index: i * last / (SPOTS - 1),
            ..Spot::default()
        };
        let factors = factors(config.products()?);
        Ok(Self {
            pass: Pass::new(&mlp, rows, threads).with_factors(factors),
            optimizer: Optimizer::new(&mlp, Rule::Adam(config.adam()), threads),
            mlp,
            batch: Batch::default(),
            masks: config.encoder.hidden().iter().map(mask).collect(),
            spots: std::array::from_fn(spot),
            roles: Roles::new(config.loss, &ids),
            loss: FusedLoss::new(
                config.loss,
                config.temperature,
                (config.batch, config.output),
            ),
            encoder: config.encoder,
            dropout: Dropout::new(seed),
            threads,
        })
    }

    /// One step; returns its loss in nats.
    pub(super) fn step(&mut self, pairs: &mut Pairs, config: &TrainingConfig, ctx: &Ctx) -> f32 {
        in_pool(self.threads, || {
            let span = ctx.span("prepare");
            pairs.draw(&mut self.batch);
            if !pairs.distinct() {
                self.roles.fill(config.loss, &self.batch.ids);
            }
            drop(span);

            let span = ctx.span("forward");
            self.draw_masks();
            self.pass.forward(&self.mlp, &self.batch.views, &self.masks);
            drop(span);

            let span = ctx.span("loss");
            let (embeddings, gradient) = self.pass.output_and_gradient();
            let value = self.loss.forward(embeddings, &self.roles);
            drop(span);

            let span = ctx.span("backward");
            self.loss.backward(gradient);
            self.pass
                .backward(&self.mlp, &self.batch.views, &self.masks);
            drop(span);

            let span = ctx.span("optimizer");
            self.look_at_spots();
            self.optimizer
                .step(self.mlp.parameters_mut(), self.pass.gradients());
            drop(span);
            value
        })
    }

    /// Accuracy of the last step; `None` before.
    pub(super) fn accuracy(&self) -> Option<f64> {
        let stepped = !self.batch.ids.is_empty();
        stepped.then(|| self.roles.accuracy(self.loss.similarities()))
    }

    /// Proves the last step, whose loss was `found`.
    pub(super) fn check(
        &self,
        (pairs, config): (&Pairs, &TrainingConfig),
        seed: u64,
        found: f64,
    ) -> Result<(), Error> {
        let Batch { views, ids, starts } = &self.batch;
        if ids.is_empty() {
            return Err(Error::wrong("no step was taken"));
        }
        pairs.check(ids, starts, (views, |value| value))?;
        proof::fused::check(self, config, (seed, found))
    }

    /// Draws in the order in which two passes, one for each view, would.
    fn draw_masks(&mut self) {
        for view in [0, 1] {
            for (mask, (_, rate)) in self.masks.iter_mut().zip(self.encoder.hidden()) {
                let half = mask.len() / 2;
                self.dropout.draw(*rate, &mut mask[view * half..][..half]);
            }
        }
    }

    fn look_at_spots(&mut self) {
        let (first, second) = self.optimizer.moments();
        for spot in &mut self.spots {
            spot.theta = self.mlp.parameters()[spot.index];
            spot.first = first[spot.index];
            spot.second = second[spot.index];
        }
    }
}
