//! The one sentence that a verdict is told in.

use benchhost_record::format_quantity;

use super::finding::Finding;
use crate::{Subject, Verdict};

/// The size of a change: `20.1 %`; none where it is no number, as from a reference of 0.
fn per_cent(effect: f64) -> Option<String> {
    let value = 100.0 * effect.abs();
    value.is_finite().then(|| format!("{value:.1} %"))
}

/// `time of training: 1.2 ms, 20.1 % above 1 ms: …`.
pub(super) fn sentence(subject: &Subject, finding: &Finding, value: f64) -> String {
    let metric = &subject.metric;
    let because = with_quantities(&finding.because, &metric.unit);
    match finding.verdict {
        Verdict::Failed => {
            // Words of somebody else: no numbers of ours in them.
            format!("{}: no {}: {}", subject.case, metric.name, finding.because)
        }
        Verdict::InsufficientData => format!("{} of {}: {because}", metric.name, subject.case),
        _ => {
            let shown = format_quantity(value, &metric.unit);
            let against = against(finding.effect, finding.reference, &shown, &metric.unit);
            format!(
                "{} of {}: {shown}{against}: {because}",
                metric.name, subject.case
            )
        }
    }
}

/// From a tenfold value on, a factor says more than per cents.
const TENFOLD: f64 = 9.0;

/// `, 20.1 % above 1 ms`; nothing without a level. `shown`: the value, as it is written.
pub(crate) fn against(effect: f64, level: f64, shown: &str, unit: &str) -> String {
    let reference = format_quantity(level, unit);
    let side = if effect < 0.0 { "below" } else { "above" };
    match per_cent(effect) {
        Some(_) if effect >= TENFOLD && level > 0.0 => {
            let factor = format_quantity(1.0 + effect, "1");
            format!(", {factor} times {reference}")
        }
        Some(_) if shown == reference => format!(", the same as {reference}"),
        Some(share) if share == NO_SHARE => format!(", less than 0.1 % {side} {reference}"),
        Some(share) => format!(", {share} {side} {reference}"),
        // Of nothing there are no per cents.
        None if level.is_finite() => format!(", against {reference}"),
        None => String::new(),
    }
}

/// What is less than any share that is shown.
const NO_SHARE: &str = "0.0 %";

/// Numbers in braces become quantities of the metric.
fn with_quantities(text: &str, unit: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        shown.push_str(before);
        match after.split_once('}') {
            Some((number, later)) if number.parse::<f64>().is_ok() => {
                let number = number.parse().unwrap_or(f64::NAN);
                shown.push_str(&format_quantity(number, unit));
                rest = later;
            }
            _ => {
                shown.push('{');
                rest = after;
            }
        }
    }
    shown.push_str(rest);
    shown
}
