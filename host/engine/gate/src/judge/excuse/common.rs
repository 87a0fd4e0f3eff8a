//! What all cases have in common is the machine's doing.
//!
//! When other programs disturbed a run, every case is slower by about the same share. A rule that compares few values
//! cannot know that from one case; from all of them it can. Only disturbed cases are excused, and only of what they share.

use benchhost_record::{Direction, names};
use benchhost_stats::median;

use super::{calm_down, is_disturbed, is_early};
use crate::{Class, Subject, judge::finding::Finding};

/// Fewest disturbed cases that can have something in common.
const FEWEST_CASES: usize = 4;

/// Smallest shared slow-down that excuses anything.
const LEAST_SHARED: f64 = 0.03;

/// Takes the alarm out of early findings about disturbed cases that are no worse than their run as a whole.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    let slower: Vec<f64> = subjects
        .iter()
        .zip(findings.iter())
        .filter(|(subject, _)| is_disturbed(subject) && subject.metric.name == names::TIME)
        .flat_map(|(_, findings)| findings.iter().filter(|one| is_early(one)))
        .map(|finding| finding.effect)
        .filter(|effect| effect.is_finite())
        .collect();
    let Ok(shared) = median(&slower) else { return };
    if slower.len() < FEWEST_CASES || shared < LEAST_SHARED {
        return;
    }
    for (subject, findings) in subjects.iter().zip(findings) {
        let Some(threshold) = Class::of(&subject.metric).threshold() else {
            continue;
        };
        // A rate falls by less than a time rises.
        let excused = match subject.metric.direction {
            Direction::Higher => 1.0 - 1.0 / (1.0 + shared),
            Direction::Lower | Direction::Neither => shared,
        };
        let is_excused = |one: &&mut Finding| {
            is_early(one) && one.verdict.fails() && one.effect.abs() - excused <= threshold
        };
        if !is_disturbed(subject) {
            continue;
        }
        let why = format!(
            ", and the whole run was slower by {:.0} %: the machine was busy",
            100.0 * shared
        );
        let alarms = findings.iter_mut().filter(is_excused);
        alarms.for_each(|finding| calm_down(finding, &why));
    }
}
