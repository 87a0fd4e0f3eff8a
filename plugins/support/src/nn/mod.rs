//! Layers and optimisers that behave as PyTorch's do, from stock candle operations.
//!
//! candle-nn's `linear` draws Kaiming-normal weights, and it has no Adam with L2 in the gradient; comparing with
//! published numbers needs both.

mod adam;
mod linear;

pub use adam::{Adam, AdamParams, Decay};
pub use linear::Linear;
