//! A training loop that is the same every time, so that whatever else takes time can be seen beside it.
//!
//! One workload, [`Training`]. It tracks nothing itself: the host measures it with its probes off and on, and the
//! difference is what looking costs. Parameters, work and caveats are in this folder's README.

mod clusters;
mod mlp;
mod reference;
mod training;

use benchhost_plugin_api::export_plugin;

pub use training::{Training, TrainingConfig};

benchhost_support::use_mimalloc!();

export_plugin! {
    name: "tracking",
    summary: "A fixed training loop, to show what measuring it costs.",
    allocator: "mimalloc",
    workloads: {
        "training" => Training,
    },
}
