//! Nobody is slow who shared his core for as long as he was looked at.

use benchhost_record::MetricKind;
use benchhost_stats::SHARED;

use super::{calm_down, is_default_alarm};
use crate::{Subject, judge::finding::Finding};

/// Excuses times and rates of cases whose core was shared at every look.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    for (subject, findings) in subjects.iter().zip(findings) {
        let is_speed = matches!(
            subject.metric.kind,
            MetricKind::Time | MetricKind::Throughput
        );
        let Some(times) = shared_by(subject).filter(|_| is_speed) else {
            continue;
        };
        let why = format!(
            ", and another program ran on the same core: wide work took {times:.2} times as long as on a core of one's own"
        );
        let alarms = findings.iter_mut().filter(|one| is_default_alarm(one));
        alarms.for_each(|finding| calm_down(finding, &why));
    }
}

/// How many times slower wide work was, when that is what happens on a shared core, at every look.
fn shared_by(subject: &Subject) -> Option<f64> {
    let is_shared = |times: &f64| *times > SHARED;
    let first = subject.value.as_ref().ok()?.sharing.filter(is_shared)?;
    match &subject.again {
        None => Some(first),
        Some(again) => again.sharing.filter(is_shared),
    }
}
