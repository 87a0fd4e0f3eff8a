//! What people see at the end of a run that could be judged: marks, movers, what could be done, one line.

use benchhost_advice::Recommendation;
use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{
    CaseResult, Direction, FlagKind, Metric, MetricKind, Outcome, Phase, Run, Severity,
};
use benchhost_report::terminal::{Shown, render, render_judgements, render_run};

use crate::fixture::{With as _, case, run};

/// Compares with the file of this name, and shows the whole text when it differs.
macro_rules! assert_text {
    ($text:expr, $name:literal) => {
        let text = $text;
        let expected = include_str!(concat!("judged/", $name, ".txt"));
        assert!(
            text == expected,
            "{} is now\n<<<<{}\n{text}>>>>",
            $name,
            $name
        );
    };
}

fn measured(n: i64, time: f64) -> CaseResult {
    let memory = 90.0 * 1_048_576.0;
    case("p/w", &[("n", n)])
        .time(time, 0.01, Some(1.2 * time))
        .metric("throughput", "items/s", MetricKind::Throughput, 1e9 / time)
        .metric("peak-memory", "B", MetricKind::Memory, memory)
}

fn said(
    n: i64,
    metric: (&str, &str, MetricKind),
    verdict: Verdict,
    values: (f64, f64),
) -> Judgement {
    let (name, unit, kind) = metric;
    let (value, reference) = values;
    Judgement {
        case: measured(n, 1.0).case.id.to_string(),
        metric: Metric::new(name, unit, Direction::Lower, kind),
        verdict,
        rule: "history".to_owned(),
        place: "default".to_owned(),
        value,
        reference,
        effect: (value - reference) / reference,
        interval: None,
        p: None,
        n: 10,
        runs: Vec::new(),
        is_suspicious: false,
        sentence: String::new(),
    }
}

const TIME: (&str, &str, MetricKind) = ("time", "ns", MetricKind::Time);
const MEMORY: (&str, &str, MetricKind) = ("peak-memory", "B", MetricKind::Memory);
const RATE: (&str, &str, MetricKind) = ("throughput", "items/s", MetricKind::Throughput);

/// A case of every kind.
fn everything() -> (Run, Judgements) {
    let failed = case("p/w", &[("n", 8)]).ended(
        Outcome::Exit {
            phase: Phase::Measure,
            code: 3,
        },
        "",
    );
    let mut cases: Vec<CaseResult> = (1..=7).map(|n| measured(n, 1e6 * n as f64)).collect();
    cases[0] = cases[0]
        .clone()
        .flag(FlagKind::SharedCore, "another program was there");
    cases.push(failed);
    let mib = 1_048_576.0;
    let judged = vec![
        said(8, TIME, Verdict::Failed, (f64::NAN, f64::NAN)),
        said(
            2,
            MEMORY,
            Verdict::Regressed(Severity::Critical),
            (90.0 * mib, 45.0 * mib),
        ),
        said(3, TIME, Verdict::TargetMissed, (3e6, 2e6)),
        said(
            1,
            TIME,
            Verdict::Regressed(Severity::Warning),
            (1e6, 0.893e6),
        ),
        said(
            1,
            RATE,
            Verdict::Regressed(Severity::Warning),
            (1000.0, 1120.0),
        ),
        said(4, TIME, Verdict::Improved, (4e6, 4.348e6)),
        said(5, TIME, Verdict::Inconclusive, (5e6, 4.8e6)),
        said(2, TIME, Verdict::Unchanged, (2e6, 2e6)),
        said(6, TIME, Verdict::Unchanged, (6e6, 6e6)),
        said(7, TIME, Verdict::InsufficientData, (7e6, f64::NAN)),
    ];
    let judged = Judgements {
        judged,
        ..Judgements::default()
    };
    (run(cases), judged)
}

