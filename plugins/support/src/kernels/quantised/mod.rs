//! Products of quantised weights and activations that are quantised on the way, for tokens one at a time and many.
//!
//! **Weights** come in the blocks of GGUF: 32 inputs of one output with a scale (and for Q4_1 a minimum). They are
//! repacked once into tiles of 16 outputs, so that one broadcast activation meets 16 lanes. **Activations** are rounded to
//! eight bits in blocks of 32 with a scale of their own, as llama.cpp does for the same weights; sums are whole numbers,
//! and each block's sum is scaled in f32.
//!
//! **Layout** of anything of `n` values for `t` tokens: tiles of 16 values, `[n/16][t][16]`; quantised, blocks of 32,
//! `[n/32][t]`. One token is then a plain vector, and a range of tiles is one piece of memory, which a thread can own.

mod activations;
mod matrix;
mod q4_1;
mod q8_0;

pub use activations::Block;
pub(crate) use activations::quantise;
pub use matrix::{Into, Matrix, Packing, normalise, norms};

use super::lanes::LANES;

/// Inputs of a block.
pub const BLOCK: usize = 32;

/// Sixteen values: a tile of one token.
pub type Strip = [f32; LANES];

/// Tokens whose sums are kept in registers at once.
pub const TOKENS: usize = 8;

#[cfg(test)]
mod tests;
