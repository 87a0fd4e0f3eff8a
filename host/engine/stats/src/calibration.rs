//! How many iterations one sample takes, so that reading the clock does not show in it.

/// A sample lasts at least this long, ns: shorter ones show the clock's steps and single interrupts.
pub const MIN_SAMPLE_NS: f64 = 100_000.0;

/// No sample has more iterations than this.
pub const MAX_ITERATIONS: u64 = 1_000_000_000;

/// Largest share of a sample that reading the clock may cost.
const CLOCK_SHARE: f64 = 0.001;

/// Below this many clock readings a batch says nothing about the length of an iteration.
const BATCH_CLOCKS: f64 = 10.0;

/// Factor by which a batch grows that says nothing.
const GROWTH: u64 = 10;

/// Iterations in one sample, judged from a batch of `iterations` that took `batch_ns`.
///
/// `clock_ns`: cost of one clock reading. The sample is to last [`MIN_SAMPLE_NS`] or 1000 clock readings, whichever is
/// longer; an iteration longer than that stands alone, which keeps the true distribution of latencies. A batch that is
/// too short to be judged (below ten clock readings) gives ten times as many iterations: time a batch of that size and
/// ask again, until the answer is not larger than the batch or [`MAX_ITERATIONS`]. Always at least 1.
#[must_use]
pub fn calibrate_iterations(batch_ns: f64, iterations: u64, clock_ns: f64) -> u64 {
    let iterations = iterations.max(1);
    let clock_ns = clock_ns.max(0.0);
    if batch_ns.is_nan() || batch_ns <= BATCH_CLOCKS * clock_ns || batch_ns <= 0.0 {
        return iterations.saturating_mul(GROWTH).min(MAX_ITERATIONS);
    }
    let target_ns = MIN_SAMPLE_NS.max(clock_ns / CLOCK_SHARE);
    let iteration_ns = (batch_ns - clock_ns) / iterations as f64;
    ((target_ns / iteration_ns).ceil() as u64).clamp(1, MAX_ITERATIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_iterations_stand_alone() {
        assert_eq!(calibrate_iterations(100_025.0, 1, 25.0), 1);
        assert_eq!(calibrate_iterations(3e9, 1, 25.0), 1);
    }

    #[test]
    fn short_iterations_fill_a_hundred_microseconds() {
        assert_eq!(calibrate_iterations(10_025.0, 1, 25.0), 10);
        assert_eq!(calibrate_iterations(30_025.0, 100_000, 25.0), 333_334);
    }

    #[test]
    fn a_slow_clock_asks_for_longer_samples() {
        // 1 µs for a reading: a sample must last 1 ms.
        assert_eq!(calibrate_iterations(21_000.0, 2, 1000.0), 100);
    }

    #[test]
    fn a_batch_too_short_to_judge_grows_and_ends() {
        let mut iterations = 1;
        for _ in 0..20 {
            iterations = calibrate_iterations(20.0, iterations, 25.0);
        }
        assert_eq!(iterations, MAX_ITERATIONS);
        assert_eq!(calibrate_iterations(f64::NAN, 0, 25.0), 10);
    }
}