fn advice(count: usize) -> Vec<Recommendation> {
    let one = |index: usize| Recommendation {
        rule: format!("rule-{index}"),
        rank: index as u32,
        case: "p/w?n=1&threads=2".to_owned(),
        cases: vec![
            "p/w?n=1&threads=2".to_owned(),
            "p/w?n=2&threads=2".to_owned(),
        ],
        about: String::new(),
        more: 1,
        metric: "time".to_owned(),
        number: "612 ms".to_owned(),
        condition: "value > 500ms".to_owned(),
        text: "612 ms are long to wait for: quantise the model.".to_owned(),
        evidence: String::new(),
    };
    (0..count).map(one).collect()
}

fn shown<'a>(run: &'a Run, judged: &'a Judgements, advice: &'a [Recommendation]) -> Shown<'a> {
    Shown {
        run,
        judged: Some(judged),
        recommendations: advice,
        verbose: false,
        width: None,
        colour: false,
        ascii: false,
    }
}

#[test]
fn a_judged_run_has_marks_movers_advice_and_one_line() {
    let (run, judged) = everything();
    let advice = advice(5);
    let whole = shown(&run, &judged, &advice);

    assert_text!(render_run(&whole), "whole");
    assert_text!(
        render_run(&Shown {
            width: Some(80),
            ..whole
        }),
        "whole-80"
    );
}

#[test]
fn verbose_shows_every_metric_with_its_verdict_and_the_machine() {
    let (run, judged) = everything();
    let advice = advice(5);
    let verbose = Shown {
        verbose: true,
        width: Some(120),
        ..shown(&run, &judged, &advice)
    };

    assert_text!(render_run(&verbose), "verbose-120");
}

#[test]
fn an_old_terminal_gets_the_same_lines_in_ascii() {
    let (run, judged) = everything();
    let advice = advice(1);
    let modern = shown(&run, &judged, &advice);
    let old = render_run(&Shown {
        ascii: true,
        ..modern
    });

    assert!(old.is_ascii(), "{old}");
    for words in [
        "^ +12 % worse",
        "v -8.0 % better",
        "x target-missed",
        "? inconclusive",
        "peak-memory: ^ +100 % worse",
    ] {
        assert!(old.contains(words), "{words}: {old}");
    }
    let widths =
        |text: &str| -> Vec<usize> { text.lines().map(|line| line.chars().count()).collect() };
    assert_eq!(widths(&old), widths(&render_run(&modern)));
}

#[test]
fn a_run_without_verdicts_looks_as_it_always_did() {
    let (run, _) = everything();
    let nothing = Judgements::default();

    assert_eq!(
        render_run(&shown(&run, &nothing, &[])),
        render(&run, None, false)
    );
}

#[test]
fn a_failed_case_says_its_verdict_and_its_id_once() {
    let (_, mut judged) = everything();
    judged.judged[0].sentence = format!(
        "{}: no time: ended by SIGABRT in warm-up",
        judged.judged[0].case
    );

    let text = render_judgements("run x", &judged, false, Some(200), false);

    let line = text
        .lines()
        .find(|line| line.contains("n=8"))
        .expect("it failed");
    assert_eq!(
        line.trim(),
        "p/w?n=8&threads=2  failed: ended by SIGABRT in warm-up"
    );
}

#[test]
fn a_change_is_told_alike_by_check_and_by_the_tables() {
    let judged = Judgements {
        judged: vec![
            said(1, TIME, Verdict::TargetMissed, (111.6, 1.0)),
            said(
                2,
                ("accuracy", "1", MetricKind::Ratio),
                Verdict::Unchanged,
                (0.125, 0.125),
            ),
        ],
        ..Judgements::default()
    };
    let text = render_judgements("run x", &judged, true, Some(200), false);

    assert!(text.contains(" ×111.6 "), "{text}");
    assert!(text.contains(" 12.5 %     12.5 %   0.0 % "), "{text}");
    let mut run = run(vec![measured(1, 111.6)]);
    run.cases[0].flags.clear();
    let verbose = Shown {
        verbose: true,
        ..shown(&run, &judged, &[])
    };
    let text = render_run(&verbose);
    assert!(text.contains("  ×111.6  "), "{text}");
    assert!(!text.contains("= unchanged"), "{text}");
}

