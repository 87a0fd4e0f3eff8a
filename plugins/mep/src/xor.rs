//! Workload `xor`: one iteration is one whole training on the four lines of exclusive or.

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use crate::{
    data::{Data, Rows},
    learner::{
        Learner, Phases, Seeds, Trainer,
        config::{self, LearnerConfig, Settings, Task},
        describe_metrics,
    },
    training::{in_range, set_up},
};

/// Parameters of [`Xor`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct XorConfig {
    pub hidden: usize,
    pub steps: usize,
    pub seeds: usize,
    #[serde(flatten)]
    pub learner: LearnerConfig,
}

impl Default for XorConfig {
    fn default() -> Self {
        Self {
            hidden: 8,
            steps: 100,
            seeds: 1,
            learner: LearnerConfig::default(),
        }
    }
}

/// Learns exclusive or.
#[derive(Debug)]
pub struct Xor {
    config: XorConfig,
    settings: Settings,
    ctx: Ctx,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    data: Data,
    trainer: Trainer,
    seeds: Seeds,
    settle_passes: f64,
}

impl Workload for Xor {
    type Config = XorConfig;

    fn describe() -> Description {
        let description = Description::new(
            "Learns exclusive or, by energy or by backprop: one iteration is a whole training.",
        )
        .param(Param::new("hidden", "width of the hidden layer").range(1.0, 1024.0))
        .param(
            Param::new("steps", "steps on all four lines")
                .unit("steps")
                .range(1.0, 1e6),
        )
        .param(
            Param::new("seeds", "trainings that take turns; quality is their mean")
                .range(1.0, 1000.0),
        );
        describe_metrics(config::describe(description)).metric(
            Metric::higher("solved", "1")
                .ratio()
                .help("seeds with an accuracy of 100 %"),
        )
    }

    fn create(config: XorConfig, ctx: &Ctx) -> Result<Self, Error> {
        in_range("hidden", config.hidden, (1, 1024))?;
        in_range("steps", config.steps, (1, 1_000_000))?;
        in_range("seeds", config.seeds, (1, 1000))?;
        let settings = config.learner.settings(Task::Xor)?;
        benchhost_support::device(ctx)?;
        Ok(Self {
            config,
            settings,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        // Cross-entropy needs classes: two outputs, of which the larger one speaks.
        let outputs = match self.settings {
            Settings::Energy { .. } => 1,
            Settings::Muon(_) | Settings::Torch(..) => 2,
        };
        let rows = Rows::xor(outputs);
        let widths = [2, self.config.hidden, outputs];
        let learner = Learner::new(&self.settings, &widths, rows.len(), &self.ctx)?;
        let settles = learner.settles();
        let mut state = State {
            trainer: Trainer::new(learner, &rows, rows.len(), self.config.steps, &self.ctx),
            seeds: Seeds::new(self.ctx.seed(), self.config.seeds),
            data: Data {
                train: rows.clone(),
                test: rows,
            },
            settle_passes: 0.0,
        };
        if settles {
            state.train(&self.ctx, &Phases::default())?;
        }
        self.state = Some(state);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        // Steps take a microsecond or two: phases would be a good part of them.
        let digest = set_up(&mut self.state)?.train(&self.ctx, &Phases::default())?;
        Ok(digest.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let threads = self.ctx.threads();
        let state = set_up(&mut self.state)?;
        let State {
            data,
            trainer,
            seeds,
            ..
        } = state;
        ensure_right(
            trainer.batch.is_of(&data.train),
            || "the last batch is not made of the rows and labels it was taken from",
        )?;
        // A seed may fail to learn; that is what `accuracy` tells.
        seeds.check(data, false, threads)?;
        let Trainer { learner, batch, .. } = trainer;
        learner.check(batch)
    }

    fn work(&self) -> Work {
        let Some(state) = &self.state else {
            return Work::default();
        };
        let rows = state.data.train.len();
        Work::items((rows * self.config.steps) as f64, "samples")
            .flop(state.trainer.flop(rows, state.settle_passes))
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let losses = self.settings.losses();
        let threads = self.ctx.threads();
        let state = set_up(&mut self.state)?;
        state.seeds.metrics(&state.data, losses, metrics, threads);
        if let Some(solved) = state.seeds.solved() {
            metrics.set("solved", solved);
        }
        Ok(())
    }
}

impl State {
    fn train(&mut self, ctx: &Ctx, phases: &Phases) -> Result<f64, Error> {
        let seed = self.seeds.turn();
        let Some(trained) = self.trainer.train(&self.data.train, seed, (ctx, phases))? else {
            return Ok(0.0);
        };
        if self.settle_passes == 0.0 {
            self.settle_passes = trained.settle_passes;
        }
        let digest = trained
            .network
            .parameters()
            .iter()
            .map(|w| f64::from(*w))
            .sum();
        self.seeds.keep(trained);
        Ok(digest)
    }
}
