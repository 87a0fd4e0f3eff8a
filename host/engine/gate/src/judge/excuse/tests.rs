use benchhost_record::{Direction, Metric, MetricKind, Severity, names};

use crate::{Past, Rules, Subject, Terms, Value, Verdict, judge};

/// Six disturbed cases at `times`, after two runs at 100.
fn verdicts(times: [f64; 6], is_disturbed: bool) -> Vec<(String, Verdict)> {
    let subject = |(index, time): (usize, f64)| Subject {
        case: format!("p/w?i={index}"),
        benchmark: "b".to_owned(),
        metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
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

#[test]
fn waiting_excuses_what_it_explains_and_no_more() {
    let judged = |(time, cpu_time): (f64, f64), waited_share, again: Option<f64>| {
        let value = |time: f64, waited_share| Value {
            repetitions: vec![time; 3],
            is_disturbed: true,
            waited_share,
            ..Value::plain(time)
        };
        let past = Past {
            value: 100.0,
            ..Past::default()
        };
        let subject = |name: &str, time: f64| Subject {
            case: "p/w".to_owned(),
            benchmark: "b".to_owned(),
            metric: Metric::new(name, "ns", Direction::Lower, MetricKind::Time),
            value: Ok(value(time, waited_share)),
            again: again.map(|share| value(time, Some(share))),
            target: None,
            baseline: None,
            past: vec![past.clone(); 2],
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
            metric: Metric::new(name, "ns", Direction::Lower, kind),
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
fn a_rate_whose_time_is_fine_wakes_nobody_and_one_without_a_time_does() {
    let subject = |name: &str, direction, kind, value: f64| Subject {
        case: "p/w".to_owned(),
        benchmark: "b".to_owned(),
        metric: Metric::new(name, "x", direction, kind),
        value: Ok(Value {
            repetitions: vec![value; 3],
            ..Value::plain(value)
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
    let time = |value| subject(names::TIME, Direction::Lower, MetricKind::Time, value);
    let rate = || {
        subject(
            names::THROUGHPUT,
            Direction::Higher,
            MetricKind::Throughput,
            88.0,
        )
    };
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
