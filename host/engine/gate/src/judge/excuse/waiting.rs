//! What waited for a CPU while other programs ran is no slower for that: its CPU time would tell.

use std::collections::HashMap;

use benchhost_record::names;

use super::{calm_down, is_default_alarm, is_disturbed};
use crate::{Class, Subject, judge::finding::Finding};

const WHY: &str = ", and its CPU time is as before: it waited for a CPU while other programs ran";

/// Excuses time and throughput of disturbed cases whose CPU time is what it was.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    let is_cpu_time = |subject: &Subject| subject.metric.name == names::CPU_TIME;
    let cpu: HashMap<&str, f64> = subjects
        .iter()
        .zip(findings.iter())
        .filter(|(subject, _)| is_cpu_time(subject))
        .filter_map(|(subject, findings)| {
            let effects = findings.iter().map(|finding| finding.effect);
            let worst = effects
                .filter(|effect| effect.is_finite())
                .reduce(f64::max)?;
            Some((subject.case.as_str(), worst))
        })
        .collect();
    for (subject, findings) in subjects.iter().zip(findings) {
        let is_wall_clock =
            [names::TIME, names::THROUGHPUT].contains(&subject.metric.name.as_str());
        let Some(threshold) = Class::of(&subject.metric).threshold() else {
            continue;
        };
        let explained = cpu
            .get(subject.case.as_str())
            .is_none_or(|effect| *effect > threshold / 2.0);
        if !is_wall_clock || explained || !is_disturbed(subject) {
            continue;
        }
        let alarms = findings.iter_mut().filter(|one| is_default_alarm(one));
        alarms.for_each(|finding| calm_down(finding, WHY));
    }
}
