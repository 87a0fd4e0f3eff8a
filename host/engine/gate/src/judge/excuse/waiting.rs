//! What waited for a CPU is no slower for that, when it needed no more of it.
//!
//! Both are asked. On a machine that is always busy the past waited as well, and only the CPU time tells what changed; what
//! sleeps needs no CPU time, and only the waiting tells that it was not the machine.

use std::collections::HashMap;

use benchhost_record::{Direction, names};

use super::{calm_down, is_default_alarm};
use crate::{Class, Subject, judge::finding::Finding};

/// Share of a change that waiting must explain.
const EXPLAINED: f64 = 0.5;

/// Excuses time and throughput that are mostly the time without a CPU, and but for it within what the class allows.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    let cpu_time = cpu_time(subjects, findings);
    for (subject, findings) in subjects.iter().zip(findings) {
        let name = subject.metric.name.as_str();
        let Some(threshold) = Class::of(&subject.metric).threshold() else {
            continue;
        };
        let Some(waited) =
            waited(subject).filter(|_| [names::TIME, names::THROUGHPUT].contains(&name))
        else {
            continue;
        };
        let why = format!(
            ", and it was ready to run for {:.0} % of its time while other programs had the CPU",
            100.0 * waited
        );
        let is_excused = |finding: &&mut Finding| {
            let found = 1.0 + finding.effect;
            let (worse, own) = match subject.metric.direction {
                Direction::Higher => (1.0 - found, 1.0 - found / (1.0 - waited)),
                Direction::Lower | Direction::Neither => {
                    (found - 1.0, found * (1.0 - waited) - 1.0)
                }
            };
            let cpu = cpu_time.get(&(subject.case.as_str(), finding.rule.clone()));
            let is_work = cpu.is_none_or(|effect| *effect > threshold / 2.0);
            is_default_alarm(finding) && !is_work && own <= threshold.min((1.0 - EXPLAINED) * worse)
        };
        let alarms = findings.iter_mut().filter(is_excused);
        alarms.for_each(|finding| calm_down(finding, &why));
    }
}

/// What each rule found about the CPU time of each case.
fn cpu_time<'a>(
    subjects: &'a [Subject],
    findings: &[Vec<Finding>],
) -> HashMap<(&'a str, String), f64> {
    subjects
        .iter()
        .zip(findings)
        .filter(|(subject, _)| subject.metric.name == names::CPU_TIME)
        .flat_map(|(subject, findings)| {
            findings
                .iter()
                .filter(|finding| finding.effect.is_finite())
                .map(|finding| {
                    (
                        (subject.case.as_str(), finding.rule.clone()),
                        finding.effect,
                    )
                })
        })
        .collect()
}

/// Share of its time that the case waited, at the look where it waited least.
fn waited(subject: &Subject) -> Option<f64> {
    let first = subject.value.as_ref().ok()?.waited_share?;
    let again = subject
        .again
        .as_ref()
        .map(|again| again.waited_share.unwrap_or(0.0));
    Some(again.map_or(first, |again| again.min(first))).filter(|share| (0.0..1.0).contains(share))
}
