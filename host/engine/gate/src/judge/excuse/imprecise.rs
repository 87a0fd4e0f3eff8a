//! A value whose own interval holds what it is compared with is no alarm while few values are compared.

use benchhost_record::format_quantity;

use super::{calm_down, is_early};
use crate::{Subject, judge::finding::Finding};

/// Excuses early findings about values that are not known well enough.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    for (subject, findings) in subjects.iter().zip(findings) {
        // A second look has its own interval, and has been asked for because of the first.
        if subject.again.is_some() {
            continue;
        }
        let interval = subject.value.as_ref().ok().and_then(|value| value.interval);
        let Some((low, high)) = interval else {
            continue;
        };
        let is_held = |one: &&mut Finding| {
            is_early(one) && one.verdict.fails() && low <= one.reference && one.reference <= high
        };
        let unit = &subject.metric.unit;
        let why = format!(
            ", but its own interval, {} to {}, holds that value",
            format_quantity(low, unit),
            format_quantity(high, unit)
        );
        let alarms = findings.iter_mut().filter(is_held);
        alarms.for_each(|finding| calm_down(finding, &why));
    }
}
