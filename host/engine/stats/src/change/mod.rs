//! Where a series changed: steps and drifts, with the place, the size and how sure that is.
//!
//! A series is one number for each run, in order. The way from values to changes, one file for each step:
//!
//! ```text
//! prepare   logarithm, season out, lone outliers clipped        → what is looked at, and its fine noise
//! candidates places where means of both sides differ            → at most a few hundred
//! partition flat and sloped pieces, penalised least squares     → pieces
//! survive   each boundary tested against noise with memory      → fewer pieces
//! transient what came and went, and what stands at an edge      → fewer still
//! structure series that are no noise about levels at all        → the coarse shape instead
//! describe  levels, noise, interval of the place, confidence
//! ```
//!
//! Deterministic, nothing to tune. "Nothing happened" is the commonest truth: the constants are chosen so that at most
//! one in a hundred unchanged series of benchmark results alarms; docs/METHODOLOGY.md has their table and figures.

mod candidates;
mod describe;
mod noise;
mod partition;
mod prepare;
mod season;
mod structure;
mod sums;
mod survive;
#[cfg(test)]
mod tests;
mod transient;

pub use describe::{ChangeKind, ChangePoint};

use noise::Noise;
use prepare::Prepared;

/// Fewest values that can hold a change: two regimes of [`partition::SHORTEST`].
pub const FEWEST_VALUES: usize = 2 * partition::SHORTEST;

/// Rounds of partition and noise; the partition rarely moves after the second.
const ROUNDS: usize = 4;

/// Steps and drifts of a series, in order.
///
/// `values`: in the order of time, any unit; a missing point is NaN (infinite values count as missing). Indices of the
/// result count all values, from 0. Empty for fewer than [`FEWEST_VALUES`] finite values. Values that are all positive
/// are judged by their logarithms, so that noise that grows with the level is one noise.
///
/// Cost: O(n log n) for n values; about a millisecond for a thousand.
///
/// Sources: optimal partitioning, Jackson et al. (2005), IEEE Signal Processing Letters 12(2), 105–108, on the candidate
/// places of a multi-scale MOSUM (Eichinger & Kirch 2018, Bernoulli 24(1), 526–564); penalty raised for serial
/// correlation as in Lavielle & Moulines (2000), Journal of Time Series Analysis 21(1), 33–59.
#[must_use]
pub fn changes(values: &[f64]) -> Vec<ChangePoint> {
    let Some(mut series) = Prepared::new(values) else {
        return Vec::new();
    };
    let places = candidates::candidates(&series);
    let mut noise = Noise::white(series.fine);
    let mut pieces = Vec::new();
    for _ in 0..ROUNDS {
        let next = partition::partition(&series.sums, &places, &noise, &partition::FINE);
        if next == pieces {
            break;
        }
        pieces = next;
        noise = Noise::of(&series, &pieces);
    }
    let mut found = transient::without(&mut series, pieces);
    if structure::is_left(&series, &found.pieces) {
        found = structure::coarse(&series, &places);
    }
    describe::describe(&series, &found)
}
