//! From the samples of one measurement to its summary.

use benchhost_record::{Interval, Quantile, Samples, Summary};

use crate::error::{Error, check, check_probability};
use crate::quantile::{quantile_of_sorted, samples_needed};
use crate::robust::{mad_about, mean, standard_deviation, trimmed_mean_of_sorted};
use crate::{bootstrap, interval, outlier};

/// Quantiles that every summary states, or says how many samples are missing.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// What `samples` come to. All figures are in the samples' unit; each sample counts once, however many iterations it
/// had.
///
/// `seed`: for the bootstrap; the same samples and seed give the same summary everywhere. `confidence`: of the interval
/// of the median, strictly between 0 and 1. One repetition gives an interval by order statistics, which speaks of
/// that process only; several give a hierarchical bootstrap interval, which speaks of further processes, and is
/// therefore wider. The order of samples within a repetition does not matter. A million samples take well under a
/// second, most of it sorting.
///
/// # Errors
/// [`Error::TooFew`] for no sample, [`Error::NotFinite`] with the index, [`Error::NotAProbability`].
pub fn summarise(samples: &Samples, seed: u64, confidence: f64) -> Result<Summary, Error> {
    check(&samples.value, 1)?;
    check_probability(confidence)?;
    let mut sorted = samples.value.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let groups = sorted_groups(samples);
    let median = quantile_of_sorted(&sorted, 0.5);
    let mad = mad_about(&sorted, median);
    let mean = mean(&sorted);
    Ok(Summary {
        n: sorted.len() as u64,
        repetitions: groups.len() as u32,
        median,
        interval: possible(interval_of(&groups, &sorted, seed, confidence), &sorted),
        mad,
        mean,
        trimmed_mean: trimmed_mean_of_sorted(&sorted),
        standard_deviation: standard_deviation(&sorted, mean),
        min: sorted[0],
        max: sorted[sorted.len() - 1],
        quantiles: QUANTILES.map(|q| stated(&sorted, q)).to_vec(),
        outliers: outlier::count_about(&sorted, median, mad),
    })
}

/// Values by repetition, each sorted; repetitions in order of first appearance.
fn sorted_groups(samples: &Samples) -> Vec<Vec<f64>> {
    let mut groups = samples.by_repetition();
    for group in &mut groups {
        group.sort_unstable_by(f64::total_cmp);
    }
    groups
}

fn interval_of(groups: &[Vec<f64>], sorted: &[f64], seed: u64, confidence: f64) -> Interval {
    if groups.len() < 2 {
        interval::interval_of_sorted(sorted, confidence)
    } else {
        bootstrap::interval(groups, sorted, seed, confidence)
    }
}

/// What is never below zero has no interval below zero.
fn possible(interval: Interval, sorted: &[f64]) -> Interval {
    let floor = if sorted[0] >= 0.0 {
        0.0
    } else {
        f64::NEG_INFINITY
    };
    Interval {
        low: interval.low.max(floor),
        ..interval
    }
}

/// The quantile, or how many samples it still needs.
fn stated(sorted: &[f64], q: f64) -> Quantile {
    let needs_more = samples_needed(q).saturating_sub(sorted.len() as u64);
    Quantile {
        q,
        value: (needs_more == 0).then(|| quantile_of_sorted(sorted, q)),
        needs_more,
    }
}
