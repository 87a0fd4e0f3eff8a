//! What the executables of this folder share: the kernels by name and how much slower they shall be.
//!
//! `peers` drives the tools; `tango` and `criterion` are the benchmarks as their users would write them.

use std::env;

use fixture_kernels::kernel::{Kernel, Size, slowed};

/// The kernels that are measured: names of the workloads of the plugin and of the benchmarks.
pub const KERNELS: [&str; 4] = ["arithmetic", "branchy", "allocation", "cache"];

/// Environment variable with the slow-down of the candidate, %.
pub const SLOWDOWN: &str = "PEERS_SLOWDOWN";

/// Seed of every input.
pub const SEED: u64 = 42;

/// The slow-down asked for, %. Without [`SLOWDOWN`], and in the process that tango starts as the baseline (it
/// passes its environment on, and tells its workers their role): none.
///
/// # Panics
/// When the variable holds no number: a trial without its slow-down must not go on.
#[must_use]
pub fn slowdown() -> f64 {
    let is_baseline = env::args().any(|argument| argument == "baseline");
    match env::var(SLOWDOWN) {
        Ok(text) if !is_baseline => text.parse().expect("the slow-down is a number"),
        _ => 0.0,
    }
}

/// Kernel `K` with its default size, and the units of one iteration with the slow-down.
#[must_use]
pub fn kernel<K: Kernel>() -> (K, u64) {
    let size = K::Size::default();
    (K::new(&size, SEED), slowed(size.units(), slowdown()))
}
