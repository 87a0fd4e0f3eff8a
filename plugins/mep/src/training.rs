//! Workload `training`: one iteration is one whole training on images, from fresh weights.

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use crate::{
    data::{self, CLASSES, Data, FASHION, MNIST, PIXELS},
    learner::{
        Learner, Phases, Seeds, Trainer,
        config::{self, LearnerConfig, Settings, Task},
        describe_metrics,
    },
};

/// Most hidden layers, and the width of the widest.
const DEEPEST: usize = 16;
const WIDEST: usize = 8192;

/// Steps after which a training with the constants of its optimiser must beat guessing.
const STEPS_TO_LEARN: usize = 15;

/// Rows of the step that is proved.
const PROVED_ROWS: usize = 32;

/// Which mean and deviation are taken off the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalise {
    /// Those of Fashion-MNIST where the name says fashion, else those of MNIST.
    Auto,
    /// Those of MNIST.
    Mnist,
    /// Those of Fashion-MNIST.
    FashionMnist,
}

/// Parameters of [`Training`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct TrainingConfig {
    pub data: String,
    pub normalise: Normalise,
    pub train: usize,
    pub test: usize,
    pub hidden: Vec<usize>,
    pub batch: usize,
    pub epochs: usize,
    pub seeds: usize,
    #[serde(flatten)]
    pub learner: LearnerConfig,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            data: "subset".to_owned(),
            normalise: Normalise::Auto,
            train: 1000,
            test: 500,
            hidden: vec![128],
            batch: 64,
            epochs: 1,
            seeds: 1,
            learner: LearnerConfig::default(),
        }
    }
}

/// Trains a network on images.
#[derive(Debug)]
pub struct Training {
    config: TrainingConfig,
    settings: Settings,
    ctx: Ctx,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    data: Data,
    trainer: Trainer,
    seeds: Seeds,
    /// Of the training in `setup`, whose settling the declared work counts.
    settle_passes: f64,
}

impl Workload for Training {
    type Config = TrainingConfig;

