//! Ways of looking at the machine and its processes, one file each. Absent is absent, never guessed.

pub mod cgroup;
pub mod clock;
pub mod condition;
mod counters;
mod cpu;
pub mod energy;
pub mod environment;
pub mod git;
pub mod gpu;
mod instrument;
mod io;
pub mod machine;
mod memory;
mod network;
mod offer;
mod perf;
mod price;
pub mod process;
pub mod registry;
mod session;
mod text;
pub mod trace;
mod tree;

pub use instrument::{Missing, Probe, Quantity, Target};
pub use price::{Price, price};
pub use session::{Cost, Session};
