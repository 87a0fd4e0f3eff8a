//! Parameters of fitted laws in words, as the other forms of the report write them.

use benchhost_record::Estimate;

/// An exponent with its interval.
pub(super) fn rounded(exponent: &Estimate) -> String {
    let (low, high) = (exponent.interval.low, exponent.interval.high);
    format!("{:.3} ({low:.3} to {high:.3})", exponent.value)
}

/// σ, as a part of the work as long as it can be one.
pub(super) fn sigma(estimate: &Estimate) -> String {
    if estimate.value >= 1.0 {
        return format!("{:.3}, adding workers makes it slower", estimate.value);
    }
    part(estimate)
}

/// A part of the work with its interval, in per cent. An interval wider than the whole says nothing.
pub(super) fn part(estimate: &Estimate) -> String {
    let (low, high) = (estimate.interval.low, estimate.interval.high);
    let value = percent(estimate.value);
    if high - low > 1.0 {
        return format!("{value} (no useful interval)");
    }
    format!("{value} ({} to {})", percent(low), percent(high))
}

/// Two digits, or those before the point.
fn percent(part: f64) -> String {
    let value = 100.0 * part;
    let digits = match value.abs() {
        size if size >= 9.95 => 0,
        size if size >= 0.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$} %")
}

#[cfg(test)]
mod tests {
    use benchhost_record::Interval;

    use super::*;

    #[test]
    fn a_part_is_told_in_per_cent_and_an_interval_that_says_nothing_is_not() {
        let of = |value, low, high| {
            let interval = Interval {
                low,
                high,
                confidence: 0.95,
            };
            sigma(&Estimate { value, interval })
        };

        assert_eq!(of(0.706, 0.6, 0.812), "71 % (60 % to 81 %)");
        assert_eq!(of(0.69, -16.64, 46.43), "69 % (no useful interval)");
        assert_eq!(of(1.879, 1.5, 2.2), "1.879, adding workers makes it slower");
        assert_eq!(of(0.004, 0.0, 0.02), "0.40 % (0.00 % to 2.0 %)");
    }
}