#[test]
fn flags_of_cases_without_a_speed_are_counted_apart() {
    let failed = |n: i64| {
        case("p/w", &[("n", n)])
            .ended(
                Outcome::Exit {
                    phase: Phase::Measure,
                    code: 3,
                },
                "",
            )
            .flag(FlagKind::DebugBuild, "of a failed one")
    };
    let fine = |n: i64| measured(n, 1e6).flag(FlagKind::DebugBuild, "of a fine one");
    let said = |cases: Vec<CaseResult>| {
        let text = render(&run(cases), None, false);
        let line = text.lines().find(|line| line.contains("debug-build  of"));
        line.expect("it is said").trim().to_owned()
    };

    assert_eq!(
        said(vec![failed(1), fine(2), failed(3), fine(4)]),
        "debug-build  of a fine one (the first of 4 cases, 2 of them without a speed)"
    );
    assert_eq!(
        said(vec![fine(1), fine(2)]),
        "debug-build  of a fine one (the first of 2 cases)"
    );
    assert_eq!(
        said(vec![failed(1), failed(2)]),
        "debug-build  of a failed one (the first of 2 cases, none with a speed)"
    );
    assert_eq!(said(vec![fine(1)]), "debug-build  of a fine one");
}

#[test]
fn of_many_movers_ten_are_shown_and_the_others_are_counted() {
    let run = run((1..=13).map(|n| measured(n, 1e6)).collect());
    let judged = (1..=13).map(|n| said(n, TIME, Verdict::Improved, (1e6, 2e6)));
    let judged = Judgements {
        judged: judged.collect(),
        ..Judgements::default()
    };

    let text = render_run(&shown(&run, &judged, &[]));

    let movers = text.split("movers\n").nth(1).expect("there are movers");
    assert_eq!(
        movers
            .lines()
            .filter(|line| line.contains("better"))
            .count(),
        10
    );
    assert!(movers.contains("… +3 cases: benchhost check"), "{movers}");
    assert!(text.ends_with("13 cases: 13 ok · 13 improved · 23.4 s · run 20261121T040512Z-kfwq\n"));
}

#[test]
fn colour_changes_nothing_but_colour_and_no_line_is_wider_than_the_terminal() {
    let (run, judged) = everything();
    let advice = advice(5);
    for verbose in [false, true] {
        for width in 40..160 {
            let plain = Shown {
                verbose,
                width: Some(width),
                ..shown(&run, &judged, &advice)
            };
            let text = render_run(&plain);
            for line in text.lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
            let painted = render_run(&Shown {
                colour: true,
                ..plain
            });
            let mut parts = painted.split('\u{1b}');
            let mut bare = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                bare.push_str(part.split_once('m').expect("a colour ends").1);
            }
            assert_eq!(bare, text);
        }
    }
}

#[test]
fn hostile_text_stays_on_its_line_and_moves_nothing() {
    let name = format!(
        "x\u{1b}[2J\u{202e}<script>\n\r\u{7}\u{9b}31m{}",
        "y".repeat(300)
    );
    let (mut run, mut judged) = everything();
    for result in &mut run.cases {
        result.case.id = benchhost_record::CaseId::from(format!("p/w?n={name}"));
        result
            .measurements
            .iter_mut()
            .for_each(|one| one.metric.name.push_str(&name));
        result
            .measurements
            .iter_mut()
            .for_each(|one| one.metric.unit.push_str(&name));
    }
    for one in &mut judged.judged {
        one.case = format!("p/w?n={name}");
        one.metric.name.push_str(&name);
        one.rule.clone_from(&name);
    }
    let mut advice = advice(3);
    for one in &mut advice {
        for text in [
            &mut one.rule,
            &mut one.case,
            &mut one.metric,
            &mut one.text,
            &mut one.number,
        ] {
            text.clone_from(&name);
        }
    }
    run.environment.cpu.model = Some(name.clone());
    run.command = vec![name.clone()];

    for verbose in [false, true] {
        let text = render_run(&Shown {
            verbose,
            width: Some(100),
            ..shown(&run, &judged, &advice)
        });

        let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(is_bad), "{text:?}");
        assert!(!text.lines().any(|line| line == "x"), "a line of its own");
    }
}
