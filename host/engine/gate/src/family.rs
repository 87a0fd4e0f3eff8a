//! Many tests at once: which findings stand when all of a run's tests are counted.

use benchhost_stats::discoveries_by_independent_p;

use crate::{Verdict, judge::Finding};

/// Findings with a p-value that are no discoveries of the family become inconclusive, or what their rule says of values
/// that would not stand alone either.
pub(crate) fn settle(findings: &mut [Vec<Finding>], level: f64) {
    let p: Vec<f64> = findings
        .iter()
        .flatten()
        .filter_map(|finding| finding.p)
        .collect();
    let mut stands = discoveries_by_independent_p(&p, level).into_iter();
    for finding in findings.iter_mut().flatten() {
        let Some(p) = finding.p else { continue };
        if stands.next() == Some(true) {
            continue;
        }
        finding.verdict = if p < level {
            Verdict::Inconclusive
        } else {
            finding.otherwise
        };
    }
}
