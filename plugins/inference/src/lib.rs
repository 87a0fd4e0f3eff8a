//! Inference of real models: what a user waits for, from opening the file to the last token, the vector or the class.
//!
//! [`language`] is SmolLM2-135M; the others turn sentences into vectors, photos into classes, an image and a text into
//! one number. Parameters, work and caveats are in this folder's README.

mod accuracy;
mod attention;
mod classify;
mod embed;
mod implementation;
mod language;
mod load;
mod pinned;
mod plain;
mod tensors;
mod vlm;

use benchhost_plugin_api::export_plugin;

pub use accuracy::{Accuracy, AccuracyConfig, Kind};
pub use classify::{Classify, ClassifyConfig};
pub use embed::{Embed, EmbedConfig};
pub use implementation::Implementation;
pub use language::{
    Concurrent, ConcurrentConfig, Decode, DecodeConfig, Prefill, PrefillConfig, Quantised,
    QuantisedConfig, Quantity,
};
pub use load::{Cache, Load, LoadConfig, Model};
pub use vlm::{Vlm, VlmConfig};

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
        "embed" => Embed,
        "classify" => Classify,
        "vlm" => Vlm,
    },
}
