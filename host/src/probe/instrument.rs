//! What every probe of a case has in common: it says what it can read here, looks at the first and after the last
//! sample, and in between only when it is polled.

use benchhost_record::{Basis, Extent, Metric, Reading};

/// One number that a probe can read on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// What it is, with unit and direction.
    pub metric: Metric,
    /// Whether it grows with the time that is looked at.
    pub extent: Extent,
    /// Smallest step, for people: `1 µJ every 1 ms`, `1 B`, `1 kernel tick (10 ms)`.
    pub resolution: String,
    /// Where it comes from: a file of the kernel, a library, a model with its figures.
    pub source: String,
    /// Whether an instrument or a model says so.
    pub basis: Basis,
}

impl Quantity {
    /// The reading of this quantity.
    #[must_use]
    pub fn reads(&self, value: f64) -> Reading {
        Reading {
            metric: self.metric.clone(),
            value,
            extent: self.extent,
            basis: self.basis,
            source: self.source.clone(),
        }
    }
}

/// A number that a probe would read if this machine let it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Name of its metric.
    pub quantity: String,
    /// Why it cannot be read, and a way out: for people.
    pub reason: String,
}

/// Whom a probe looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The workers: one, or several when instances are processes.
    pub pids: Vec<u32>,
    /// CPUs they are held to; empty for all.
    pub cpus: Vec<u32>,
}

/// A way of looking at processes and the machine. Opened once for a run, used for one case after the other.
///
/// Nothing here may disturb what is measured: the two edges are read before the first and after the last sample, and
/// polling happens in the host, on a thread of its own.
pub trait Probe: Send {
    /// Its name, as in `probes = ["cpu"]`.
    fn name(&self) -> &'static str;

    /// What it can read here; never empty.
    fn quantities(&self) -> Vec<Quantity>;

    /// What of it cannot be read here, and why.
    fn missing(&self) -> Vec<Missing> {
        Vec::new()
    }

    /// Looks before the first sample, and forgets what was before.
    fn begin(&mut self, target: &Target);

    /// Looks while samples are taken. `elapsed_ns`: since `begin`.
    fn poll(&mut self, elapsed_ns: u64) {
        let _ = elapsed_ns;
    }

    /// Shortest sensible time between two polls, ns; `None` for a probe that needs no polling.
    fn fastest_poll_ns(&self) -> Option<u64> {
        None
    }

    /// Levels as they were at the last look, for their course over time. Tells what was read, reads nothing.
    fn levels(&self) -> Vec<(Metric, f64)> {
        Vec::new()
    }

    /// Looks after the last sample. `elapsed_ns`: since `begin`. What could not be read is left out, never guessed.
    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading>;
}
