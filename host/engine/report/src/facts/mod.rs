//! What the text forms tell, found once: how cases ended, which targets are met, what moved, which figures matter.
//!
//! No form lives here: nothing is escaped and nothing is laid out.

mod attention;
mod contrast;
mod figure;
mod flag;
mod head;
mod known;
mod status;
mod tally;

pub use attention::said;
pub(crate) use attention::{because, doubtful, failing, movers, word};
pub(crate) use contrast::{Beside, Sides, beside, confidence, of_both, ratio, reasons};
pub(crate) use figure::{Figure, Reference, figures};
pub(crate) use flag::flagged;
pub(crate) use head::{Head, seconds, unfinished};
pub(crate) use known::Known;
pub(crate) use status::{Grade, Status};
pub(crate) use tally::{Tally, TargetState, open_targets, refused, skipped, target, targets};

use benchhost_record::{CaseResult, MetricKind, format_quantity};

/// Cases by plugin and workload, in order of first appearance: only these are ever put side by side.
pub(crate) fn groups(cases: &[CaseResult]) -> Vec<Vec<&CaseResult>> {
    let mut groups: Vec<Vec<&CaseResult>> = Vec::new();
    for result in cases {
        let key = |other: &CaseResult| {
            (&other.case.plugin, &other.case.workload)
                == (&result.case.plugin, &result.case.workload)
        };
        match groups.iter_mut().find(|group| key(group[0])) {
            Some(group) => group.push(result),
            None => groups.push(vec![result]),
        }
    }
    groups
}

/// A value as people read it: a ratio in per cent, everything else with its unit; a dash for what is not finite.
pub(crate) fn quantity(value: f64, unit: &str, kind: MetricKind) -> String {
    match kind {
        _ if !(100.0 * value).is_finite() => "–".to_owned(),
        MetricKind::Ratio => format!("{} %", format_quantity(100.0 * value, "1")),
        _ => format_quantity(value, unit),
    }
}

/// `1 case`, `2 cases`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
