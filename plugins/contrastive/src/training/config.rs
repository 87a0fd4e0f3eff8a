//! Parameters of `training`.

use benchhost_plugin_api::{Ctx, Description, Error, Metric, Param};
use benchhost_support::{
    dtype,
    nn::{AdamParams, Decay},
    windows::{Placement, Windowing},
};
use candle_core::DType;
use serde::{Deserialize, Serialize};

use super::precision::INITIAL_SCALE;
use crate::{
    encoder::EncoderKind,
    implementation::Implementation,
    loss::LossKind,
    source::{GROUND_MOTION, Normalise, Source},
};

/// Which optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// Weight decay as L2 in the gradient.
    Adam,
    /// Decoupled weight decay.
    AdamW,
}

/// Parameters of [`Training`](super::Training); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct TrainingConfig {
    pub signals: String,
    pub ids: usize,
    pub length: usize,
    pub channels: usize,
    pub normalise: Normalise,
    pub batch: usize,
    pub repeat_ids: bool,
    pub window: usize,
    pub stride: usize,
    pub strategy: Placement,
    pub pairs: usize,
    pub epochs: usize,
    pub encoder: EncoderKind,
    pub output: usize,
    pub loss: LossKind,
    pub temperature: f64,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub weight_decay: f64,
    pub implementation: Implementation,
    pub dtype: String,
    pub initial_loss_scale: f64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            signals: GROUND_MOTION.to_owned(),
            ids: 64,
            length: 4096,
            channels: 0,
            normalise: Normalise::Id,
            batch: 16,
            repeat_ids: false,
            window: 512,
            stride: 0,
            strategy: Placement::Random,
            pairs: 500,
            epochs: 0,
            encoder: EncoderKind::Simple,
            output: 128,
            loss: LossKind::InfoNce,
            temperature: 0.07,
            optimizer: Optimizer::Adam,
            learning_rate: 1e-3,
            weight_decay: 0.0,
            implementation: Implementation::Fused,
            dtype: "f32".to_owned(),
            initial_loss_scale: INITIAL_SCALE,
        }
    }
}

impl TrainingConfig {
    /// Refuses what cannot work, before anything is loaded.
    pub(super) fn check(&self, ctx: &Ctx) -> Result<(), Error> {
        self.products()?;
        if !(1.0..=1e30).contains(&self.initial_loss_scale) {
            return Err(Error::config(format!(
                "initial-loss-scale is {}, expected 1 to 1e30",
                self.initial_loss_scale
            )));
        }
        at_least_one("window", self.window)?;
        at_least_one("output", self.output)?;
        at_least_one("pairs", self.pairs)?;
        if self.source().synthetic().is_some() {
            at_least_one("ids", self.ids)?;
            at_least_one("length", self.length)?;
        }
        check_temperature(self.temperature)?;
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(Error::config(format!(
                "learning-rate is {}, expected a number above 0",
                self.learning_rate
            )));
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return Err(Error::config(format!(
                "weight-decay is {}, expected 0 or more",
                self.weight_decay
            )));
        }
        if self.optimizer == Optimizer::AdamW && self.weight_decay == 0.0 {
            ctx.warn("optimizer = \"adamw\" with weight-decay = 0 is the same as \"adam\"");
        }
        Ok(())
    }

    pub(super) fn source(&self) -> Source {
        Source {
            signals: self.signals.clone(),
            ids: self.ids,
            length: self.length,
            channels: self.channels,
            normalise: self.normalise,
        }
    }

    pub(super) fn windowing(&self) -> Windowing {
        Windowing {
            placement: self.strategy,
            window: self.window,
            stride: stride_or_half(self.stride, self.window),
            count: 2,
        }
    }

    pub(super) fn adam(&self) -> AdamParams {
        AdamParams {
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            decay: match self.optimizer {
                Optimizer::Adam => Decay::L2,
                Optimizer::AdamW => Decay::Decoupled,
            },
            ..AdamParams::default()
        }
    }

    /// Type of the products.
    ///
    /// # Errors
    /// None of that name.
    pub(super) fn products(&self) -> Result<DType, Error> {
        dtype(&self.dtype)
    }

    /// Steps of an epoch: the last batch is filled up, so that every iteration does the same work.
    pub(super) fn steps_per_epoch(&self) -> u64 {
        self.pairs.div_ceil(self.batch) as u64
    }
}

/// Stride 0 stands for half the window.
pub(crate) fn stride_or_half(stride: usize, window: usize) -> usize {
    if stride == 0 {
        (window / 2).max(1)
    } else {
        stride
    }
}

