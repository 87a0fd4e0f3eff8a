//! Layers and optimisers that behave as PyTorch's do: here from stock candle operations, in [`fused`] without them.
//!
//! candle-nn's `linear` draws Kaiming-normal weights, and it has no Adam with L2 in the gradient; comparing with
//! published numbers needs both.

mod adam;
pub mod fused;
mod linear;

pub use adam::{Adam, AdamParams, Decay, Slot};
pub use linear::Linear;
