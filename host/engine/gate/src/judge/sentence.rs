//! The one sentence that a verdict is told in.

use benchhost_record::format_quantity;

use super::finding::Finding;
use crate::{Subject, Verdict};

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
            let against = if finding.effect.is_finite() {
                format!(
                    ", {:.1} % {side} {}",
                    100.0 * finding.effect.abs(),
                    format_quantity(finding.reference, &metric.unit)
                )
            } else {
                String::new()
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
