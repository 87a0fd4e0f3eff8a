//! A number that changes over time, of which only what is needed at the end is kept.

/// What is known of a number that was looked at now and then. Between two looks it is taken to change evenly.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Track {
    first: Option<(u64, f64)>,
    last: Option<(u64, f64)>,
    /// Area under the line through all looks, unit · s.
    area: f64,
    highest: f64,
    looks: u32,
}

impl Track {
    /// Adds the value at `at_ns`; times must not go back.
    pub(super) fn add(&mut self, at_ns: u64, value: f64) {
        if let Some((before_ns, before)) = self.last {
            // Trapezoid rule.
            let seconds = at_ns.saturating_sub(before_ns) as f64 * 1e-9;
            self.area += seconds * f64::midpoint(before, value);
        }
        self.highest = match self.looks {
            0 => value,
            _ => self.highest.max(value),
        };
        self.first = self.first.or(Some((at_ns, value)));
        self.last = Some((at_ns, value));
        self.looks += 1;
    }

    /// Integral over the time between the first and the last look, unit · s; `None` with less than two looks.
    pub(super) fn integral(&self) -> Option<f64> {
        (self.looks >= 2).then_some(self.area)
    }

    /// Mean over the time; the value itself when there is no time to take a mean over.
    pub(super) fn mean(&self) -> Option<f64> {
        let (_, last) = self.last?;
        match self.seconds() {
            seconds if seconds > 0.0 => Some(self.area / seconds),
            _ => Some(last),
        }
    }

    pub(super) fn highest(&self) -> Option<f64> {
        (self.looks > 0).then_some(self.highest)
    }

    /// Looks in a second; 0 when there is no time between them.
    pub(super) fn rate_hz(&self) -> f64 {
        match self.seconds() {
            seconds if seconds > 0.0 => f64::from(self.looks - 1) / seconds,
            _ => 0.0,
        }
    }

    /// Time between the first and the last look, s.
    pub(super) fn seconds(&self) -> f64 {
        let ends = self.first.zip(self.last);
        ends.map_or(0.0, |((first, _), (last, _))| {
            last.saturating_sub(first) as f64 * 1e-9
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_integrated_exactly_at_uneven_times() {
        let mut track = Track::default();
        for at_ms in [0_u64, 70, 300, 310, 1000, 2000] {
            track.add(at_ms * 1_000_000, 100.0 + at_ms as f64);
        }

        // ∫₀² (100 + 1000·t) dt = 200 + 2000.
        assert!((track.integral().unwrap() - 2200.0).abs() < 1e-9);
        assert!((track.mean().unwrap() - 1100.0).abs() < 1e-9);
        assert_eq!(track.highest(), Some(2100.0));
        assert!((track.rate_hz() - 2.5).abs() < 1e-12);
    }

    #[test]
    fn without_time_there_is_a_mean_but_no_integral() {
        let mut track = Track::default();
        assert_eq!(
            (track.mean(), track.integral(), track.highest()),
            (None, None, None)
        );

        track.add(5, -3.0);

        assert_eq!(
            (track.mean(), track.integral(), track.highest()),
            (Some(-3.0), None, Some(-3.0))
        );
        assert_eq!(track.rate_hz(), 0.0);
    }
}
