//! Loops that candle does not have, or has slowly: written for the vector units of the CPU, chosen at run time.
//!
//! The only place of the plugins with `unsafe`, and there for what needs it: matrix products of other crates,
//! instructions that have no safe name, and slices that several threads fill at once.

#![expect(
    unsafe_code,
    reason = "one of the places for it; each block says why it is sound"
)]

pub mod activation;
pub mod attention;
pub mod bf16;
pub mod depthwise;
pub mod elementwise;
pub mod exp;
pub mod gelu;
pub mod gemm;
pub mod lanes;
pub mod layer_norm;
pub mod normalise;
pub mod optimizer;
pub mod packed;
pub mod pool;
pub mod quantised;
pub mod rows;
pub mod softmax;
pub mod team;
mod vector;
mod wide;

#[cfg(test)]
mod test_values;

#[doc(hidden)]
pub use wide::run_wide;
