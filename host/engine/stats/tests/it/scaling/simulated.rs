//! Series simulated from known laws.

use benchhost_stats::{SplitMix64, scaling::Observation};

/// A law and how it is observed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) sigma: f64,
    pub(super) kappa: f64,
    /// Standard deviation of a repetition, relative.
    pub(super) noise: f64,
    pub(super) levels: &'static [f64],
    pub(super) repetitions: usize,
}

/// λ of every simulated law, items/s.
pub(super) const LAMBDA: f64 = 1234.5;

/// Few workers, many repetitions: a small machine.
pub(super) const FOUR: &[f64] = &[1.0, 2.0, 3.0, 4.0];

/// Doubling: a large one.
pub(super) const DOUBLING: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

impl Setting {
    /// Throughput of `n` workers without noise.
    pub(super) fn throughput(&self, n: f64) -> f64 {
        LAMBDA * n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))
    }

    /// Throughputs with log-normal noise. `off`: standard deviation of what each level has of its own, relative.
    pub(super) fn observe(&self, seed: u64, off: f64) -> Vec<Observation> {
        let mut random = SplitMix64::new(seed);
        let mut points = Vec::new();
        for n in self.levels {
            let own = off * random.normal();
            for _ in 0..self.repetitions {
                let noise = self.noise * random.normal();
                points.push(Observation {
                    at: *n,
                    value: self.throughput(*n) * (own + noise).exp(),
                });
            }
        }
        points
    }
}

/// Whether an estimate's interval holds `truth`.
pub(super) fn holds(interval: benchhost_record::Interval, truth: f64) -> bool {
    interval.low <= truth && truth <= interval.high
}
