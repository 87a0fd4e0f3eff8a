//! Workload `step`: one iteration is one step of an optimiser on a batch that lies ready.

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use benchhost_support::nn::fused::in_pool;
use serde::{Deserialize, Serialize};

use crate::{
    data::{self, Batch, Rows},
    learner::{
        self, Learner, Phases,
        config::{self, LearnerConfig, Settings, Task},
    },
    training::{Normalise, check_hidden, describe_images, in_range, set_up, widths},
};

/// Parameters of [`Step`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct StepConfig {
    pub data: String,
    pub normalise: Normalise,
    pub train: usize,
    pub hidden: Vec<usize>,
    pub batch: usize,
    pub phases: bool,
    #[serde(flatten)]
    pub learner: LearnerConfig,
}

impl Default for StepConfig {
    fn default() -> Self {
        Self {
            data: "subset".to_owned(),
            normalise: Normalise::Auto,
            train: 0,
            hidden: vec![128, 64],
            batch: 64,
            phases: true,
            learner: LearnerConfig {
                optimizer: config::OptimizerKind::Adam,
                ..LearnerConfig::default()
            },
        }
    }
}

/// Takes steps on images.
#[derive(Debug)]
pub struct Step {
    config: StepConfig,
    settings: Settings,
    ctx: Ctx,
    phases: Phases,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    rows: Rows,
    learner: Learner,
    /// Whole batches of `rows` in their order; steps take them in turns.
    batches: Vec<Batch>,
    next: usize,
    last: Option<learner::Step>,
    settle_passes: f64,
}

impl Workload for Step {
    type Config = StepConfig;

    fn describe() -> Description {
        let description = describe_images(Description::new(
            "One step of an optimiser on a batch of images that lies ready.",
        ))
        .param(Param::new(
            "phases",
            "whether the phases of a step are timed",
        ));
        config::describe(description)
            .metric(Metric::neutral("loss", "1").help("of the last step's batch, before the step"))
            .metric(Metric::neutral("settle-steps", "1").help("settling steps of the last step"))
    }

    fn create(config: StepConfig, ctx: &Ctx) -> Result<Self, Error> {
        in_range("batch", config.batch, (1, 65_536))?;
        check_hidden(&config.hidden)?;
        let settings = config.learner.settings(Task::Images)?;
        benchhost_support::device(ctx)?;
        Ok(Self {
            phases: if config.phases {
                Phases::of(ctx)
            } else {
                Phases::default()
            },
            config,
            settings,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let config = &self.config;
        let rows = data::load(&config.data, config.normalise.into(), (config.train, 1))?.train;
        if config.batch > rows.len() {
            return Err(Error::config(format!(
                "batch is {}, but there are {} images; use a smaller batch or more images",
                config.batch,
                rows.len()
            )));
        }
        let order: Vec<usize> = (0..rows.len()).collect();
        let batches = order.chunks_exact(config.batch).map(|taken| {
            let mut batch = Batch::default();
            batch.fill(&rows, taken);
            batch
        });
        let batches: Vec<Batch> = batches.collect();
        let mut learner = Learner::new(
            &self.settings,
            &widths(&config.hidden),
            config.batch,
            &self.ctx,
        )?;
        let seed = self.ctx.seed();
        learner.restart(seed)?;
        let first = learner.step(&batches[0], &Phases::default())?;
        learner.restart(seed)?;
        self.state = Some(State {
            rows,
            learner,
            batches,
            next: 0,
            last: None,
            settle_passes: first.settled.passes as f64,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let State {
            learner,
            batches,
            next,
            last,
            ..
        } = set_up(&mut self.state)?;
        let batch = &batches[*next];
        let phases = &self.phases;
        let step = in_pool(self.ctx.threads(), || learner.step(batch, phases))?;
        *next = (*next + 1) % batches.len();
        *last = Some(step);
        Ok(step.loss.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = set_up(&mut self.state)?;
        let Some(last) = state.last else {
            return Err(Error::wrong("no step was taken"));
        };
        ensure_right(last.loss.is_finite(), || {
            format!("the loss of the last step is {}", last.loss)
        })?;
        let batch = &state.batches[state.next];
        ensure_right(
            batch.is_of(&state.rows),
            || "a batch is not made of the rows and labels it was taken from",
        )?;
        state.learner.check(batch)
    }

    fn work(&self) -> Work {
        let batch = self.config.batch;
        let work = Work::items(batch as f64, "samples");
        match &self.state {
            Some(state) => work.flop(state.learner.flop(batch, state.settle_passes)),
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some(last) = set_up(&mut self.state)?.last {
            metrics.set("loss", last.loss);
            metrics.set("settle-steps", last.settled.steps as f64);
        }
        Ok(())
    }
}
