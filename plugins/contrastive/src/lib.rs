//! Contrastive learning of who made a signal: two windows of one ID are a positive pair, windows of other IDs
//! its negatives.
//!
//! Four workloads: [`Training`] (whole steps), [`Data`] (making signals, windows, batches), [`Hdf5`] (reading a
//! file), [`Model`] (one pass alone). Parameters, work and caveats are in this folder's README.

mod data;
mod encoder;
mod hdf5;
mod implementation;
mod loss;
mod model;
mod pairs;
mod reference;
mod source;
mod training;

use benchhost_plugin_api::export_plugin;

pub use data::{Data, DataConfig, Stage};
pub use encoder::EncoderKind;
pub use hdf5::{Cache, Hdf5, Hdf5Config};
pub use implementation::Implementation;
pub use loss::LossKind;
pub use model::{Model, ModelConfig, Pass};
pub use source::Normalise;
pub use training::{Optimizer, Training, TrainingConfig};

benchhost_support::use_mimalloc!();

export_plugin! {
    name: "contrastive",
    summary: "Contrastive learning on windows of signals.",
    allocator: "mimalloc",
    workloads: {
        "training" => Training,
        "data" => Data,
        "hdf5" => Hdf5,
        "model" => Model,
    },
}
