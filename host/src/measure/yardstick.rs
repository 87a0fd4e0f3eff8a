//! Two small pieces of work whose ratio tells whether the core is shared; see `benchhost_stats::calm`.

use std::{hint::black_box, sync::Arc, time::Instant};

/// Passes of each piece; the quickest counts, because interrupts only ever add.
const PASSES: usize = 3;

/// Numbers the wide piece reads: 4 KiB, so that the workload's data stay in the cache.
const WIDE: usize = 1024;

/// Rounds of the wide and steps of the narrow piece: about 2 µs each.
const ROUNDS: usize = 60;
const STEPS: u64 = 2000;

/// Coarsest steps of a clock that tells 2 µs from 2.2.
const COARSEST_NS: f64 = 50.0;

/// Thousandths of the ratio, for a word of the page.
const SCALE: f64 = 1000.0;

/// The work, ready to be done.
#[derive(Debug, Clone)]
pub struct Yardstick {
    numbers: Arc<[f32]>,
}

impl Default for Yardstick {
    fn default() -> Self {
        Self {
            numbers: (0..WIDE).map(|index| index as f32).collect(),
        }
    }
}

impl Yardstick {
    /// Whether it says something here: unoptimised, the wide piece is none; and a step of the clock must not show in 2 µs.
    #[must_use]
    pub fn can_be_read(clock_resolution_ns: f64) -> bool {
        !cfg!(debug_assertions) && clock_resolution_ns <= COARSEST_NS
    }

    /// One reading, in thousandths: time of the wide piece by time of the narrow one. Takes about 15 µs.
    #[must_use]
    pub fn read(&self) -> u64 {
        let (mut narrow_ns, mut wide_ns) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..PASSES {
            narrow_ns = narrow_ns.min(timed(|| narrow(STEPS)));
            wide_ns = wide_ns.min(timed(|| wide(&self.numbers)));
        }
        (SCALE * wide_ns / narrow_ns.max(1.0)).round() as u64
    }
}

/// The reading as a ratio.
#[must_use]
pub fn ratio(thousandths: u64) -> f64 {
    thousandths as f64 / SCALE
}

fn timed<R>(work: impl FnOnce() -> R) -> f64 {
    let started = Instant::now();
    black_box(work());
    started.elapsed().as_nanos() as f64
}

/// Each step waits for the one before: one unit works at a time.
#[inline(never)]
fn narrow(steps: u64) -> u64 {
    let mut x = black_box(1_u64);
    for step in 0..steps {
        x = x
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(step ^ (x >> 7));
    }
    x
}

/// Thirty-two sums at once: every unit works.
#[inline(never)]
fn wide(numbers: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 32];
    for _ in 0..ROUNDS {
        for chunk in black_box(numbers).chunks_exact(32) {
            for (sum, number) in sums.iter_mut().zip(chunk) {
                *sum += number * number;
            }
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_a_positive_ratio() {
        let reading = Yardstick::default().read();

        assert!(reading > 0 && ratio(reading) > 0.0);
        assert!((ratio(1250) - 1.25).abs() < 1e-12);
    }
}
