//! A small language model, SmolLM2-135M-Instruct, from its GGUF file to its last token.

mod concurrent;
mod cost;
mod decode;
mod drift;
mod fused;
mod gguf;
mod latency;
mod loading;
mod model;
mod prefill;
mod proof;
mod quantised;
mod quantity;
mod questions;
mod shape;
mod stock;
mod subject;
#[cfg(test)]
mod tests;
mod tokens;

use benchhost_plugin_api::Error;

pub use concurrent::{Concurrent, ConcurrentConfig};
pub use decode::{Decode, DecodeConfig};
pub(crate) use loading::Loading;
pub use prefill::{Prefill, PrefillConfig};
pub use quantised::{Quantised, QuantisedConfig};
pub use quantity::Quantity;
pub(crate) use questions::Questions;

/// Refuses a value outside `lowest..=highest`.
fn within(name: &str, value: usize, (lowest, highest): (usize, usize)) -> Result<(), Error> {
    if (lowest..=highest).contains(&value) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{name} is {value}, expected {lowest} to {highest}"
    )))
}

/// What every workload says when the host did not set it up first.
fn not_set_up() -> Error {
    Error::failed("used before setup")
}
