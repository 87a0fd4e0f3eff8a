//! How cost grows with size, where more workers stop helping, and how far the hardware's limits are.
//!
//! Repetitions (fresh processes) are the unit everywhere: one [`Observation`] is one repetition at one value of an
//! axis. Noise is taken as relative, so everything is fitted to logarithms. What the observations do not support is
//! [`Refused`] with a sentence, or absent from the answer; nothing is clamped to what a theory would like.
//!
//! The forms of the answers belong to `benchhost-record`.

mod amdahl;
mod curve;
mod efficiency;
mod goodness;
mod levels;
mod power_law;
mod profile;
mod refused;
mod roofline;
mod usl;

pub use amdahl::amdahl;
pub use efficiency::{Series, efficiency};
pub use levels::Observation;
pub use power_law::power_law;
pub use refused::Refused;
pub use roofline::{Peaks, roofline};
pub use usl::usl;
