//! Training by energy beside training by backprop: who learns more from the same images, and in what time?
//!
//! Three workloads: [`Xor`], [`Training`] and [`Step`]. Equations, parameters, work and caveats are in this folder's
//! README.

mod data;
mod energy;
mod learner;
mod network;
mod reference;
mod step;
mod training;
mod update;
mod xor;

use benchhost_plugin_api::export_plugin;

pub use learner::config::{FreePhase, Implementation, LearnerConfig, OptimizerKind, Pace};
pub use step::{Step, StepConfig};
pub use training::{Normalise, Training, TrainingConfig};
pub use xor::{Xor, XorConfig};

benchhost_support::use_mimalloc!();

export_plugin! {
    name: "mep",
    summary: "Training by energy beside SGD, Adam and Muon, on exclusive or and MNIST.",
    allocator: "mimalloc",
    workloads: {
        "xor" => Xor,
        "training" => Training,
        "step" => Step,
    },
}
