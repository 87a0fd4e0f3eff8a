//! What all cases have in common is the machine's doing.
//!
//! When other programs disturbed a run, every case is slower by about the same share. A rule that compares few values
//! cannot know that from one case; from all of them it can. Only disturbed cases are excused, and only of what they share.

use benchhost_record::{Direction, MetricKind, names};
use benchhost_stats::{SHARED, median};

use super::finding::Finding;
use crate::{Class, Subject, Verdict};

/// Where the rules stand that nobody wrote.
const DEFAULT_PLACE: &str = "default";

/// Name of the default rule that compares few values.
const EARLY_RULE: &str = "recent";

/// Fewest disturbed cases that can have something in common.
const FEWEST_CASES: usize = 4;

/// Smallest shared slow-down that excuses anything.
const LEAST_SHARED: f64 = 0.03;

/// Takes the alarm out of findings that are the machine's doing.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    excuse_shared_cores(subjects, findings);
    excuse_disturbed(subjects, findings);
}

/// Nobody is slow who shared his core for as long as he was looked at. Rules that somebody wrote say what they say.
fn excuse_shared_cores(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    for (subject, findings) in subjects.iter().zip(findings) {
        let is_speed = matches!(
            subject.metric.kind,
            MetricKind::Time | MetricKind::Throughput
        );
        let Some(times) = shared_by(subject).filter(|_| is_speed) else {
            continue;
        };
        let is_excused = |one: &&mut Finding| one.place == DEFAULT_PLACE && one.verdict.fails();
        for finding in findings.iter_mut().filter(is_excused) {
            finding.verdict = Verdict::Inconclusive;
            finding.because.push_str(&format!(
                ", and another program ran on the same core: wide work took {times:.2} times as long as on a core of one's own"
            ));
        }
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

/// Takes the alarm out of early findings about disturbed cases that are no worse than their run as a whole.
fn excuse_disturbed(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
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
    finding.place == DEFAULT_PLACE && finding.rule == EARLY_RULE
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Metric, MetricKind, Severity, names};

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
    fn a_core_that_was_shared_at_every_look_excuses_time_and_nothing_else() {
        let verdict = |(name, kind): (&str, _), sharing, again: Option<f64>| {
            let value = |sharing| Value {
                repetitions: vec![150.0; 3],
                sharing,
                ..Value::plain(150.0)
            };
            let past = Past {
                value: 100.0,
                ..Past::default()
            };
            let subject = Subject {
                case: "p/w".to_owned(),
                benchmark: "b".to_owned(),
                metric: Metric::new(name, "ns", benchhost_record::Direction::Lower, kind),
                value: Ok(value(sharing)),
                again: again.map(|times| value(Some(times))),
                target: None,
                baseline: None,
                past: vec![past; 2],
            };
            judge(&[subject], &Rules::defaults(), &Terms::default()).judged[0].verdict
        };

        let time = (names::TIME, MetricKind::Time);
        let memory = (names::PEAK_MEMORY, MetricKind::Memory);
        assert_eq!(verdict(time, Some(1.5), None), Verdict::Inconclusive);
        assert_eq!(verdict(time, Some(1.5), Some(1.4)), Verdict::Inconclusive);
        assert!(verdict(time, Some(1.5), Some(1.0)).fails());
        assert!(verdict(time, Some(1.05), None).fails());
        assert!(verdict(time, None, None).fails());
        assert!(verdict(memory, Some(1.5), None).fails());
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
