//! Loops that candle does not have, or has slowly: written for the vector units of the CPU, chosen at run time.
//!
//! The only place of the plugins with `unsafe`, and there for what needs it: matrix products of other crates and
//! instructions that have no safe name. Everything else is safe code under `pulp`'s dispatch.

#![expect(
    unsafe_code,
    reason = "one of the places for it; each block says why it is sound"
)]

pub mod activation;
pub mod gemm;
pub mod normalise;
pub mod optimizer;
pub mod softmax;
mod wide;

pub use wide::wide;
