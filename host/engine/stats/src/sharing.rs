//! Whether a sample had its core to itself.
//!
//! Two hardware threads of one core share its execution units. On a rented machine the other one may belong to somebody else,
//! and nothing that the system counts tells of it: no steal, no waiting, no preemption. Two small pieces of work of our own do:
//! a *narrow* one, a chain in which every step waits for the last, keeps its speed; a *wide* one, which fills every unit, loses a
//! third. Their ratio, the *yardstick*, knows neither clock speed nor heat.

use crate::quantile;

/// The core counts as shared when the yardstick reads this many times what it reads on a core of one's own. On an AMD EPYC
/// machine it reads within 1.5 % of its level on the one, and 1.2–1.8 times of it on the other.
pub const SHARED: f64 = 1.1;

/// Which of the readings of one process, or of the levels of many, is the one of a core of one's own.
const CALM_QUANTILE: f64 = 0.1;

/// What the yardstick reads on a core of one's own, from readings of which at least some were taken on one. Readings of 0 are
/// missing. `None` without readings.
#[must_use]
pub fn calm_level(readings: &[f64]) -> Option<f64> {
    let known: Vec<f64> = readings.iter().copied().filter(|r| *r > 0.0).collect();
    quantile(&known, CALM_QUANTILE).ok()
}

/// For each reading whether the core was its own. Missing readings (0) say nothing against it.
#[must_use]
pub fn calm(readings: &[f64], level: f64) -> Vec<bool> {
    readings
        .iter()
        .map(|reading| *reading <= SHARED * level)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_phase_is_seen_and_does_not_move_the_level() {
        let readings = [1.0, 1.02, 1.5, 1.5, 0.99, 1.01, 1.0, 1.0, 1.03, 1.0];

        let level = calm_level(&readings).unwrap();

        assert!((level - 1.0).abs() < 0.02, "{level}");
        assert_eq!(
            calm(&readings, level),
            [true, true, false, false, true, true, true, true, true, true]
        );
    }

    #[test]
    fn what_was_not_looked_at_is_taken_as_it_is() {
        assert_eq!(calm_level(&[0.0, 0.0]), None);
        assert_eq!(calm(&[0.0, 0.0, 0.0], 1.0), [true; 3]);
    }
}