    fn describe() -> Description {
        let description = describe_images(Description::new(
            "Trains a network on images of digits, by energy or by backprop: one iteration is a whole training.",
        ));
        let description = description
            .param(Param::new("test", "images that are tested with; 0: all").range(0.0, 1e6))
            .param(Param::new("epochs", "times that each image is seen").range(1.0, 1e4))
            .param(
                Param::new("seeds", "trainings that take turns; quality is their mean")
                    .range(1.0, 100.0),
            );
        describe_metrics(config::describe(description))
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        in_range("epochs", config.epochs, (1, 10_000))?;
        in_range("seeds", config.seeds, (1, 100))?;
        in_range("batch", config.batch, (1, 65_536))?;
        check_hidden(&config.hidden)?;
        let settings = config.learner.settings(Task::Images)?;
        benchhost_support::device(ctx)?;
        Ok(Self {
            config,
            settings,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let config = &self.config;
        let data = data::load(
            &config.data,
            config.normalise.into(),
            (config.train, config.test),
        )?;
        let widths = widths(&config.hidden);
        let rows = config.batch.min(data.train.len());
        let learner = Learner::new(&self.settings, &widths, rows.max(PROVED_ROWS), &self.ctx)?;
        let settles = learner.settles();
        let mut state = State {
            trainer: Trainer::new(learner, &data.train, rows, config.epochs, &self.ctx),
            seeds: Seeds::new(self.ctx.seed(), config.seeds),
            settle_passes: 0.0,
            data,
        };
        // How long states take to settle is only known from a training; it is one of those that count.
        if settles {
            state.train(&self.ctx, &Phases::default())?;
        }
        self.state = Some(state);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = set_up(&mut self.state)?;
        let digest = state.train(&self.ctx, &Phases::of(&self.ctx))?;
        Ok(digest.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let must_learn = self.must_learn();
        let threads = self.ctx.threads();
        let state = set_up(&mut self.state)?;
        let batch = &state.trainer.batch;
        ensure_right(
            batch.is_of(&state.data.train),
            || "the last batch is not made of the rows and labels it was taken from",
        )?;
        state.seeds.check(&state.data, must_learn, threads)?;
        let rows = state.data.train.len().min(PROVED_ROWS);
        let first: Vec<usize> = (0..rows).collect();
        let mut batch = crate::data::Batch::default();
        batch.fill(&state.data.train, &first);
        state.trainer.learner.check(&batch)
    }

    fn work(&self) -> Work {
        let Some(state) = &self.state else {
            return Work::default();
        };
        let rows = state.data.train.len();
        let work = Work::items((rows * self.config.epochs) as f64, "samples");
        work.flop(state.trainer.flop(rows, state.settle_passes))
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let threads = self.ctx.threads();
        let losses = self.settings.losses();
        let state = set_up(&mut self.state)?;
        state.seeds.metrics(&state.data, losses, metrics, threads);
        Ok(())
    }
}

impl Training {
    /// Whether these parameters promise more than guessing: enough steps with usual constants.
    fn must_learn(&self) -> bool {
        let usual = LearnerConfig {
            optimizer: self.config.learner.optimizer,
            ..LearnerConfig::default()
        };
        let steps = self.state.as_ref().map_or(0, |state| {
            state.data.train.len().div_ceil(self.config.batch) * self.config.epochs
        });
        let is_usual = usual
            .settings(Task::Images)
            .is_ok_and(|usual| usual.is_like(&self.settings));
        is_usual
            && steps >= STEPS_TO_LEARN
            && self.config.batch >= 16
            && self.config.hidden.len() <= 2
    }
}

impl State {
    /// A training with the seed whose turn it is; returns a number that depends on its weights.
    fn train(&mut self, ctx: &Ctx, phases: &Phases) -> Result<f64, Error> {
        let seed = self.seeds.turn();
        let trained = self.trainer.train(&self.data.train, seed, (ctx, phases))?;
        let Some(trained) = trained else {
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

impl From<Normalise> for Option<data::Normalisation> {
    fn from(normalise: Normalise) -> Self {
        match normalise {
            Normalise::Auto => None,
            Normalise::Mnist => Some(MNIST),
            Normalise::FashionMnist => Some(FASHION),
        }
    }
}

/// The parameters of every workload with images.
pub(crate) fn describe_images(description: Description) -> Description {
    description
        .param(Param::new(
            "data",
            "\"subset\" (2 000 + 500 images of MNIST, in the plugin), \"mnist\", \"fashion-mnist\", or a folder with the \
             four IDX files",
        ))
        .param(
            Param::new("normalise", "mean and deviation of the pixels")
                .choices(&["auto", "mnist", "fashion-mnist"]),
        )
        .param(Param::new("train", "images that are learned from; 0: all").range(0.0, 1e6))
        .param(Param::new(
            "hidden",
            "widths of the hidden layers, like [128, 64]; input 784, output 10",
        ))
        .param(Param::new("batch", "images of a step").unit("samples").range(1.0, 65_536.0))
}

pub(crate) fn in_range(
    name: &str,
    value: usize,
    (least, most): (usize, usize),
) -> Result<(), Error> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{name} is {value}, expected {least} to {most}"
    )))
}

pub(crate) fn check_hidden(hidden: &[usize]) -> Result<(), Error> {
    if hidden.is_empty() || hidden.len() > DEEPEST {
        return Err(Error::config(format!(
            "hidden has {} widths, expected 1 to {DEEPEST}",
            hidden.len()
        )));
    }
    hidden
        .iter()
        .try_for_each(|width| in_range("a width of hidden", *width, (1, WIDEST)))
}

pub(crate) fn widths(hidden: &[usize]) -> Vec<usize> {
    [&[PIXELS], hidden, &[CLASSES]].concat()
}

pub(crate) fn set_up<T>(state: &mut Option<T>) -> Result<&mut T, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}
