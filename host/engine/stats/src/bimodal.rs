//! Says whether values gather around two levels, which no single median describes.
//!
//! Conservative on purpose: a false alarm beside a good number costs more trust than a missed one. Two levels are seen
//! when a tenth of the values or more lies on the smaller one and the valley between them is clear; three and more
//! levels, and levels so near that their noise fills the valley, are not told apart.

use crate::error::{Error, check};
use crate::quantile::quantile_of_sorted;

/// Below this many values nothing is said.
const MIN_VALUES: usize = 30;

/// Share of the values the smaller level must hold.
const MIN_SHARE: f64 = 0.1;

/// Distance of the levels relative to the lower one, below which it does not matter which one is meant.
const RELEVANT: f64 = 0.01;

/// Depth of the valley in standard deviations of its count. High, because the split was chosen to look good.
const CLEAR: f64 = 3.5;

/// The valley holds at most this share of what lies around the smaller level.
const VALLEY_SHARE: f64 = 0.5;

/// Different values needed on each level: a coarse clock shows one noisy level as two or three bare ticks.
const MIN_DISTINCT: usize = 5;

/// Whether `xs` gather around two levels.
///
/// `xs`: any order, any unit. The values are split in two where the spread within the parts is smallest (Otsu 1979,
/// IEEE Trans. SMC 9(1), 62–66). If the values had one mode, an interval halfway between the parts' medians would
/// hold at least as many of them as the emptier of two equally wide intervals around those medians; a count clearly
/// below that is a valley. False alarms on one-mode data (normal, log-normal, heavy tails) stay below 1 %.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index.
pub fn is_bimodal(xs: &[f64]) -> Result<bool, Error> {
    check(xs, 1)?;
    let mut sorted = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    if n < MIN_VALUES {
        return Ok(false);
    }
    let (lower, upper) = sorted.split_at(best_split(&sorted));
    let enough = |part: &[f64]| part.len() as f64 >= MIN_SHARE * n as f64 && is_resolved(part);
    Ok(enough(lower) && enough(upper) && has_valley(&sorted, lower, upper))
}

/// Where the sum of squares between the two parts is largest; `sorted` has at least two values.
fn best_split(sorted: &[f64]) -> usize {
    let n = sorted.len() as f64;
    // Differences from the median keep the sums small beside their rounding errors.
    let centre = quantile_of_sorted(sorted, 0.5);
    let total: f64 = sorted.iter().map(|x| x - centre).sum();
    let mut below = 0.0;
    let mut best = (f64::NEG_INFINITY, 1);
    for (i, pair) in sorted.windows(2).enumerate() {
        below += pair[0] - centre;
        let k = (i + 1) as f64;
        let distance = below / k - (total - below) / (n - k);
        let between = k * (n - k) * distance * distance;
        if pair[0] < pair[1] && between > best.0 {
            best = (between, i + 1);
        }
    }
    best.1
}

fn is_resolved(sorted: &[f64]) -> bool {
    let steps = sorted.windows(2).filter(|pair| pair[0] < pair[1]);
    steps.take(MIN_DISTINCT - 1).count() == MIN_DISTINCT - 1
}

fn has_valley(sorted: &[f64], lower: &[f64], upper: &[f64]) -> bool {
    let (low, high) = (
        quantile_of_sorted(lower, 0.5),
        quantile_of_sorted(upper, 0.5),
    );
    let distance = high - low;
    if distance <= RELEVANT * low.abs() {
        return false;
    }
    let around = |centre: f64| {
        let half = distance / 6.0;
        let below = sorted.partition_point(|x| *x < centre - half);
        (sorted.partition_point(|x| *x <= centre + half) - below) as f64
    };
    let valley = around(f64::midpoint(low, high));
    let hill = around(low).min(around(high));
    valley <= VALLEY_SHARE * hill && hill - valley >= CLEAR * (hill + valley).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    /// Share of 2000 seeded data sets of `n` values that are called bimodal.
    fn alarms(n: usize, mut draw: impl FnMut(&mut SplitMix64) -> f64) -> f64 {
        let found = (0..2000)
            .filter(|seed| {
                let mut random = SplitMix64::new(*seed);
                let xs: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
                is_bimodal(&xs).unwrap()
            })
            .count();
        found as f64 / 2000.0
    }

    #[test]
    fn one_mode_is_called_two_at_most_once_in_a_hundred() {
        type Draw = fn(&mut SplitMix64) -> f64;
        let shapes: [(&str, Draw); 6] = [
            ("normal", |r| 100.0 + 5.0 * r.normal()),
            ("uniform", |r| 100.0 + 50.0 * r.uniform()),
            ("exponential", |r| 10.0 - r.uniform().ln()),
            ("log-normal", |r| r.normal().exp()),
            ("Student t(2)", |r| {
                let chi_squared = -2.0 * r.uniform().ln();
                100.0 + r.normal() / (chi_squared / 2.0).sqrt()
            }),
            ("normal, ticks of 2 ns", |r| {
                ((100.0 + 5.0 * r.normal()) / 2.0).round() * 2.0
            }),
        ];
        for (name, draw) in shapes {
            for n in [30, 100, 1000] {
                let rate = alarms(n, draw);
                assert!(rate <= 0.01, "{name}, n = {n}, seeds 0..2000: {rate}");
            }
        }
    }

    #[test]
    fn two_levels_are_found() {
        for share in [0.2, 0.5, 0.85] {
            let rate = alarms(200, |r| {
                let level = if r.uniform() < share { 100.0 } else { 120.0 };
                level + 2.0 * r.normal()
            });
            assert!(rate > 0.95, "share {share}, seeds 0..2000: {rate}");
        }
    }

    #[test]
    fn what_does_not_matter_or_cannot_be_told_is_not_reported() {
        let near = alarms(200, |r| {
            100.0 + f64::from(r.uniform() < 0.5) * 0.5 + 0.01 * r.normal()
        });
        assert_eq!(near, 0.0);
        assert_eq!(is_bimodal(&[1.0, 2.0].repeat(10)), Ok(false));
        assert_eq!(is_bimodal(&[7.0; 100]), Ok(false));
        assert_eq!(is_bimodal(&[40.0, 80.0].repeat(100)), Ok(false));
    }
}
