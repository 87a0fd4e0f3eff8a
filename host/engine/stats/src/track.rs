//! A number that is looked at now and then: its integral and its mean over time.

/// What is known of a number that changes over time: power, a level of memory, a share. Between two looks it is taken to go
/// straight (trapezoidal rule), and only what is needed at the end is kept. Times may be irregular.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Track {
    last: Option<(u64, f64)>,
    span_ns: u64,
    /// Area under the line through all looks, unit · ns: sums of whole numbers stay exact.
    area: f64,
    highest: f64,
    looks: u32,
}

impl Track {
    /// Adds the value at `at_ns`. What is no finite number, or older than the last look, is not taken; the line then runs on to
    /// the next one.
    pub fn add(&mut self, at_ns: u64, value: f64) {
        let is_later = self.last.is_none_or(|(last_ns, _)| at_ns >= last_ns);
        if !is_later || !value.is_finite() {
            return;
        }
        if let Some((last_ns, last)) = self.last {
            let step_ns = at_ns - last_ns;
            self.area += f64::midpoint(last, value) * step_ns as f64;
            self.span_ns += step_ns;
            self.highest = self.highest.max(value);
        } else {
            self.highest = value;
        }
        self.last = Some((at_ns, value));
        self.looks += 1;
    }

    /// Integral over the time between the first and the last look, unit · s; `None` when no time lies between them.
    #[must_use]
    pub fn integral(&self) -> Option<f64> {
        (self.span_ns > 0).then_some(self.area / 1e9)
    }

    /// Mean over that time; the value itself when there is none to take a mean over, `None` without a look.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let (_, last) = self.last?;
        Some(match self.span_ns {
            0 => last,
            span_ns => self.area / span_ns as f64,
        })
    }

    /// The highest value; `None` without a look.
    #[must_use]
    pub fn highest(&self) -> Option<f64> {
        (self.looks > 0).then_some(self.highest)
    }

    /// Looks in a second; 0 when no time lies between them.
    #[must_use]
    pub fn rate_hz(&self) -> f64 {
        if self.span_ns == 0 {
            return 0.0;
        }
        f64::from(self.looks - 1) / self.seconds()
    }

    /// Time between the first and the last look, s.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.span_ns as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(looks: &[(u64, f64)]) -> Track {
        let mut track = Track::default();
        looks
            .iter()
            .for_each(|(at_ns, value)| track.add(*at_ns, *value));
        track
    }

    #[test]
    fn a_straight_line_is_integrated_exactly_at_uneven_times() {
        let at_ms = [0_u64, 70, 300, 310, 1000, 2000];
        let looks = at_ms.map(|at| (at * 1_000_000, 100.0 + at as f64));
        let track = track(&looks);

        // ∫₀² (100 + 1000·t) dt = 200 + 2000.
        assert!((track.integral().unwrap() - 2200.0).abs() < 1e-9);
        assert!((track.mean().unwrap() - 1100.0).abs() < 1e-9);
        assert_eq!(track.highest(), Some(2100.0));
        assert!((track.rate_hz() - 2.5).abs() < 1e-12);
    }

    #[test]
    fn without_time_there_is_a_mean_but_no_integral() {
        let told = |track: Track| (track.mean(), track.integral(), track.highest());

        assert_eq!(told(Track::default()), (None, None, None));
        let one = track(&[(5, -3.0)]);
        assert_eq!(told(one), (Some(-3.0), None, Some(-3.0)));
        assert_eq!(one.rate_hz(), 0.0);
    }

    #[test]
    fn the_mean_is_over_time_not_over_looks() {
        let crowded = track(&[(0, 10.0), (1, 10.0), (2, 10.0), (10, 30.0)]);

        assert!((crowded.mean().unwrap() - 18.0).abs() < 1e-9);
    }

    #[test]
    fn looks_that_are_no_number_or_come_late_are_not_taken() {
        let track = track(&[
            (1_000_000_000, 10.0),
            (1_500_000_000, f64::NAN),
            (500_000_000, 99.0),
            (3_000_000_000, 30.0),
        ]);

        // From 10 to 30 in 2 s.
        assert_eq!(track.integral(), Some(40.0));
        assert_eq!((track.mean(), track.highest()), (Some(20.0), Some(30.0)));
    }
}