pub(crate) fn at_least_one(name: &str, value: usize) -> Result<(), Error> {
    if value == 0 {
        return Err(Error::config(format!("{name} is 0, expected at least 1")));
    }
    Ok(())
}

/// Below 0.001 similarities leave the range in which f32 still tells them apart.
pub(crate) fn check_temperature(temperature: f64) -> Result<(), Error> {
    if !(0.001..=1000.0).contains(&temperature) {
        return Err(Error::config(format!(
            "temperature is {temperature}, expected 0.001 to 1000"
        )));
    }
    Ok(())
}

/// Adds the parameters that say which signals are used; shared by the workloads that have them.
pub(crate) fn describe_source(description: Description) -> Description {
    description
        .param(Param::new(
            "signals",
            "\"ground-motion\" (19 real instruments, in the plugin), \"simple\", \"medium\", \"complex\" \
             (synthetic), or the path of an HDF5 file with one dataset for each ID",
        ))
        .param(Param::new("ids", "IDs of a synthetic signal").range(1.0, 1e6))
        .param(Param::new("length", "length of a synthetic signal").unit("samples").range(1.0, 1e8))
        .param(
            Param::new("channels", "first channels to use; 0: as many as every ID has")
                .range(0.0, 1024.0),
        )
}

/// What `training` says of itself.
pub(super) fn describe() -> Description {
    describe_source(Description::new(
        "Trains an encoder on pairs of windows: one iteration is one step, windowing included.",
    ))
    .param(
        Param::new(
            "normalise",
            "\"id\": each channel of each ID to mean 0, deviation 1",
        )
        .choices(&["id", "none"]),
    )
    .param(
        Param::new("batch", "pairs in one step")
            .unit("samples")
            .range(2.0, 65536.0),
    )
    .param(Param::new(
        "repeat-ids",
        "lets a batch be larger than the number of IDs",
    ))
    .param(
        Param::new("window", "length of a window")
            .unit("samples")
            .range(1.0, 1e6),
    )
    .param(
        Param::new(
            "stride",
            "distance of sequential windows; 0: half the window",
        )
        .unit("samples")
        .range(0.0, 1e6),
    )
    .param(Param::new("strategy", "where windows begin").choices(Placement::NAMES))
    .param(
        Param::new("pairs", "pairs of an epoch, rounded up to whole batches")
            .unit("samples")
            .range(1.0, 1e9),
    )
    .param(
        Param::new(
            "epochs",
            "ends the case after so many; 0: the host decides",
        )
        .range(0.0, 1e9),
    )
    .param(Param::new("encoder", "size of the encoder").choices(EncoderKind::NAMES))
    .param(
        Param::new("output", "length of an embedding")
            .unit("values")
            .range(1.0, 65536.0),
    )
    .param(Param::new("loss", "contrastive loss").choices(LossKind::NAMES))
    .param(Param::new("temperature", "divides the similarities").range(0.001, 1000.0))
    .param(Param::new("optimizer", "weight decay as L2 or decoupled").choices(&["adam", "adamw"]))
    .param(Param::new("learning-rate", "step size of the optimiser").range(1e-12, 1e4))
    .param(Param::new("weight-decay", "decay of the weights").range(0.0, 1e4))
    .param(Implementation::param())
    .param(
        Param::new("dtype", "type of the products; weights, loss and optimiser are in f32")
            .choices(&["f32", "f16", "bf16"]),
    )
    .param(
        Param::new(
            "initial-loss-scale",
            "with dtype = \"f16\": what the loss is multiplied by at first, before gradients are taken",
        )
        .range(1.0, 1e30),
    )
    .metric(
        Metric::lower("loss", "nat")
            .quality()
            .help("mean loss of the steps of the sample"),
    )
    .metric(
        Metric::lower("loss-50", "nat").quality().help(
            "mean loss of steps 41 to 50: the same in every run of a seed, however long it runs",
        ),
    )
    .metric(
        Metric::higher("accuracy", "1")
            .ratio()
            .help("rows of the last step whose best candidate is a positive"),
    )
    .metric(Metric::neutral("loss-scale", "1").help("factor of the loss in f16, by now"))
    .metric(
        Metric::lower("skipped-steps", "1")
            .help("steps in f16 that overflowed and so changed no weight"),
    )
    .metric(Metric::neutral("epoch", "1").help("epochs finished"))
    .metric(
        Metric::lower("epoch-time", "ns")
            .time()
            .help("time inside the steps of the last whole epoch; from the first one on"),
    )
    .metric(Metric::neutral("memory-growth-rate", "1").ratio().help(
        "growth of the resident memory from one epoch to the next, by that after the first epoch",
    ))
}
