//! Ways of looking at the machine and its processes, one file each. Absent is absent, never guessed.

pub mod cgroup;
pub mod clock;
pub mod condition;
pub mod environment;
pub mod git;
pub mod gpu;
mod instrument;
pub mod machine;
pub mod process;
mod text;

pub use instrument::{Probe, Quantity, Target};
