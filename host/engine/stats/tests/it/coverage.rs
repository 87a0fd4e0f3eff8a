//! The interval of the median holds the true median as often as it says.

use benchhost_record::Samples;
use benchhost_stats::summarise;

/// Numbers for these tests, apart from the package's own: xorshift64* (Vigna 2016), uniform in (0, 1).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// How many of 200 intervals hold the true median 100: each repetition has a level of its own with standard deviation
/// `between`, its samples a skewed noise of `within` whose median is 0.
fn hits(repetitions: u32, samples_each: u32, between: f64, within: f64) -> usize {
    (0..TRIALS)
        .filter(|seed| {
            let mut random =
                Random(0x1234_5678_9ABC_DEF1 ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut samples = Samples::default();
            for repetition in 0..repetitions {
                let level = 100.0 + between * random.normal();
                for _ in 0..samples_each {
                    let noise = (0.5 * random.normal()).exp() - 1.0;
                    samples.push(repetition, 1, level + within * noise);
                }
            }
            let interval = summarise(&samples, *seed, 0.95)
                .expect("finite samples")
                .interval;
            interval.low <= 100.0 && 100.0 <= interval.high
        })
        .count()
}

/// Intervals of each check; more of them would only take longer.
const TRIALS: u64 = 200;

/// 200 intervals that each hold with .95 hold 190 times; fewer than 179 has a probability below .001 (binomial).
const FEWEST: usize = 179;

#[test]
fn one_repetition_covers_the_median_of_its_process() {
    for n in [6, 20, 50, 200, 2000] {
        let hits = hits(1, n, 0.0, 1.0);
        assert!(hits >= FEWEST, "n = {n}, seeds 0..200: {hits}");
    }
}

#[test]
fn several_repetitions_cover_the_median_of_all_processes() {
    for (repetitions, n, between, within) in [
        (2, 20, 1.0, 1.0),
        (3, 20, 1.0, 0.1),
        (3, 20, 0.0, 1.0),
        (6, 10, 1.0, 1.0),
    ] {
        let hits = hits(repetitions, n, between, within);
        assert!(
            hits >= FEWEST,
            "{repetitions} repetitions of {n}, between {between}, within {within}, seeds 0..200: {hits}"
        );
    }
}

#[test]
fn one_repetition_alone_does_not_cover_other_processes() {
    // Why repetitions are the unit: pooled samples of one process say nothing about the next.
    assert!(hits(1, 100, 1.0, 0.1) < 40);
}
