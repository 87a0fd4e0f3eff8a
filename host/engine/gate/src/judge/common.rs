//! What all cases have in common is the machine's doing.
//!
//! When other programs disturbed a run, every case is slower by about the same share. A rule that compares few values
//! cannot know that from one case; from all of them it can. Only disturbed cases are excused, and only of what they share.

use benchhost_record::{Direction, names};
use benchhost_stats::median;

use super::finding::Finding;
use crate::{Class, Subject, Verdict};

/// Name of the default rule that compares few values.
const EARLY_RULE: &str = "recent";

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
        for finding in findings.iter_mut().filter(is_excused) {
            finding.verdict = Verdict::Inconclusive;
            finding.because.push_str(&format!(
                ", and the whole run was slower by {:.0} %: the machine was busy",
                100.0 * shared
            ));
        }
    }
}

fn is_disturbed(subject: &Subject) -> bool {
    subject.value.as_ref().is_ok_and(|value| value.is_disturbed)
}

fn is_early(finding: &Finding) -> bool {
    finding.place == "default" && finding.rule == EARLY_RULE
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Metric, MetricKind, Severity};

    use crate::{Past, Rules, Subject, Terms, Value, Verdict, judge};

    /// Six disturbed cases at `times`, after two runs at 100.
    fn verdicts(times: [f64; 6], is_disturbed: bool) -> Vec<(String, Verdict)> {
        let subject = |(index, time): (usize, f64)| Subject {
            case: format!("p/w?i={index}"),
            benchmark: "b".to_owned(),
            metric: Metric::new(
                "time",
                "ns",
                benchhost_record::Direction::Lower,
                MetricKind::Time,
            ),
            value: Ok(Value {
                repetitions: vec![time; 3],
                is_disturbed,
                ..Value::plain(time)
            }),
            again: None,
            target: None,
            baseline: None,
            past: vec![
                Past {
                    value: 100.0,
                    ..Past::default()
                };
                2
            ],
        };
        let subjects: Vec<Subject> = times.into_iter().enumerate().map(subject).collect();
        judge(&subjects, &Rules::defaults(), &Terms::default())
            .judged
            .into_iter()
            .map(|one| (one.case, one.verdict))
            .collect()
    }

    #[test]
    fn a_busy_machine_is_not_six_regressions() {
        let found = verdicts([118.0, 116.0, 121.0, 117.0, 119.0, 120.0], true);

        assert!(
            found
                .iter()
                .all(|(_, verdict)| *verdict == Verdict::Inconclusive),
            "{found:?}"
        );
        let quiet = verdicts([118.0, 116.0, 121.0, 117.0, 119.0, 120.0], false);
        assert!(
            quiet.iter().all(|(_, verdict)| verdict.fails()),
            "{quiet:?}"
        );
    }

    #[test]
    fn who_is_worse_than_the_busy_run_is_named_alone() {
        let found = verdicts([118.0, 116.0, 160.0, 117.0, 119.0, 120.0], true);

        assert_eq!(
            found[0],
            ("p/w?i=2".to_owned(), Verdict::Regressed(Severity::Critical))
        );
        assert!(
            found[1..].iter().all(|(_, verdict)| !verdict.fails()),
            "{found:?}"
        );
        let alone = verdicts([101.0, 99.0, 120.0, 100.0, 102.0, 100.0], true);
        assert_eq!(alone[0].1, Verdict::Regressed(Severity::Warning));
    }
}
