//! Parameters of `data`.

use benchhost_plugin_api::{Description, Error, Param};
use benchhost_support::windows::{Placement, Windowing};
use serde::{Deserialize, Serialize};

use crate::{
    source::{Normalise, Source},
    training::{at_least_one, describe_source, stride_or_half},
};

/// Which part of the preparation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Computes all synthetic signals.
    Generate,
    /// Finds the windows of every ID, as views.
    Windows,
    /// Puts one batch of pairs together, on the device.
    Batch,
}

/// Parameters of [`Data`](super::Data); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct DataConfig {
    pub stage: Stage,
    pub signals: String,
    pub ids: usize,
    pub length: usize,
    pub channels: usize,
    pub window: usize,
    pub stride: usize,
    pub count: usize,
    pub strategy: Placement,
    pub batch: usize,
    pub repeat_ids: bool,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            stage: Stage::Windows,
            signals: "simple".to_owned(),
            ids: 1000,
            length: 2048,
            channels: 0,
            window: 1024,
            stride: 0,
            count: 2,
            strategy: Placement::Random,
            batch: 16,
            repeat_ids: false,
        }
    }
}

impl DataConfig {
    pub(super) fn source(&self) -> Source {
        Source {
            signals: self.signals.clone(),
            ids: self.ids,
            length: self.length,
            channels: self.channels,
            normalise: Normalise::None,
        }
    }

    pub(super) fn windowing(&self) -> Windowing {
        Windowing {
            placement: self.strategy,
            window: self.window,
            stride: stride_or_half(self.stride, self.window),
            count: self.count,
        }
    }

    /// Refuses what cannot work, before anything is made.
    pub(super) fn check(&self) -> Result<(), Error> {
        let synthetic = self.source().synthetic().is_some();
        if self.stage == Stage::Generate && !synthetic {
            return Err(Error::config(format!(
                "stage \"generate\" makes synthetic signals, but signals is \"{}\", expected \"simple\", \
                 \"medium\" or \"complex\"",
                self.signals
            )));
        }
        if synthetic {
            at_least_one("ids", self.ids)?;
            at_least_one("length", self.length)?;
        }
        at_least_one("window", self.window)?;
        at_least_one("count", self.count)?;
        Ok(())
    }
}

/// What `data` says of itself.
pub(super) fn describe() -> Description {
    describe_source(Description::new(
        "Makes signals, cuts windows, puts batches together: what happens before a model.",
    ))
    .param(
        Param::new("stage", "which part; reading a file is the workload `hdf5`")
            .choices(&["generate", "windows", "batch"]),
    )
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
    .param(Param::new("count", "windows of each ID, stage `windows`").range(1.0, 1e6))
    .param(Param::new("strategy", "where windows begin").choices(Placement::NAMES))
    .param(
        Param::new("batch", "pairs of a batch, stage `batch`")
            .unit("samples")
            .range(1.0, 65536.0),
    )
    .param(Param::new(
        "repeat-ids",
        "lets a batch be larger than the number of IDs",
    ))
}
