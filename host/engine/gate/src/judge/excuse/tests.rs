use benchhost_record::{Direction, Metric, MetricKind, Severity, names};

use crate::{Past, Rules, Subject, Terms, Value, Verdict, judge};

/// A metric of a case, after two runs at 100.
fn subject((name, direction, kind): (&str, Direction, MetricKind), value: Value) -> Subject {
    let past = Past {
        value: 100.0,
        ..Past::default()
    };
    Subject {
        case: "p/w".to_owned(),
        benchmark: "b".to_owned(),
        metric: Metric::new(name, "x", direction, kind),
        value: Ok(value),
        again: None,
        target: None,
        baseline: None,
        past: vec![past; 2],
    }
}

const TIME: (&str, Direction, MetricKind) = (names::TIME, Direction::Lower, MetricKind::Time);

/// Three repetitions that agree.
fn three(value: f64) -> Value {
    Value {
        repetitions: vec![value; 3],
        ..Value::plain(value)
    }
}

/// Six disturbed cases at `times`, after two runs at 100.
fn verdicts(times: [f64; 6], is_disturbed: bool) -> Vec<(String, Verdict)> {
    let subject = |(index, time)| Subject {
        case: format!("p/w?i={index}"),
        ..subject(
            TIME,
            Value {
                is_disturbed,
                ..three(time)
            },
        )
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

#[test]
fn waiting_excuses_what_it_explains_and_no_more() {
    let judged = |(time, cpu_time): (f64, f64), waited_share, again: Option<f64>| {
        let value = |time, waited_share| Value {
            is_disturbed: true,
            waited_share,
            ..three(time)
        };
        let subject = |name, time| Subject {
            again: again.map(|share| value(time, Some(share))),
            ..subject(
                (name, Direction::Lower, MetricKind::Time),
                value(time, waited_share),
            )
        };
        let subjects = [
            subject(names::TIME, time),
            subject(names::CPU_TIME, cpu_time),
        ];
        let mut judged = judge(&subjects, &Rules::defaults(), &Terms::default()).judged;
        judged.retain(|one| one.metric.name == names::TIME);
        judged.remove(0)
    };
    let verdict = |time: f64, waited_share, again| judged((time, 102.0), waited_share, again);

    let excused = verdict(190.0, Some(0.48), None);
    assert_eq!(excused.verdict, Verdict::Inconclusive);
    assert!(excused.is_suspicious, "a second look is worth its time");
    assert!(
        excused
            .sentence
            .ends_with("it was ready to run for 48 % of its time while other programs had the CPU"),
        "{}",
        excused.sentence
    );
    // Asleep, not waiting; hardly waiting; still slow without the waiting; not waiting at the second look.
    assert!(verdict(190.0, Some(0.0), None).verdict.fails());
    assert!(verdict(190.0, None, None).verdict.fails());
    assert!(verdict(190.0, Some(0.06), None).verdict.fails());
    assert!(verdict(190.0, Some(0.35), None).verdict.fails());
    assert!(verdict(190.0, Some(0.48), Some(0.01)).verdict.fails());
    // It needed more of the CPU: the machine may always be that busy.
    assert!(judged((190.0, 180.0), Some(0.48), None).verdict.fails());
    assert_eq!(
        verdict(190.0, Some(0.48), Some(0.47)).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_core_that_was_shared_at_every_look_excuses_time_and_nothing_else() {
    let verdict = |metric, sharing, again: Option<f64>| {
        let value = |sharing| Value {
            sharing,
            ..three(150.0)
        };
        let subject = Subject {
            again: again.map(|times| value(Some(times))),
            ..subject(metric, value(sharing))
        };
        judge(&[subject], &Rules::defaults(), &Terms::default()).judged[0].verdict
    };

    let time = TIME;
    let memory = (names::PEAK_MEMORY, Direction::Lower, MetricKind::Memory);
    assert_eq!(verdict(time, Some(1.5), None), Verdict::Inconclusive);
    assert_eq!(verdict(time, Some(1.5), Some(1.4)), Verdict::Inconclusive);
    assert!(verdict(time, Some(1.5), Some(1.0)).fails());
    assert!(verdict(time, Some(1.05), None).fails());
    assert!(verdict(time, None, None).fails());
    assert!(verdict(memory, Some(1.5), None).fails());
}

#[test]
fn a_rate_whose_time_is_fine_wakes_nobody_and_one_without_a_time_does() {
    const RATE: (&str, Direction, MetricKind) =
        (names::THROUGHPUT, Direction::Higher, MetricKind::Throughput);
    let time = |value| subject(TIME, three(value));
    let rate = || subject(RATE, three(88.0));
    let of_rate = |subjects: &[Subject]| {
        let judged = judge(subjects, &Rules::defaults(), &Terms::default()).judged;
        let rate = judged
            .iter()
            .find(|one| one.metric.name == names::THROUGHPUT);
        rate.map(|one| one.verdict)
    };

    let warning = Some(Verdict::Regressed(Severity::Warning));
    assert_eq!(of_rate(&[time(113.6), rate()]), Some(Verdict::Inconclusive));
    assert_eq!(of_rate(&[time(116.0), rate()]), warning);
    assert_eq!(of_rate(&[rate()]), warning);
}
