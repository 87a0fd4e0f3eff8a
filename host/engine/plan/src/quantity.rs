//! Text with a unit to a number and back: durations, sizes, per cent.
//!
//! What is written without a unit is refused, so that no reader has to guess.

/// Units of a duration in ns, the largest first.
const DURATIONS: &[(&str, u64)] = &[
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

/// Units of a size in bytes, the largest first.
const SIZES: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("KB", 1_000),
    ("B", 1),
];

/// What a duration looks like, for error sentences.
pub(crate) const A_DURATION: &str = r#"a duration with unit, like "2s""#;
/// What a size looks like.
pub(crate) const A_SIZE: &str = r#"a size with unit, like "512 MiB""#;
/// What a percentage looks like.
pub(crate) const A_PERCENTAGE: &str = r#"a percentage above 0% and below 100%, like "1%""#;

/// A text that is no duration above zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} found, expected {A_DURATION}")]
pub struct NotADuration {
    /// The text.
    pub text: String,
}

/// Reads a duration as suites write it, for options of the command line: `2s`, `1m30s`. Returns ns.
///
/// # Errors
/// [`NotADuration`] for a bare number, an unknown unit, zero.
///
/// ```
/// assert_eq!(benchhost_plan::parse_duration("1m30s"), Ok(90_000_000_000));
/// let error = benchhost_plan::parse_duration("2").unwrap_err();
/// assert_eq!(error.to_string(), r#""2" found, expected a duration with unit, like "2s""#);
/// ```
pub fn parse_duration(text: &str) -> Result<u64, NotADuration> {
    let refused = || NotADuration {
        text: text.to_owned(),
    };
    nanoseconds(text).filter(|ns| *ns > 0).ok_or_else(refused)
}

/// `"2s"`, `"1m30s"`, `"1.5 ms"` in ns, rounded. `None` for anything else.
pub(crate) fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = split_number(rest);
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, tail) = after.split_at(end);
        total = total.checked_add(scale(number, factor(DURATIONS, unit)?)?)?;
        rest = tail.trim_start();
    }
    Some(total)
}

/// `"512 MiB"`, `"2GB"` in bytes, rounded. `None` for anything else.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text.trim());
    scale(number, factor(SIZES, unit.trim())?)
}

/// `"1%"` as a ratio. `None` for anything else, negative ones included.
#[must_use]
pub fn parse_percentage(text: &str) -> Option<f64> {
    let (number, unit) = split_number(text.trim());
    let value: f64 = number.parse().ok()?;
    (unit.trim() == "%").then_some(value / 100.0)
}

/// The shortest form that [`nanoseconds`] reads back exactly: `2s`, `1500ms`.
pub(crate) fn format_duration(ns: u64) -> String {
    exact(ns, DURATIONS, "")
}

/// The shortest form that [`parse_size`] reads back exactly: `512 MiB`.
pub(crate) fn format_size(bytes: u64) -> String {
    exact(bytes, SIZES, " ")
}

/// A ratio in per cent, without the noise of binary fractions.
pub(crate) fn format_percentage(ratio: f64) -> String {
    let text = format!("{:.6}", ratio * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Digits and points, and what follows them.
pub(crate) fn split_number(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    text.split_at(end)
}

fn factor(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor)
}

/// `number` × `factor`: exactly for whole numbers, else to the nearest whole one.
fn scale(number: &str, factor: u64) -> Option<u64> {
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let scaled = (number.parse::<f64>().ok()? * factor as f64).round();
    (scaled < u64::MAX as f64).then_some(scaled as u64)
}

fn exact(value: u64, units: &[(&str, u64)], space: &str) -> String {
    let (unit, factor) = units
        .iter()
        .find(|(_, factor)| value >= *factor && value.is_multiple_of(*factor))
        .copied()
        .unwrap_or(units[units.len() - 1]);
    format!("{}{space}{unit}", value / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_may_have_several() {
        for (text, ns) in [
            ("2s", Some(2_000_000_000)),
            ("1m30s", Some(90_000_000_000)),
            ("1 h 2 min", Some(3_720_000_000_000)),
            ("1.5 ms", Some(1_500_000)),
            ("250µs", Some(250_000)),
            ("0s", Some(0)),
            ("2", None),
            ("", None),
            ("s", None),
            ("-2s", None),
            ("2 parsecs", None),
            ("1.2.3s", None),
            ("99999999999h", None),
        ] {
            assert_eq!(nanoseconds(text), ns, "{text:?}");
        }
    }

    #[test]
    fn sizes_tell_binary_from_decimal() {
        for (text, bytes) in [
            ("512 MiB", Some(512 << 20)),
            ("2GB", Some(2_000_000_000)),
            ("1.5KiB", Some(1536)),
            ("7 B", Some(7)),
            ("512", None),
            ("512 M", None),
            ("512 mib", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text:?}");
        }
    }

    #[test]
    fn percentages_become_ratios() {
        assert_eq!(parse_percentage("1%"), Some(0.01));
        assert_eq!(parse_percentage("0.5 %"), Some(0.005));
        assert_eq!(parse_percentage("1"), None);
        assert_eq!(parse_percentage("-1%"), None);
        assert_eq!(format_percentage(0.07), "7%");
    }

    #[test]
    fn what_is_shown_reads_back_exactly() {
        for value in [0, 1, 999, 1500, 90_000_000_000, 60_000_000_000, u64::MAX] {
            assert_eq!(nanoseconds(&format_duration(value)), Some(value));
            assert_eq!(parse_size(&format_size(value)), Some(value));
        }
        assert_eq!(format_duration(60_000_000_000), "1min");
        assert_eq!(format_size(2 << 30), "2 GiB");
    }
}
