//! A rate follows from the time: while few values are compared, it says nothing that the time does not say.

use std::collections::HashMap;

use benchhost_record::names;

use super::{calm_down, is_early};
use crate::{Subject, Verdict, judge::finding::Finding};

const FINE: &str = ", but the time that it follows from is within what is allowed";

const EXCUSED: &str = ", and so is the time that it follows from, which may be noise";

/// Excuses early findings about the throughput of cases whose time passed the same rule.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    let is_fine = |finding: &&Finding| is_early(finding) && !finding.verdict.fails();
    let times = subjects
        .iter()
        .zip(findings.iter())
        .filter(|(subject, _)| subject.metric.name == names::TIME);
    let fine: HashMap<&str, &str> = times
        .filter_map(|(subject, findings)| {
            let time = findings.iter().find(is_fine)?;
            let why = match time.verdict {
                Verdict::Inconclusive => EXCUSED,
                _ => FINE,
            };
            Some((subject.case.as_str(), why))
        })
        .collect();
    for (subject, findings) in subjects.iter().zip(findings) {
        let Some(why) = fine.get(subject.case.as_str()) else {
            continue;
        };
        if subject.metric.name == names::THROUGHPUT {
            let alarms = findings
                .iter_mut()
                .filter(|one| is_early(one) && one.verdict.fails());
            alarms.for_each(|finding| calm_down(finding, why));
        }
    }
}
