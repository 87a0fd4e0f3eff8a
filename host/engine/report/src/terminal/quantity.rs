//! One number of a cell.

use benchhost_record::{Measurement, MetricKind, format_quantity};

use crate::{facts::said, text::harmless};

/// What stands where there is no number.
pub(super) const NOTHING: &str = "–";

/// The median with its unit; a ratio in per cent.
pub(super) fn median(measurement: &Measurement) -> Option<String> {
    let summary = measurement.summary.as_ref()?;
    Some(with_unit(measurement, summary.median))
}

/// Quantile `q`, when there are enough samples to state it.
pub(super) fn quantile(measurement: &Measurement, q: f64) -> Option<String> {
    let quantiles = &measurement.summary.as_ref()?.quantiles;
    let value = quantiles.iter().find(|quantile| quantile.q == q)?.value?;
    Some(with_unit(measurement, value))
}

/// Half the width of the median's interval relative to the median; none when the samples are too few for an interval.
pub(super) fn spread(measurement: &Measurement) -> Option<String> {
    let summary = measurement.summary.as_ref()?;
    let share = summary.interval.relative_half_width(summary.median);
    (summary.interval.confidence > 0.0 && share.is_finite()).then(|| percent(share))
}

fn with_unit(measurement: &Measurement, value: f64) -> String {
    match measurement.metric.kind {
        MetricKind::Ratio => tenths(value),
        _ if !value.is_finite() => NOTHING.to_owned(),
        _ => short(&format_quantity(value, &measurement.metric.unit)),
    }
}

/// Letters of a cell, at most: one endless name must not push everything else off the terminal.
const LONGEST: usize = 40;

/// Text of others, fit for a cell: harmless, on one line and not too long.
pub(super) fn short(text: &str) -> String {
    shortened(text, LONGEST)
}

/// The first `most` letters of a text of others, harmless.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let text = harmless(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// An uncertainty of 0–1 as per cent, two digits of it.
pub(super) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let decimals = match value.abs() {
        size if size >= 9.95 => 0,
        size if size >= 0.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} %")
}

/// A share as per cent, tenths of it: `20.1 %`.
pub(super) fn tenths(share: f64) -> String {
    let value = 100.0 * share;
    match value.is_finite() {
        true => format!("{value:.1} %"),
        false => NOTHING.to_owned(),
    }
}

/// A change: `+20.1 %`, `×12.5`. From nothing, or from what is no number, there is none.
pub(super) fn change(effect: f64) -> String {
    said(effect).unwrap_or_else(|| NOTHING.to_owned())
}

/// A value with its unit, where it is a number.
pub(super) fn finite(value: f64, unit: &str) -> String {
    match value.is_finite() {
        true => format_quantity(value, unit),
        false => NOTHING.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cents_have_two_digits() {
        for (share, text) in [
            (0.000_04, "0.00 %"),
            (0.0042, "0.42 %"),
            (0.0312, "3.1 %"),
            (0.0996, "10 %"),
            (1.5, "150 %"),
        ] {
            assert_eq!(percent(share), text);
        }
        for share in [f64::INFINITY, f64::NAN, f64::MAX] {
            for share in [share, -share] {
                assert_eq!(percent(share), NOTHING);
                assert_eq!(tenths(share), NOTHING);
                assert_eq!(change(share), NOTHING);
            }
        }
    }
}
