//! Loops that candle does not have, or has slowly: written for the vector units of the CPU, chosen at run time.
//!
//! The only place of the plugins with `unsafe`, and there for what needs it: matrix products of other crates and
//! instructions that have no safe name. Everything else is safe code under `pulp`'s dispatch.

#![expect(
    unsafe_code,
    reason = "one of the places for it; each block says why it is sound"
)]

pub mod depthwise;
pub mod exp;
pub mod gelu;
pub mod gemm;
pub mod layer_norm;
pub mod packed;
pub mod pool;
pub mod softmax;
#[cfg(test)]
mod test_values;
mod vector;
