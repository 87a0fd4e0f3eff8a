//! Dates as other tools write them, to seconds since 1970 and back.

use jiff::{Timestamp, civil, tz::TimeZone};

/// A time of day, a date, or both, with or without zone (then UTC). Seconds since 1970-01-01 UTC.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(seconds(moment));
    }
    let day_and_time = text.parse::<civil::DateTime>();
    let moment = day_and_time.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(seconds(moment))
}

fn seconds(moment: Timestamp) -> f64 {
    moment.as_nanosecond() as f64 / 1e9
}

/// As Python's `datetime.isoformat` writes it, in UTC: microseconds only when there are any.
/// `None` outside the years jiff knows.
pub(crate) fn iso(unix_s: f64) -> Option<String> {
    let microseconds = (unix_s * 1e6).round();
    if !microseconds.is_finite() || microseconds.abs() > 1e18 {
        return None;
    }
    let moment = Timestamp::from_microsecond(microseconds as i64).ok()?;
    let form = if moment.subsec_nanosecond() == 0 {
        "%Y-%m-%dT%H:%M:%S"
    } else {
        "%Y-%m-%dT%H:%M:%S.%6f"
    };
    Some(moment.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_and_without_zone_are_read() {
        for (text, expected) in [
            ("2015-08-15T00:01:46.250433+00:00", 1_439_596_906.250433),
            ("2016-10-21 03:14:19.670631", 1_477_019_659.670631),
            ("2023-10-15", 1_697_328_000.0),
            ("2026-11-21T02:33:44+00:00", 1_795_228_424.0),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("yesterday"), None);
        assert_eq!(iso(1_697_385_600.0).as_deref(), Some("2023-10-15T16:00:00"));
        assert_eq!(iso(0.25).as_deref(), Some("1970-01-01T00:00:00.250000"));
        assert_eq!(iso(f64::INFINITY), None);
    }
}
