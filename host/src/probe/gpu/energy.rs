//! Energy of one GPU during a case: the driver's counter, with the integral of the power as its witness and stand-in.

use benchhost_stats::Track;

/// Shortest time over which counter and integral can be held against each other, s: power sensors of the data-centre
/// GPUs look during a quarter of the time only (Yang et al. 2023, arXiv:2312.02741), so less says little.
const SHORTEST_CHECK_S: f64 = 2.0;

/// Relative difference from which on both are told.
const DOUBTFUL: f64 = 0.1;

/// Share of the time that the looks must span for their integral to stand for all of it.
const COVERED: f64 = 0.95;

/// Energy of one GPU, and how it is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Energy {
    pub(super) joules: f64,
    pub(super) by: By,
    /// What the integral of the power says, when it is far from the counter, J.
    pub(super) contradicted_by_j: Option<f64>,
}

/// How energy is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum By {
    /// The driver's counter, after minus before.
    Counter,
    /// Power that was polled so often.
    Integral { rate_hz: f64 },
}

impl Energy {
    /// Energy from the counter's advance and the polled power, whichever is there.
    ///
    /// `counter_mj`: the counter before and after. One that went back (the driver was loaded anew) or stood still
    /// while power was drawn (a case shorter than its step) says nothing; nor does the integral when the GPU stopped
    /// answering on the way. `elapsed_ns`: the time in question.
    pub(super) fn new(
        counter_mj: Option<(u64, u64)>,
        power: &Track,
        elapsed_ns: u64,
    ) -> Option<Self> {
        let is_covered = power.seconds() >= COVERED * elapsed_ns as f64 * 1e-9;
        let integral = power.integral().filter(|_| is_covered);
        let counter = counter_mj.and_then(|(before, after)| after.checked_sub(before));
        let counter = counter.map(|advance_mj| advance_mj as f64 / 1000.0);
        let counter = counter.filter(|joules| *joules > 0.0 || integral.is_none_or(|j| j <= 0.0));
        match (counter, integral) {
            (Some(joules), integral) => Some(Self {
                joules,
                by: By::Counter,
                contradicted_by_j: integral.filter(|integral| {
                    power.seconds() >= SHORTEST_CHECK_S
                        && (integral - joules).abs() > DOUBTFUL * joules
                }),
            }),
            (None, Some(joules)) => Some(Self {
                joules,
                by: By::Integral {
                    rate_hz: power.rate_hz(),
                },
                contradicted_by_j: None,
            }),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// 100 W, looked at every 100 ms.
    fn hundred_watts(seconds: u64) -> Track {
        let mut track = Track::default();
        for step in 0..=seconds * 10 {
            track.add(step * 100_000_000, 100.0);
        }
        track
    }

    #[test]
    fn the_counter_is_believed_and_contradicted_only_after_two_seconds() {
        let of = |seconds, joules: u64| {
            let counter = Some((7, 7 + joules * 1000));
            Energy::new(counter, &hundred_watts(seconds), seconds * SECOND).unwrap()
        };

        assert_eq!(of(3, 290).contradicted_by_j, None, "3 % apart");
        let far = of(3, 200);
        assert_eq!((far.joules, far.by), (200.0, By::Counter));
        assert!((far.contradicted_by_j.unwrap() - 300.0).abs() < 1e-9);
        assert_eq!(of(1, 50).contradicted_by_j, None, "too short to tell");
    }

    #[test]
    fn a_counter_that_went_back_or_stood_still_gives_way_to_the_integral() {
        for counter in [None, Some((500, 20)), Some((500, 500))] {
            let energy = Energy::new(counter, &hundred_watts(1), SECOND).unwrap();

            assert!((energy.joules - 100.0).abs() < 1e-9, "{counter:?}");
            assert_eq!(energy.by, By::Integral { rate_hz: 10.0 });
        }
    }

    #[test]
    fn without_counter_and_power_there_is_no_energy() {
        assert_eq!(Energy::new(None, &Track::default(), SECOND), None);
        assert_eq!(Energy::new(Some((9, 3)), &Track::default(), SECOND), None);
        let still = Energy::new(Some((9, 9)), &Track::default(), SECOND).unwrap();
        assert_eq!((still.joules, still.by), (0.0, By::Counter));
    }

    #[test]
    fn power_of_a_part_of_the_time_does_not_stand_for_all_of_it() {
        let power = hundred_watts(9);

        assert_eq!(Energy::new(None, &power, 10 * SECOND), None);
        assert!(Energy::new(None, &power, 9 * SECOND + SECOND / 10).is_some());
    }
}
