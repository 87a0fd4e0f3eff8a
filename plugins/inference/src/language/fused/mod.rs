//! The model once more, written for speed: weights packed for the vector units, activations in eight bits, every thread
//! at work within a layer.
//!
//! Same mathematics as llama.cpp on the same file: block sums of bytes in whole numbers, the rest in f32.

mod session;
mod weights;

pub(crate) use session::Session;
pub(crate) use weights::Weights;
