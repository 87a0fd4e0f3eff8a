//! Looks back over samples that were taken: did the series stand still while they were?
//!
//! [`crate::WarmUp`] ends the discarding, but no rule can foresee. A step after it, a slow wave longer than it and a
//! drift below its noise show only later, in the samples themselves. So a series is called steady in two steps: the
//! warm-up ended by its rule, and this look back finds no movement.
//!
//! The samples are replaced by their ranks, whose means over at most 128 parts are tested for a drift, a step, a wave
//! and slow wandering, each at a quarter of the level. Means of ranks are comparable for any shape of noise. What is
//! found must also be large enough to matter.
//!
//! How it fails. Waves shorter than two parts are averaged away: they are noise to it. Noise that is itself correlated
//! over more than a part is wandering to it; that errs on the side of not claiming. Samples too few or too noisy to
//! show a movement of 5 % give no claim either way. Among 1000 samples with noise of 5 %, a random walk that happens to
//! stay within 5 % is missed now and then.

mod serial;

use crate::distribution::normal_quantile;
use crate::error::{Error, check};
use crate::rank_test::trend_z;
use crate::robust::{mad_about, mean, median_in_place};
use serial::{Wave, amplitude, ranks, slowness_p, spectrum, step, wave};

/// Parts at most.
const MAX_PARTS: usize = 128;

/// Samples below which nothing is said.
const MIN_SAMPLES: usize = 20;

/// A steady series is called moving this often at most, 0–1.
const LEVEL: f64 = 0.01;

/// Level of each of the four tests (Bonferroni).
const EACH: f64 = LEVEL / 4.0;

/// Movement, relative to the median, below which it does not matter.
const RELEVANT: f64 = 0.005;

/// Drift from the first to the last sample, relative to the median, that must not be able to hide. 5 % is what Traini
/// et al. (2023), Empirical Software Engineering 28, 13, call off.
const HIDDEN: f64 = 0.05;

/// Standard errors that a drift must measure to be all but certain to be seen: 3.0 for the level and 3 beyond.
const CERTAIN: f64 = 6.0;

/// Whether samples stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steadiness {
    /// No movement, and one that matters would have been seen.
    Steady,
    /// They moved.
    Moving(Movement),
    /// No movement was seen, but the samples are too few or too noisy to show one of 5 %.
    Unclear,
}

/// How samples moved; when several fit, the first of step, drift, wave and wander.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Later samples are larger, or smaller, throughout.
    Drift,
    /// From some sample on the level is another.
    Step,
    /// Slow regular waves.
    Wave,
    /// Slow and irregular.
    Wander,
}

/// Whether `samples`, in order of time, stood still.
///
/// `samples`: time per iteration or any other positive quantity, any unit. A steady series (independent noise of any
/// shape around one level) is called moving in at most 1 % of cases. O(n log n) time.
///
/// # Errors
/// [`Error::NotFinite`] with the index.
///
/// Sources: the tests of Mann & Kendall, Pettitt and Fisher, and the share of slow waves, named at each.
pub fn steadiness(samples: &[f64]) -> Result<Steadiness, Error> {
    check(samples, 0)?;
    if samples.len() < MIN_SAMPLES {
        return Ok(Steadiness::Unclear);
    }
    let median = median_in_place(&mut samples.to_vec());
    if let Some(movement) = movement(samples, RELEVANT * median.abs()) {
        return Ok(Steadiness::Moving(movement));
    }
    let noise = mad_about(samples, median);
    // Standard error of a drift over the whole series, by least squares: √(12/n)·σ.
    let hidden = CERTAIN * (12.0 / samples.len() as f64).sqrt() * noise;
    Ok(if hidden > HIDDEN * median.abs() {
        Steadiness::Unclear
    } else {
        Steadiness::Steady
    })
}

/// The movement of more than `relevant`, in the unit of `samples`, that chance does not explain.
fn movement(samples: &[f64], relevant: f64) -> Option<Movement> {
    let scores: Vec<f64> = parts(&ranks(samples)).map(mean).collect();
    let levels: Vec<f64> = parts(samples).map(median_of).collect();
    let step = step(&scores);
    let spectrum = spectrum(&scores);
    let wave = wave(&spectrum);
    let drifts = has_trend(&scores) && drift(&levels) > relevant;
    let steps = step.p < EACH && height(&levels, step.at) > relevant;
    if drifts || steps {
        // Each of the two tests sees the other's movement too. A step leaves level ground on both sides.
        let (before, after) = scores.split_at(step.at);
        let level_sides = !has_trend(before) && !has_trend(after);
        Some(if steps && level_sides {
            Movement::Step
        } else {
            Movement::Drift
        })
    } else if wave.p < EACH && swing(&levels, wave) > relevant {
        Some(Movement::Wave)
    } else if slowness_p(&spectrum) < EACH && wandering(&levels) > relevant {
        Some(Movement::Wander)
    } else {
        None
    }
}

fn has_trend(xs: &[f64]) -> bool {
    trend_z(xs).abs() > normal_quantile(1.0 - EACH / 2.0)
}

/// `xs` in at most [`MAX_PARTS`] neighbouring parts, whose lengths differ by one at most.
fn parts(xs: &[f64]) -> impl Iterator<Item = &[f64]> {
    let n = xs.len();
    let count = n / n.div_ceil(MAX_PARTS);
    (0..count).map(move |i| &xs[i * n / count..(i + 1) * n / count])
}

fn median_of(xs: &[f64]) -> f64 {
    median_in_place(&mut xs.to_vec())
}

/// Distance of the medians of the first and the last third, extended to the whole length.
fn drift(levels: &[f64]) -> f64 {
    let third = levels.len() / 3;
    let (first, last) = (&levels[..third], &levels[levels.len() - third..]);
    1.5 * (median_of(last) - median_of(first)).abs()
}

/// Height of a step at index `at`; 0 < `at` < n, or nothing.
fn height(levels: &[f64], at: usize) -> f64 {
    if at == 0 || at == levels.len() {
        return 0.0;
    }
    let (before, after) = levels.split_at(at);
    (median_of(after) - median_of(before)).abs()
}

/// From trough to crest.
fn swing(levels: &[f64], wave: Wave) -> f64 {
    2.0 * amplitude(levels, wave.count)
}

/// Twice the standard deviation of what neighbours share, from their covariance.
fn wandering(levels: &[f64]) -> f64 {
    let centre = mean(levels);
    let products: Vec<f64> = levels
        .windows(2)
        .map(|w| (w[0] - centre) * (w[1] - centre))
        .collect();
    2.0 * mean(&products).max(0.0).sqrt()
}

#[cfg(test)]
mod tests;
