//! The table of scaling: speed-up and efficiency of each level against the smallest one, no law assumed.

use benchhost_record::{Interval, ScalingLevel};

use super::{
    levels::{Levels, Observation, require_confidence, require_workers},
    refused::Refused,
};
use crate::{
    paired::Bounds,
    robust::{mean, median_in_place},
    unpaired::Unpaired,
};

/// What the values of a series are, and so how they tell the speed-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Items a second. Counts items, so it serves strong scaling and, with a problem that grows, weak scaling alike:
    /// speed-up is X(N)/X(N₀).
    Throughput,
    /// Time of a problem that stays the same: speed-up is T(N₀)/T(N).
    StrongTime,
    /// Time of a problem that grows with N: efficiency is T(N₀)/T(N), speed-up N/N₀ times that (Gustafson 1988).
    WeakTime,
}

/// Speed-up and efficiency of every distinct N in `points`, rising; one value for each repetition.
///
/// Ratios are of geometric means, with Welch's interval of the difference of the logarithms; each interval holds with
/// `confidence` by itself, not all of them together. Efficiency is speed-up · N₀/N.
///
/// # Errors
/// [`Refused`]: no observation, N below 1, values that are not positive and finite, or ratios that are not.
///
/// Sources: Gustafson (1988), Communications of the ACM 31(5), 532–533; Welch (1947), Biometrika 34, 28–35.
pub fn efficiency(
    points: &[Observation],
    series: Series,
    confidence: f64,
) -> Result<Vec<ScalingLevel>, Refused> {
    require_confidence(confidence)?;
    let levels = Levels::new(points)?;
    require_workers(points)?;
    if levels.at.is_empty() {
        return Err(Refused::TooFewLevels {
            found: 0,
            needed: 1,
        });
    }
    (0..levels.at.len())
        .map(|k| level(&levels, k, series, confidence))
        .collect()
}

/// Level `k` against the first.
fn level(
    levels: &Levels,
    k: usize,
    series: Series,
    confidence: f64,
) -> Result<ScalingLevel, Refused> {
    let workers = levels.at[k] / levels.at[0];
    // Factor from the ratio of the values to speed-up and efficiency, whether a larger value is faster.
    let (to_speedup, to_efficiency, is_rate) = match series {
        Series::Throughput => (1.0, 1.0 / workers, true),
        Series::StrongTime => (1.0, 1.0 / workers, false),
        Series::WeakTime => (workers, 1.0, false),
    };
    let (from, to) = if is_rate { (0, k) } else { (k, 0) };
    let ratio = (mean(&levels.logs[to]) - mean(&levels.logs[from])).exp();
    let interval = (k > 0)
        .then(|| ratio_interval(&levels.values[from], &levels.values[to], confidence))
        .flatten();
    let scaled = |factor: f64| {
        interval.map(|i| Interval {
            low: i.low * factor,
            high: i.high * factor,
            confidence,
        })
    };
    let level = ScalingLevel {
        at: levels.at[k],
        repetitions: levels.logs[k].len() as u64,
        median: median_in_place(&mut levels.values[k].clone()),
        speedup: ratio * to_speedup,
        speedup_interval: scaled(to_speedup),
        efficiency: ratio * to_efficiency,
        efficiency_interval: scaled(to_efficiency),
    };
    let is_finite = |x: f64| x.is_finite() && x > 0.0;
    (is_finite(level.speedup) && is_finite(level.efficiency))
        .then_some(level)
        .ok_or(Refused::NoSolution)
}

/// Interval of candidate/baseline; `None` where one of them has a single repetition.
fn ratio_interval(baseline: &[f64], candidate: &[f64], confidence: f64) -> Option<Interval> {
    // Only the interval is asked for, so there is no bound to test against.
    let bounds = Bounds {
        tolerance: 0.0,
        margin: 0.0,
    };
    let log = Unpaired::new(baseline, candidate, bounds)?.interval(1.0 - confidence);
    let (low, high) = (log.low.exp(), log.high.exp());
    (low > 0.0 && high.is_finite()).then_some(Interval {
        low,
        high,
        confidence,
    })
}
