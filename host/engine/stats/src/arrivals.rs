//! Moments at which work is asked for, as independent users ask for it.

use crate::SplitMix64;

/// The moments of a Poisson process: gaps between them are independent and exponentially distributed.
///
/// An open loop asks at these moments whether or not the work before is done, so that a slow moment delays what comes after
/// it in the measurement as it would for users. A closed loop hides that ("coordinated omission", G. Tene, 2013).
#[derive(Debug, Clone)]
pub struct Arrivals {
    random: SplitMix64,
    mean_gap_ns: f64,
    now_ns: f64,
}

impl Arrivals {
    /// `per_second`: arrivals in a second on average, above 0. The same seed gives the same moments.
    #[must_use]
    pub fn new(per_second: f64, seed: u64) -> Self {
        Self {
            random: SplitMix64::new(seed),
            mean_gap_ns: 1e9 / per_second,
            now_ns: 0.0,
        }
    }
}

impl Iterator for Arrivals {
    type Item = u64;

    /// The next moment, in ns from the start.
    fn next(&mut self) -> Option<u64> {
        self.now_ns -= self.mean_gap_ns * self.random.uniform().ln();
        Some(self.now_ns as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_equal_times_have_the_mean_and_the_variance_of_a_poisson_process() {
        // 20 000 windows of 50 ms at 100/s: mean and variance are 5; their standard errors .016 and .053.
        for seed in 1..=5 {
            let mut counts = vec![0_u32; 20_000];
            for moment in Arrivals::new(100.0, seed) {
                let Some(count) = counts.get_mut((moment / 50_000_000) as usize) else {
                    break;
                };
                *count += 1;
            }
            let n = counts.len() as f64;
            let mean = counts.iter().map(|c| f64::from(*c)).sum::<f64>() / n;
            let square = |c: &u32| (f64::from(*c) - mean).powi(2);
            let variance = counts.iter().map(square).sum::<f64>() / (n - 1.0);

            assert!((mean - 5.0).abs() < 0.08, "seed {seed}: mean {mean}");
            assert!(
                (variance - 5.0).abs() < 0.27,
                "seed {seed}: variance {variance}"
            );
        }
    }

    #[test]
    fn a_seed_repeats_itself_and_moments_never_go_back() {
        let of = |seed| Arrivals::new(1e6, seed).take(1000).collect::<Vec<_>>();

        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
        assert!(of(3).is_sorted());
    }
}
