//! A rate follows from the time: while few values are compared, it says nothing that the time does not say.

use std::collections::HashSet;

use benchhost_record::names;

use super::{calm_down, is_early};
use crate::{Subject, judge::finding::Finding};

const WHY: &str = ", but the time that it follows from is within what is allowed";

/// Excuses early findings about the throughput of cases whose time passed the same rule.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    let is_fine = |finding: &&Finding| is_early(finding) && !finding.verdict.fails();
    let fine: HashSet<&str> = subjects
        .iter()
        .zip(findings.iter())
        .filter(|(subject, findings)| {
            subject.metric.name == names::TIME && findings.iter().any(|one| is_fine(&one))
        })
        .map(|(subject, _)| subject.case.as_str())
        .collect();
    for (subject, findings) in subjects.iter().zip(findings) {
        if subject.metric.name == names::THROUGHPUT && fine.contains(subject.case.as_str()) {
            let alarms = findings
                .iter_mut()
                .filter(|one| is_early(one) && one.verdict.fails());
            alarms.for_each(|finding| calm_down(finding, WHY));
        }
    }
}
