//! Inference of real models: sentences to vectors, photos to classes, an image and a text to one number.
//!
//! Parameters, work and caveats of the workloads are in this folder's README.

mod attention;
mod classify;
mod embed;
mod implementation;
mod plain;
mod tensors;
mod vlm;

use benchhost_plugin_api::export_plugin;

pub use classify::{Classify, ClassifyConfig};
pub use embed::{Embed, EmbedConfig};
pub use implementation::Implementation;
pub use vlm::{Vlm, VlmConfig};

benchhost_support::use_mimalloc!();

export_plugin! {
    name: "inference",
    summary: "Inference of real models.",
    allocator: "mimalloc",
    workloads: {
        "embed" => Embed,
        "classify" => Classify,
        "vlm" => Vlm,
    },
}
