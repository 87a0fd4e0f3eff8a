//! The round before the first: finds how many iterations a sample needs and how many samples a fresh process needs to
//! get up to speed. Its numbers are no evidence, and what it decides treats both sides alike; only where one side is
//! several times as fast, and no small difference is in question, each has its own number of iterations.

use benchhost_plan::{IterationsPerSample, Mode, Settings, WarmUp};
use benchhost_stats::{SplitMix64, calibrate_iterations, median};

use super::round::{Duo, Shape, Stumble, too_short, toss};

/// A sample should last this long: far above the cost of changing from one worker to the other (about 20 µs), short
/// enough that both samples of a pair see the same machine.
pub(super) const SAMPLE_NS: u64 = 300_000;

/// Batches of a side in a row that are looked at for a warm-up.
const LOOKS: usize = 12;

/// Pairs of a round while nothing is known about the noise.
pub(super) const USUAL_PAIRS: u32 = 12;

/// Fewest samples discarded in each new worker: the first touches what the other worker pushed out of the caches.
const FEWEST_DISCARDED: u32 = 2;

/// A batch this much above the level it comes to rest at has not settled.
const NEAR: f64 = 0.02;

/// When the first batch after the other side's turn costs this much more than the settled ones, relative, the two live on
/// caches that they take from each other, and short samples show which of them happens to win.
const FOUGHT_OVER: f64 = 0.25;

/// Samples are then this many times as long. On binary searches in 8 MB it cut the scatter of the rounds from 40 % to 10 %;
/// discarding batches after each turn cost more than it gained.
const STRETCH: u64 = 4;

/// Sides whose samples would differ by more than this in their iterations each have their own count. Within it both have
/// the same, because a sample begins by fetching what the other side pushed out of the caches, and sides that share this
/// out over different numbers of iterations would not be alike.
const ONE_COUNT: u64 = 4;

/// What decides how long a sample is at least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Least {
    /// What reading the clock costs.
    pub(super) clock_read_ns: f64,
    /// Length of a sample.
    pub(super) sample_ns: u64,
}

/// What the pilot found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pilot {
    pub(super) shape: Shape,
    /// Time of one pair, ns.
    pub(super) pair_ns: f64,
    /// Whether the pilot ended before it had seen enough to know the warm-up.
    pub(super) hurried: bool,
}

/// Plays the pilot with the time of `budget_ns`. What `settings` fix, the
/// iterations of a sample and the warm-up, is not looked for.
///
/// Each side runs alone twice: the first time its process is new, the second time it only has to recover what the other
/// side pushed out of the caches.
pub(super) fn play(
    duo: &mut Duo<'_>,
    settings: &Settings,
    budget_ns: u64,
    least: Least,
    coin: &mut SplitMix64,
) -> Result<Pilot, Stumble> {
    let fixed = fixed_iterations(settings, duo.one_by_one);
    let mut spent_ns = 0;
    let mut iterations = [fixed.unwrap_or(1); 2];
    loop {
        let (elapsed, over) = duo.pair(iterations, coin)?;
        if let Some(side) = over {
            return Err(too_short(side));
        }
        spent_ns += elapsed[0] + elapsed[1];
        let mut grown = false;
        for (count, ns) in iterations.iter_mut().zip(elapsed) {
            let next = wanted(ns, *count, least);
            if next > *count {
                // Tenfold at most: the first iterations are often far from the speed of the later ones.
                *count = next.min(count.saturating_mul(10));
                grown = true;
            }
        }
        if fixed.is_some() || !grown || spent_ns > budget_ns {
            break;
        }
    }
    let iterations = balanced(iterations);
    let first = toss(coin);
    let mut both = |first: usize| -> Result<[Vec<f64>; 2], Stumble> {
        let mut series = [Vec::new(), Vec::new()];
        for side in [first, 1 - first] {
            series[side] = duo.alone(side, iterations[side], LOOKS, (&mut spent_ns, budget_ns))?;
        }
        Ok(series)
    };
    let (new, again) = (both(first)?, both(1 - first)?);
    let stretch = if fixed.is_none() && again.iter().all(|times| is_fought_over(times)) {
        STRETCH
    } else {
        1
    };
    let medians = again.iter().filter_map(|times| median(times).ok());
    let pair_ns = medians.sum::<f64>() * stretch as f64;
    let iterations = iterations.map(|count| fixed.unwrap_or(count.saturating_mul(stretch)));
    let fewest = iterations[0].min(iterations[1]);
    let asked = discarded(settings.warm_up, fewest, pair_ns / 2.0);
    let seen = new.iter().map(|times| transient(times)).max().unwrap_or(0) as u32;
    Ok(Pilot {
        shape: Shape {
            iterations,
            warm_up: asked.unwrap_or(seen.div_ceil(stretch as u32).max(FEWEST_DISCARDED)),
            pairs: USUAL_PAIRS,
        },
        pair_ns,
        hurried: asked.is_none() && new.iter().any(|times| times.len() < LOOKS),
    })
}

