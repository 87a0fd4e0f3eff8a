//! How a quantity grows with threads, instances or size, and what the hardware would allow. Computed by
//! `benchhost-stats`; here is only their form.
//!
//! Every estimate has its interval, every law says how well it fits. What the observations do not support is absent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Interval;

/// A parameter that was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The most likely value.
    pub value: f64,
    /// Where the true one lies.
    pub interval: Interval,
}

/// How well a law describes what was observed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Goodness {
    /// Observations (repetitions of all levels).
    pub observations: u64,
    /// Distinct values of the axis.
    pub levels: u64,
    /// Share of the variance of the logarithms that the law explains; 1 is all.
    pub r_squared: f64,
    /// Standard deviation about the law, relative (of the logarithm): of one observation, or of one level where
    /// `lacks_fit`.
    pub scatter: f64,
    /// Degrees of freedom the intervals stand on.
    pub freedom: u64,
    /// Chance of levels this far off the law if the law were true; absent without repetitions, or with no more levels
    /// than parameters.
    pub lack_of_fit_p: Option<f64>,
    /// Whether the levels lie farther off the law than repetitions of one level scatter. The law is a rough guide then,
    /// and its intervals take each level as one observation.
    pub lacks_fit: bool,
}

/// y = coefficient · xᵖ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PowerLaw {
    /// y at x = 1, in the metric's unit.
    pub coefficient: Estimate,
    /// p: 1 is proportional to the size, 2 quadratic.
    pub exponent: Estimate,
    /// How well it fits.
    pub goodness: Goodness,
}

/// X(N) = λN / (1 + σ(N−1)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Amdahl {
    /// λ: throughput of one worker, in the metric's unit.
    pub lambda: Estimate,
    /// σ: the part that only one worker can do at a time; below 0 where workers help each other (caches).
    pub sigma: Estimate,
    /// 1/σ, the speed-up no number of workers exceeds; absent unless σ is certainly above 0, and below 1: from there on more
    /// workers are slower than one.
    pub speedup_limit: Option<Estimate>,
    /// Workers at which speed-up times efficiency is largest; absent unless σ is certainly above 0.
    pub knee: Option<Estimate>,
    /// How well it fits.
    pub goodness: Goodness,
}

impl Amdahl {
    /// Whether the serial part is certainly above 0.
    #[must_use]
    pub fn is_contended(&self) -> bool {
        self.sigma.interval.low > 0.0
    }

    /// Whether throughput certainly grows faster than the number of workers.
    #[must_use]
    pub fn is_superlinear(&self) -> bool {
        self.sigma.interval.high < 0.0
    }
}

/// X(N) = λN / (1 + σ(N−1) + κN(N−1)), the Universal Scalability Law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Usl {
    /// λ: throughput of one worker, in the metric's unit.
    pub lambda: Estimate,
    /// σ: contention, workers waiting for what only one can have; below 0 where workers help each other.
    pub sigma: Estimate,
    /// κ: coherence, each worker waiting for every other.
    pub kappa: Estimate,
    /// Where throughput is largest; absent unless κ is certainly above 0, for without κ it has no largest value.
    pub peak: Option<Peak>,
    /// Workers at which speed-up times efficiency is largest; absent where the observations leave it unbounded.
    pub knee: Option<Estimate>,
    /// How well it fits.
    pub goodness: Goodness,
}

impl Usl {
    /// Whether contention is certainly above 0.
    #[must_use]
    pub fn is_contended(&self) -> bool {
        self.sigma.interval.low > 0.0
    }

    /// Whether coherence is certainly above 0; where it is not, Amdahl's law says as much with one parameter less.
    #[must_use]
    pub fn is_coherent(&self) -> bool {
        self.kappa.interval.low > 0.0
    }

    /// Whether a few workers certainly do more than that many times the work of one.
    #[must_use]
    pub fn is_superlinear(&self) -> bool {
        self.sigma.interval.high < 0.0
    }
}

/// The largest throughput, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// Number of workers, not rounded; 1 where throughput falls from the start.
    pub at: Estimate,
    /// Throughput there, in the metric's unit.
    pub throughput: Estimate,
}

/// One line of the table of efficiency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingLevel {
    /// Number of workers.
    pub at: f64,
    /// Repetitions.
    pub repetitions: u64,
    /// Median of the repetitions, in the metric's unit.
    pub median: f64,
    /// How many times the work of the smallest level is done in the same time; 1 at the smallest level.
    pub speedup: f64,
    /// Its interval; absent at the smallest level and where a level has a single repetition.
    pub speedup_interval: Option<Interval>,
    /// Speed-up for each worker, against the smallest level: 1 is ideal.
    pub efficiency: f64,
    /// Its interval; absent where that of the speed-up is.
    pub efficiency_interval: Option<Interval>,
}

/// What was achieved, against what the machine could do at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Roofline {
    /// FLOP for each byte moved; absent unless both are declared.
    pub intensity: Option<f64>,
    /// Intensity from which on the machine computes slower than it moves data; absent unless both peaks are known.
    pub ridge: Option<f64>,
    /// Which roof is the lower one.
    pub bound: Bound,
    /// Unit of `ceiling` and `achieved`.
    pub unit: RooflineUnit,
    /// The lower roof.
    pub ceiling: f64,
    /// What was achieved.
    pub achieved: f64,
    /// achieved / ceiling.
    pub share: f64,
}

impl Roofline {
    /// Whether more was achieved than the roof allows: the data came from a cache, or the declared work is too large.
    #[must_use]
    pub fn is_above_roof(&self) -> bool {
        self.share > 1.0
    }
}

/// What limits a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The arithmetic units.
    Compute,
    /// The memory.
    Memory,
}

/// What a roof is counted in. FLOP are never reported as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RooflineUnit {
    /// Floating-point operations a second.
    #[serde(rename = "FLOP/s")]
    FlopPerS,
    /// Bytes a second.
    #[serde(rename = "B/s")]
    BytesPerS,
}

impl RooflineUnit {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FlopPerS => "FLOP/s",
            Self::BytesPerS => "B/s",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(low: f64, value: f64, high: f64) -> Estimate {
        Estimate {
            value,
            interval: Interval {
                low,
                high,
                confidence: 0.95,
            },
        }
    }

    #[test]
    fn a_law_survives_being_written_and_read() {
        let law = Usl {
            lambda: estimate(95.0, 100.0, 105.0),
            sigma: estimate(-0.01, 0.02, 0.05),
            kappa: estimate(0.0001, 0.0002, 0.0003),
            peak: Some(Peak {
                at: estimate(55.0, 70.0, 99.0),
                throughput: estimate(2000.0, 2100.0, 2300.0),
            }),
            knee: None,
            goodness: Goodness {
                observations: 21,
                levels: 7,
                r_squared: 0.99,
                scatter: 0.02,
                freedom: 18,
                lack_of_fit_p: None,
                lacks_fit: false,
            },
        };

        let text = serde_json::to_string(&law).unwrap();

        assert_eq!(serde_json::from_str::<Usl>(&text).unwrap(), law);
        assert!(!law.is_contended() && law.is_coherent() && !law.is_superlinear());
    }

    #[test]
    fn rates_are_written_with_their_unit() {
        for unit in [RooflineUnit::FlopPerS, RooflineUnit::BytesPerS] {
            let text = serde_json::to_string(&unit).unwrap();
            assert_eq!(text, format!("\"{}\"", unit.word()));
        }
    }
}
