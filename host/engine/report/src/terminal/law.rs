//! Parameters of fitted laws in words, the same in every form and picture.

use benchhost_record::{Estimate, Interval, format_quantity};

use super::quantity::percent;

/// An interval wider than so many times the number itself, or than so many times 1, says nothing.
const WIDEST: f64 = 2.0;

/// Said instead of such an interval.
const USELESS: &str = "no useful interval";

/// A number and its interval: `1.012 (0.98 to 1.04)`.
#[must_use]
pub fn number(estimate: &Estimate) -> String {
    let Interval { low, high, .. } = estimate.interval;
    let value = round(estimate.value);
    if !is_useful(estimate, estimate.value.abs().max(1.0)) {
        return format!("{value} ({USELESS})");
    }
    format!("{value} ({} to {})", round(low), round(high))
}

/// σ of the laws of Amdahl and Gunther, as a part of the work as long as it can be one.
#[must_use]
pub fn sigma(estimate: &Estimate) -> String {
    if estimate.value >= 1.0 {
        let number = round(estimate.value);
        return format!("{number}, adding workers makes it slower");
    }
    part(estimate)
}

/// A part of the work and its interval, in per cent: `9.2 % (7.5 % to 11 %)`.
#[must_use]
pub fn part(estimate: &Estimate) -> String {
    let Interval { low, high, .. } = estimate.interval;
    if !is_useful(estimate, 1.0) {
        return format!("{} ({USELESS})", percent(estimate.value));
    }
    format!(
        "{} ({} to {})",
        percent(estimate.value),
        percent(low),
        percent(high)
    )
}

/// Whether the interval of a number is narrow enough to say something; `size`: what the number is compared with.
fn is_useful(estimate: &Estimate, size: f64) -> bool {
    let Interval { low, high, .. } = estimate.interval;
    high - low <= WIDEST * size
}

/// Four significant digits at most.
pub(super) fn round(value: f64) -> String {
    format_quantity(value, "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_says_nothing_is_not_told() {
        let of = |value, low, high| {
            let interval = Interval {
                low,
                high,
                confidence: 0.95,
            };
            Estimate { value, interval }
        };

        assert_eq!(sigma(&of(0.706, 0.6, 0.812)), "71 % (60 % to 81 %)");
        assert_eq!(sigma(&of(0.69, -16.64, 46.43)), "69 % (no useful interval)");
        let slower = "1.879, adding workers makes it slower";
        assert_eq!(sigma(&of(1.879, 1.5, 2.2)), slower);
        assert_eq!(part(&of(0.004, 0.0, 0.02)), "0.40 % (0.00 % to 2.0 %)");
        assert_eq!(number(&of(1.012, 0.98, 1.04)), "1.012 (0.98 to 1.04)");
        assert_eq!(number(&of(0.8, -14.0, 15.0)), "0.8 (no useful interval)");
    }
}
