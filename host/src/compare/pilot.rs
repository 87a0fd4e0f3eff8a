//! The round before the first: finds how many iterations a sample needs and how many samples a fresh process needs to
//! get up to speed. Its numbers are no evidence; what it decides treats both sides alike.

use benchhost_plan::{IterationsPerSample, Mode, Settings, WarmUp};
use benchhost_stats::{SplitMix64, calibrate_iterations, median};

use super::round::{Duo, Shape, Stumble, too_short};

/// A sample should last this long: far above the cost of changing from one worker to the other (about 20 µs), short
/// enough that both samples of a pair see the same machine.
const SAMPLE_NS: u64 = 300_000;

/// Samples of each side that are looked at for a warm-up.
const LOOKS: usize = 24;

/// Pairs of a round while nothing is known about the noise.
pub(super) const USUAL_PAIRS: u32 = 16;

/// Fewest samples discarded in each worker: the first touches what the other worker pushed out of the caches.
const FEWEST_DISCARDED: u32 = 2;

/// A sample this much above the level it comes to rest at belongs to the warm-up.
const NEAR: f64 = 0.02;

/// What the pilot found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pilot {
    pub(super) shape: Shape,
    /// Time of one pair, ns.
    pub(super) pair_ns: f64,
    /// Whether the pilot ended before it had seen enough to know the warm-up.
    pub(super) hurried: bool,
}

/// Plays the pilot with the time of `budget_ns`; `clock_read_ns`: what reading the clock costs. What `settings` fix, the
/// iterations of a sample and the warm-up, is not looked for.
pub(super) fn play(
    duo: &mut Duo<'_>,
    settings: &Settings,
    budget_ns: u64,
    clock_read_ns: f64,
    coin: &mut SplitMix64,
) -> Result<Pilot, Stumble> {
    let fixed = fixed_iterations(settings, duo.one_by_one);
    let mut spent_ns = 0;
    let mut iterations = fixed.unwrap_or(1);
    let mut series: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    loop {
        let (elapsed, over) = duo.pair(iterations, coin)?;
        if over {
            return Err(too_short(0));
        }
        spent_ns += elapsed[0] + elapsed[1];
        let next = wanted(elapsed[0], iterations, clock_read_ns);
        if fixed.is_some() || next <= iterations || spent_ns > budget_ns {
            break;
        }
        // Grows tenfold at most: the first iterations are often far from the speed of the later ones.
        iterations = next.min(iterations.saturating_mul(10));
    }
    while series[0].len() < LOOKS && (spent_ns <= budget_ns || series[0].is_empty()) {
        let (elapsed, over) = duo.pair(iterations, coin)?;
        if over {
            break;
        }
        spent_ns += elapsed[0] + elapsed[1];
        for (times, ns) in series.iter_mut().zip(elapsed) {
            times.push(ns as f64);
        }
    }
    if series[0].is_empty() {
        return Err(too_short(0));
    }
    let seen = series.iter().map(|times| transient(times)).max();
    let pair_ns: f64 = series.iter().filter_map(|times| median(times).ok()).sum();
    let asked = discarded(settings.warm_up, iterations, pair_ns / 2.0);
    Ok(Pilot {
        shape: Shape {
            iterations,
            warm_up: asked.unwrap_or((seen.unwrap_or(0) as u32).max(FEWEST_DISCARDED)),
            pairs: USUAL_PAIRS,
        },
        pair_ns,
        hurried: asked.is_none() && series[0].len() < LOOKS,
    })
}

/// Iterations of a sample, where they are not to be found out.
fn fixed_iterations(settings: &Settings, one_by_one: bool) -> Option<u64> {
    match settings.sampling.iterations_per_sample {
        _ if one_by_one || settings.sampling.mode == Mode::Each => Some(1),
        IterationsPerSample::Fixed(n) => Some(n),
        IterationsPerSample::Auto => None,
    }
}

/// Samples discarded in each worker, where that is not to be found out.
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
fn wanted(elapsed_ns: u64, iterations: u64, clock_read_ns: f64) -> u64 {
    let by_clock = calibrate_iterations(elapsed_ns as f64, iterations, clock_read_ns);
    let each_ns = (elapsed_ns as f64 / iterations as f64).max(0.01);
    by_clock.max((SAMPLE_NS as f64 / each_ns).ceil() as u64)
}

/// How many of the first `times` lie above the level of the second half. Single slow samples later on are no warm-up, so
/// two of three neighbours must be slow.
fn transient(times: &[f64]) -> usize {
    let Ok(level) = median(&times[times.len() / 2..]) else {
        return 0;
    };
    let slow = |time: &f64| *time > level * (1.0 + NEAR);
    (0..times.len() / 2)
        .rev()
        .find(|i| {
            let end = (i + 3).min(times.len());
            times[*i..end].iter().filter(|time| slow(time)).count() >= 2 && slow(&times[*i])
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
    fn a_sample_is_long_enough_for_the_clock_and_for_the_change() {
        assert_eq!(wanted(300_000, 1, 25.0), 1);
        assert_eq!(wanted(10_000_000, 1, 25.0), 1);
        assert!((29_000..31_000).contains(&wanted(1_000, 100, 25.0)));
    }
}
