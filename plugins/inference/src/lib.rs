//! Inference of real models: what a user waits for, from opening the file to the last token.
//!
//! The half in [`language`] is SmolLM2-135M. Parameters, work and caveats are in this folder's README.

mod implementation;
mod language;

use benchhost_plugin_api::export_plugin;

pub use implementation::Implementation;
pub use language::{
    Accuracy, AccuracyConfig, Concurrent, ConcurrentConfig, Decode, DecodeConfig, Load, LoadConfig,
    Prefill, PrefillConfig, Quantised, QuantisedConfig, Quantity,
};

benchhost_support::use_mimalloc!();

export_plugin! {
    name: "inference",
    summary: "Inference of real models: language, embeddings, images.",
    allocator: "mimalloc",
    workloads: {
        "load" => Load,
        "prefill" => Prefill,
        "decode" => Decode,
        "concurrent" => Concurrent,
        "accuracy" => Accuracy,
        "quantised" => Quantised,
    },
}
