//! A small language model, SmolLM2-135M-Instruct, from its GGUF file to its last token.

mod gguf;
mod load;
mod model;
mod proof;
mod stock;
mod tokens;

pub use load::{Load, LoadConfig};
