//! Loops that candle does not have, or has slowly: written for the vector units of the CPU, chosen at run time.
//!
//! The only place of the plugins with `unsafe`, and there for what needs it: matrix products of other crates,
//! instructions that have no safe name, and slices that several threads fill at once.

#![expect(
    unsafe_code,
    reason = "one of the places for it; each block says why it is sound"
)]

pub mod attention;
pub mod gemm;
pub mod lanes;
pub mod quantised;
pub mod team;
