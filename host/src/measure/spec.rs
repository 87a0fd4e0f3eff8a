//! What the host asks a worker to measure.

use serde::{Deserialize, Serialize};

/// How to warm up, how to sample, when to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureSpec {
    /// The warm-up.
    pub warm_up: WarmUpSpec,
    /// One duration a block, or one an iteration.
    pub mode: Mode,
    /// Fewest samples, whatever the precision.
    pub min_samples: u64,
    /// Most samples.
    pub max_samples: u64,
    /// Wanted half-width of the median's interval, relative to the median; 0 to go on until the time is spent.
    pub precision: f64,
    /// Confidence of that interval, 0–1.
    pub confidence: f64,
    /// Time budget of all samples together; the warm-up has its own.
    pub max_time_ns: u64,
    /// Most time that is given again for samples on a shared core.
    pub extra_time_ns: u64,
    /// Iterations in a sample; absent to calibrate.
    pub iterations: Option<u64>,
    /// What reading the clock costs, for the calibration.
    pub clock_read_ns: f64,
    /// The workload prepares each iteration's input, so a sample is one iteration.
    pub prepares_each_iteration: bool,
    /// What the yardstick reads on a core of one's own, 0 while unknown; absent when nobody looks at it.
    pub yardstick: Option<f64>,
    /// Iterations are asked for from outside; absent when one follows the other.
    #[serde(default)]
    pub offered_load: Option<OfferedLoad>,
}

/// Iterations asked for at the moments of a Poisson process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OfferedLoad {
    /// Arrivals in a second, on average.
    pub per_second: f64,
    /// Seed of the moments.
    pub seed: u64,
}

impl MeasureSpec {
    /// Iterations of a block, where they need not be found out by the clock.
    #[must_use]
    pub fn iterations_of_a_block(&self) -> Option<u64> {
        let is_single =
            self.prepares_each_iteration || self.offered_load.is_some() || self.mode == Mode::Each;
        if is_single { Some(1) } else { self.iterations }
    }

    /// Whether the number of iterations does not depend on how long they take, when the workload or the limit of samples ends it.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        let warm_up = matches!(
            self.warm_up,
            WarmUpSpec::None | WarmUpSpec::Iterations { .. }
        );
        let samples =
            self.iterations.is_some() || self.mode == Mode::Each || self.prepares_each_iteration;
        warm_up && samples
    }
}

/// The warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum WarmUpSpec {
    /// None: the first sample counts.
    None,
    /// This many iterations.
    Iterations {
        /// How many.
        count: u64,
    },
    /// For this long.
    Time {
        /// How long.
        ns: u64,
    },
    /// Until the series is steady: at least `floor` blocks, at most `cap_ns`.
    Auto {
        /// Fewest blocks.
        floor: u64,
        /// Longest time.
        cap_ns: u64,
    },
}

/// What one timed block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A block of iterations timed from outside.
    Batch,
    /// Each iteration is a sample of its own: the true distribution of latencies.
    Each,
}
