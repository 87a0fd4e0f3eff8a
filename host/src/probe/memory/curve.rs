//! A level that is looked at now and then, and its mean over time.

/// Points of a level so far; between two of them it is taken to go straight.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Curve {
    last: Option<(u64, f64)>,
    /// Level × ns.
    area: f64,
    span_ns: u64,
}

impl Curve {
    /// A point; nothing when it could not be read.
    pub(super) fn add(&mut self, elapsed_ns: u64, level: Option<f64>) {
        let Some(level) = level else {
            return;
        };
        if let Some((then_ns, before)) = self.last {
            let passed_ns = elapsed_ns.saturating_sub(then_ns);
            self.area += (before + level) / 2.0 * passed_ns as f64;
            self.span_ns += passed_ns;
        }
        self.last = Some((elapsed_ns, level));
    }

    /// The mean over the time between the first and the last point; `None` without a point.
    pub(super) fn mean(&self) -> Option<f64> {
        let (_, last) = self.last?;
        Some(match self.span_ns {
            0 => last,
            span => self.area / span as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(points: &[(u64, Option<f64>)]) -> Option<f64> {
        let mut curve = Curve::default();
        for (at, level) in points {
            curve.add(*at, *level);
        }
        curve.mean()
    }

    #[test]
    fn the_mean_is_over_time_not_over_looks() {
        let crowded = [
            (0, Some(10.0)),
            (1, Some(10.0)),
            (2, Some(10.0)),
            (10, Some(30.0)),
        ];

        assert_eq!(mean(&crowded), Some(18.0));
        assert_eq!(mean(&[(0, Some(4.0)), (8, Some(8.0))]), Some(6.0));
    }

    #[test]
    fn what_could_not_be_read_is_no_point() {
        assert_eq!(
            mean(&[(0, Some(4.0)), (5, None), (8, Some(4.0))]),
            Some(4.0)
        );
        assert_eq!(mean(&[(0, Some(4.0)), (5, None)]), Some(4.0));
        assert_eq!(mean(&[(0, None)]), None);
    }
}