/// One count for both where they are alike; a candidate a hundred times slower must not have samples of seconds.
fn balanced(iterations: [u64; 2]) -> [u64; 2] {
    let [fewest, most] = [
        iterations[0].min(iterations[1]),
        iterations[0].max(iterations[1]),
    ];
    if most <= fewest.saturating_mul(ONE_COUNT) {
        [most; 2]
    } else {
        iterations
    }
}

/// Iterations of a sample, where they are not to be found out.
fn fixed_iterations(settings: &Settings, one_by_one: bool) -> Option<u64> {
    match settings.sampling.iterations_per_sample {
        _ if one_by_one || settings.sampling.mode == Mode::Each => Some(1),
        IterationsPerSample::Fixed(n) => Some(n),
        IterationsPerSample::Auto => None,
    }
}

/// Batches discarded in each new worker, where that is not to be found out.
fn discarded(warm_up: WarmUp, iterations: u64, sample_ns: f64) -> Option<u32> {
    let samples = match warm_up {
        WarmUp::Auto { .. } => return None,
        WarmUp::None => 0.0,
        WarmUp::Iterations(count) => (count as f64 / iterations.max(1) as f64).ceil(),
        WarmUp::Time(ns) => (ns as f64 / sample_ns.max(1.0)).ceil(),
    };
    Some(samples as u32)
}

/// Iterations that make a sample long enough, for the clock and for the change of workers.
fn wanted(elapsed_ns: u64, iterations: u64, least: Least) -> u64 {
    let by_clock = calibrate_iterations(elapsed_ns as f64, iterations, least.clock_read_ns);
    let each_ns = (elapsed_ns as f64 / iterations as f64).max(0.01);
    by_clock.max((least.sample_ns as f64 / each_ns).ceil() as u64)
}

/// Whether the first of `times` is far above what the side settles at.
fn is_fought_over(times: &[f64]) -> bool {
    times.len() > 2 && times[0] > (1.0 + FOUGHT_OVER) * settled(times)
}

/// Median of the last quarter, which is all that can be taken to be settled.
fn settled(times: &[f64]) -> f64 {
    median(&times[times.len() * 3 / 4..]).unwrap_or(f64::INFINITY)
}

/// Whether batch `index` lies above the settled level.
fn is_slow(times: &[f64], index: usize) -> bool {
    times[index] > settled(times) * (1.0 + NEAR)
}

/// How many of the first `times` lie above the settled level. Single slow samples later on are no warm-up, so
/// two of three neighbours must be slow.
fn transient(times: &[f64]) -> usize {
    (0..times.len() * 3 / 4)
        .rev()
        .find(|i| {
            let near = *i..(i + 3).min(times.len());
            is_slow(times, *i) && near.filter(|j| is_slow(times, *j)).count() >= 2
        })
        .map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transient_ends_where_the_level_begins() {
        let mut times = vec![100.0; 24];
        assert_eq!(transient(&times), 0);
        times[0] = 180.0;
        times[9] = 400.0;
        assert_eq!(transient(&times), 0, "single slow samples are no warm-up");
        (times[0], times[1], times[2]) = (200.0, 150.0, 110.0);
        assert_eq!(transient(&times), 2);
        assert!(!is_fought_over(&times[10..]) && is_fought_over(&times));
    }

    #[test]
    fn what_a_suite_fixes_is_kept() {
        let mut settings = Settings::default();
        assert_eq!(fixed_iterations(&settings, false), None);
        assert_eq!(discarded(settings.warm_up, 10, 1e6), None);
        settings.sampling.iterations_per_sample = IterationsPerSample::Fixed(7);
        assert_eq!(fixed_iterations(&settings, false), Some(7));
        assert_eq!(fixed_iterations(&settings, true), Some(1));
        assert_eq!(discarded(WarmUp::Iterations(25), 10, 1e6), Some(3));
        assert_eq!(discarded(WarmUp::Time(5_000_000), 10, 1e6), Some(5));
        assert_eq!(discarded(WarmUp::None, 10, 1e6), Some(0));
    }

    #[test]
    fn only_sides_that_differ_much_have_samples_of_different_counts() {
        assert_eq!(balanced([100, 130]), [130, 130]);
        assert_eq!(balanced([400, 100]), [400, 400]);
        assert_eq!(balanced([401, 100]), [401, 100]);
        assert_eq!(balanced([u64::MAX, 1]), [u64::MAX, 1]);
    }

    #[test]
    fn a_sample_is_long_enough_for_the_clock_and_for_the_change() {
        let least = Least {
            clock_read_ns: 25.0,
            sample_ns: SAMPLE_NS,
        };
        assert_eq!(wanted(300_000, 1, least), 1);
        assert_eq!(wanted(10_000_000, 1, least), 1);
        assert!((29_000..31_000).contains(&wanted(1_000, 100, least)));
    }
}
