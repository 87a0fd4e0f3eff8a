//! Ends of an interval where a curve, fitted again with one parameter held, becomes too bad.
//!
//! Intervals from the curvature at the best fit (Wald) are symmetric; those of σ, κ and the peak are not. The set of
//! values φ whose best fit has squares ≤ least + t²s² is, and keeps its confidence whatever the parameter is called.
//!
//! Source: Bates & Watts (1988), "Nonlinear Regression Analysis and Its Applications", §6.1.

use benchhost_record::{Estimate, Interval};

/// Doublings of the first step before an end counts as not there: 2⁴⁰ widths of the linear interval.
const DOUBLINGS: u32 = 40;

/// Steps of the search between two values; a handful is usual.
const STEPS: u32 = 100;

/// Relative precision of an end, far below what a reader sees.
const PRECISION: f64 = 1e-8;

/// An end this many times farther out than anything that was observed is none.
const FARTHEST: f64 = 1000.0;

/// First step of the search for the end of a number of workers, of its logarithm.
const FIRST_STEP: f64 = 0.1;

/// What all intervals of one fit have in common.
#[derive(Clone, Copy)]
pub(super) struct Profile {
    /// Squares of the best fit.
    pub(super) least: f64,
    /// t times the standard deviation of what has weight 1.
    pub(super) target: f64,
    /// Confidence, 0–1.
    pub(super) confidence: f64,
}

impl Profile {
    /// A parameter with its interval. `step`: half the width of its linear interval; `squares`: of the best fit with the
    /// parameter held. `None` where it has no end.
    pub(super) fn estimate(
        &self,
        value: f64,
        step: f64,
        squares: impl Fn(f64) -> Option<f64>,
    ) -> Option<Estimate> {
        let distance = |at: f64| self.distance(squares(at));
        Some(Estimate {
            value,
            interval: Interval {
                low: end(value, -step, self.target, None, distance)?,
                high: end(value, step, self.target, None, distance)?,
                confidence: self.confidence,
            },
        })
    }

    /// A number of workers with its interval, neither below 1. `largest`: the largest number that was observed.
    pub(super) fn workers(
        &self,
        value: f64,
        largest: f64,
        squares: impl Fn(f64) -> Option<f64>,
    ) -> Option<Estimate> {
        let start = value.max(1.0).ln();
        let farthest = (FARTHEST * largest).ln();
        if start >= farthest {
            return None;
        }
        let distance = |log: f64| self.distance(squares(log.exp()));
        let low = end(start, -FIRST_STEP, self.target, Some(0.0), distance)?;
        let high = end(start, FIRST_STEP, self.target, Some(farthest), distance)?;
        (high < farthest).then(|| Estimate {
            value: start.exp(),
            interval: Interval {
                low: low.exp(),
                high: high.exp(),
                confidence: self.confidence,
            },
        })
    }

    /// How much worse than the best fit, in units of the logarithm.
    fn distance(&self, squares: Option<f64>) -> f64 {
        squares.map_or(f64::INFINITY, |squares| {
            (squares - self.least).max(0.0).sqrt()
        })
    }
}

/// The end of the interval of a parameter, from `start` in the direction and with the first step `step`.
///
/// `distance`: how much worse the fit is with the parameter held there, in units of the logarithm; 0 at the best fit,
/// growing away from it; infinite where no curve exists. `target`: how much worse is still in the interval. `limit`:
/// where the parameter's domain ends, in the direction of `step`. `None` if there is no end.
fn end(
    start: f64,
    step: f64,
    target: f64,
    limit: Option<f64>,
    distance: impl Fn(f64) -> f64,
) -> Option<f64> {
    // What cannot be fitted is infinitely bad.
    let excess = |at: f64| {
        let distance = distance(at);
        if distance.is_nan() {
            f64::INFINITY
        } else {
            distance - target
        }
    };
    let clamp = |at: f64| match limit {
        Some(limit) if step < 0.0 => at.max(limit),
        Some(limit) => at.min(limit),
        None => at,
    };
    let mut inside = (start, excess(start));
    if inside.1 >= 0.0 {
        return Some(start);
    }
    let mut step = step;
    for _ in 0..DOUBLINGS {
        let at = clamp(start + step);
        if !at.is_finite() {
            return None;
        }
        let outside = (at, excess(at));
        if outside.1 >= 0.0 {
            return Some(between(inside, outside, excess));
        }
        if limit == Some(at) {
            return limit;
        }
        inside = outside;
        step *= 2.0;
    }
    None
}

/// Where `excess` becomes 0, between a place where it is negative and one where it is not. False position with the
/// Illinois rule; bisection where one side is infinite. Returns the outer side.
fn between(mut inside: (f64, f64), mut outside: (f64, f64), excess: impl Fn(f64) -> f64) -> f64 {
    let mut last_was_inside = None;
    for _ in 0..STEPS {
        let width = (outside.0 - inside.0).abs();
        if width <= PRECISION * outside.0.abs().max(inside.0.abs()) || outside.1 == 0.0 {
            break;
        }
        let share = if outside.1.is_finite() {
            inside.1 / (inside.1 - outside.1)
        } else {
            0.5
        };
        let at = inside.0 + share * (outside.0 - inside.0);
        let value = excess(at);
        if value < 0.0 {
            inside = (at, value);
            if last_was_inside == Some(true) && outside.1.is_finite() {
                outside.1 /= 2.0;
            }
            last_was_inside = Some(true);
        } else {
            outside = (at, value);
            if last_was_inside == Some(false) {
                inside.1 /= 2.0;
            }
            last_was_inside = Some(false);
        }
    }
    outside.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_found_to_both_sides_and_at_limits() {
        let distance = |at: f64| (at - 3.0).abs();

        assert!((end(3.0, 0.1, 2.0, None, distance).unwrap() - 5.0).abs() < 1e-6);
        assert!((end(3.0, -0.1, 2.0, None, distance).unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(end(3.0, -0.1, 2.0, Some(2.0), distance), Some(2.0));
        assert_eq!(end(3.0, 0.1, 2.0, None, |_| 1.0), None);
    }

    #[test]
    fn what_cannot_be_fitted_lies_outside() {
        let distance = |at: f64| if at < 4.0 { 0.0 } else { f64::NAN };

        assert!((end(3.0, 0.1, 2.0, None, distance).unwrap() - 4.0).abs() < 1e-6);
    }
}
