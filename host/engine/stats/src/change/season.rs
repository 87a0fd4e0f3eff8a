//! A strong season of fixed length: hours of a day, days of a week. It is no change.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// Shortest season that is looked for, values.
const SHORTEST: usize = 4;

/// Longest season that is looked for, values.
const LONGEST: usize = 60;

/// Seasons that must be seen.
const FEWEST_SEEN: usize = 4;

/// Share of the variance about the moving average that the season must explain, after its own values are paid for.
const LEAST_SHARE: f64 = 0.5;

/// Largest probability of such a season in noise.
const LEVEL: f64 = 1e-6;

/// A longer season must explain this much more than a shorter one: its multiples explain as much.
const LONGER_ADDS: f64 = 0.02;

/// `z` without its season; nothing when it has none. `index`: place of each value among all, missing ones too, so that a
/// hole does not shift the season.
///
/// Source: classical decomposition by a centred moving average; the test is the one-way analysis of variance.
pub(super) fn without(z: &[f64], index: &[usize]) -> Option<Vec<f64>> {
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(z.iter().scan(0.0, |sum, x| {
            *sum += x;
            Some(*sum)
        }))
        .collect();
    let mut best: Option<Season> = None;
    for period in SHORTEST..=(z.len() / FEWEST_SEEN).min(LONGEST) {
        let Some(season) = Season::of(z, index, &sums, period) else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|known| season.share > known.share + LONGER_ADDS)
        {
            best = Some(season);
        }
    }
    let pattern = best?.pattern;
    let adjusted = z
        .iter()
        .zip(index)
        .map(|(x, at)| x - pattern[at % pattern.len()])
        .collect();
    Some(adjusted)
}

/// A season that is there.
struct Season {
    share: f64,
    /// Deviation of each of its values; they sum to 0.
    pattern: Vec<f64>,
}

impl Season {
    fn of(z: &[f64], index: &[usize], sums: &[f64], period: usize) -> Option<Self> {
        let half = period / 2;
        let (from, to) = (half, z.len() - period + half);
        let mut phases = vec![(0.0, 0.0); period];
        let mut total = 0.0;
        for t in from..to {
            let start = t - half;
            let mut mean = (sums[start + period] - sums[start]) / period as f64;
            if period.is_multiple_of(2) {
                // An even window has no middle: its two ends count half.
                mean += 0.5 * (z[start + period] - z[start]) / period as f64;
            }
            let off = z[t] - mean;
            total += off * off;
            let phase: &mut (f64, f64) = &mut phases[index[t] % period];
            phase.0 += off;
            phase.1 += 1.0;
        }
        let count = (to - from) as f64;
        let explained: f64 = phases.iter().map(|(sum, n)| sum * sum / n.max(1.0)).sum();
        let (left, freedom) = (total - explained, count - period as f64);
        let share = 1.0 - left / total * count / freedom;
        if share.is_nan() || share <= LEAST_SHARE {
            return None;
        }
        let between = period as f64 - 1.0;
        let f = (explained / between) / (left / freedom).max(f64::MIN_POSITIVE);
        let p = FisherSnedecor::new(between, freedom).map_or(1.0, |law| law.sf(f));
        if p > LEVEL {
            return None;
        }
        let mut pattern: Vec<f64> = phases.iter().map(|(sum, n)| sum / n.max(1.0)).collect();
        let mean = pattern.iter().sum::<f64>() / period as f64;
        for off in &mut pattern {
            *off -= mean;
        }
        Some(Self { share, pattern })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(z: &[f64]) -> Option<Vec<f64>> {
        without(z, &order(z))
    }

    fn order(z: &[f64]) -> Vec<usize> {
        (0..z.len()).collect()
    }
    use crate::SplitMix64;

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64::new(seed);
        (0..n).map(|_| random.normal()).collect()
    }

    #[test]
    fn a_season_goes_and_the_noise_stays() {
        for period in [4, 7, 12, 24, 60] {
            let pattern = noise(period, 5);
            let noise = noise(10 * period, 6);
            let z: Vec<f64> = (0..10 * period)
                .map(|t| 4.0 * pattern[t % period] + noise[t])
                .collect();

            let found = in_order(&z).unwrap();

            let off: f64 = found.iter().zip(&noise).map(|(x, y)| (x - y).powi(2)).sum();
            assert!(off / (10.0 * period as f64) < 0.5, "{period}: {off}");
        }
    }

    #[test]
    fn the_shortest_of_its_multiples_is_taken() {
        let pattern = [0.0, 5.0, 1.0, -4.0, 2.0];
        let z: Vec<f64> = noise(200, 1)
            .iter()
            .enumerate()
            .map(|(t, x)| pattern[t % 5] + 0.3 * x)
            .collect();
        let sums: Vec<f64> = std::iter::once(0.0)
            .chain(z.iter().scan(0.0, |sum, x| {
                *sum += x;
                Some(*sum)
            }))
            .collect();

        let (five, ten) = (
            Season::of(&z, &order(&z), &sums, 5).unwrap(),
            Season::of(&z, &order(&z), &sums, 10).unwrap(),
        );

        assert!(ten.share < five.share + LONGER_ADDS);
        assert!(Season::of(&z, &order(&z), &sums, 7).is_none());
    }

    #[test]
    fn what_has_no_season_keeps_its_values() {
        assert_eq!(in_order(&[0.0; 100]), None);
        assert!((0..50).all(|seed| in_order(&noise(100, seed)).is_none()));
        let step: Vec<f64> = (0..100).map(|t| if t < 40 { 0.0 } else { 9.0 }).collect();
        assert_eq!(in_order(&step), None);
    }
}
