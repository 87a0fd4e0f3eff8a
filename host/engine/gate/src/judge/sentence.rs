//! The one sentence that a verdict is told in.

use benchhost_record::format_quantity;

use super::finding::Finding;
use crate::{Subject, Verdict};

/// The size of a change: `20.1 %`; none where it is no number, as from a reference of 0.
pub(crate) fn per_cent(effect: f64) -> Option<String> {
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
            let side = if finding.effect < 0.0 {
                "below"
            } else {
                "above"
            };
            let shown = format_quantity(value, &metric.unit);
            let reference = format_quantity(finding.reference, &metric.unit);
            let against = match per_cent(finding.effect) {
                Some(share) => format!(", {share} {side} {reference}"),
                // Of nothing there are no per cents.
                None if finding.reference.is_finite() => format!(", against {reference}"),
                None => String::new(),
            };
            format!(
                "{} of {}: {shown}{against}: {because}",
                metric.name, subject.case
            )
        }
    }
}

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
