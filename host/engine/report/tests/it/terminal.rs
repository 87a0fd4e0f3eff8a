//! What people see at the end of a run, in the widths of real terminals.

use benchhost_record::{CaseResult, FlagKind, MetricKind, Outcome, Phase, Run, RunState};
use benchhost_report::terminal::render;

use crate::fixture::{With as _, case, refused, run};

/// Compares with the file of this name, and shows the whole text when it differs.
macro_rules! assert_text {
    ($text:expr, $name:literal) => {
        let text = $text;
        let expected = include_str!(concat!("terminal/", $name, ".txt"));
        assert!(
            text == expected,
            "{} is now\n<<<<{}\n{text}>>>>",
            $name,
            $name
        );
    };
}

fn training(batch: i64, window: i64, time: f64, tail: Option<f64>) -> CaseResult {
    case(
        "contrastive/training",
        &[("batch", batch), ("window", window), ("stride", 64)],
    )
    .time(time, 0.0042, tail)
    .metric(
        "throughput",
        "samples/s",
        MetricKind::Throughput,
        batch as f64 / (time * 1e-9),
    )
    .metric("time.forward", "ns", MetricKind::Time, time * 0.31)
    .metric("time.backward", "ns", MetricKind::Time, time * 0.52)
    .metric("loss", "nat", MetricKind::Quality, 2.0794)
    .metric("accuracy", "1", MetricKind::Ratio, 0.8125)
    .metric("cpu-time", "ns", MetricKind::Time, time * 1.9)
    .metric("peak-memory", "B", MetricKind::Memory, 91.3 * 1_048_576.0)
    .metric("setup-time", "ns", MetricKind::Time, 1e8)
}

fn ordinary() -> Run {
    let data = |stage: i64, time: f64| {
        case("contrastive/data", &[("ids", stage)]).time(time, 0.023, Some(time * 1.2))
    };
    let mut cases = vec![
        training(8, 512, 12_310_000.0, Some(13_870_000.0)),
        training(16, 512, 24_780_000.0, None),
        training(32, 1024, 104_200_000.0, None).flag(
            FlagKind::Descheduled,
            "the scheduler took the CPU away 41 times in 50 samples",
        ),
        data(19, 3120.0),
        data(1000, 88.4),
    ];
    cases[4] = cases[4]
        .clone()
        .flag(
            FlagKind::Descheduled,
            "the scheduler took the CPU away 7 times in 50 samples",
        )
        .flag(FlagKind::Bimodal, "the samples gather around two levels");
    run(cases)
}

fn broken() -> Run {
    let noop =
        |n| case("misbehave/trouble", &[("after", n), ("size", 1 << 20)]).time(1000.0, 0.3, None);
    let phase = Phase::Measure;
    let mut result = run(vec![
        noop(1),
        noop(2).ended(
            Outcome::Panic {
                phase,
                message: "index out of bounds: the len is 3 but the index is 7".to_owned(),
                detail: "at src/lib.rs:41:9\n   0: trouble::iterate\n   1: batch".to_owned(),
            },
            "warming\n\u{1b}[31mred alert\u{1b}[0m\nstack backtrace:\n   0: trouble::iterate\n             at src/lib.rs:41:9\n",
        ),
        noop(3).ended(
            Outcome::Signal {
                phase,
                signal: 11,
                name: "SIGSEGV".to_owned(),
            },
            "",
        ),
        noop(4).ended(
            Outcome::OomLimit {
                phase,
                limit_bytes: 1 << 30,
                peak_bytes: 1_080_000_000,
            },
            "",
        ),
        noop(5).ended(
            Outcome::Stall {
                phase,
                limit_ns: 2_000_000_000,
            },
            "",
        ),
        noop(6).ended(
            Outcome::PluginError {
                phase: Phase::Create,
                message: "cannot open `missing.h5`".to_owned(),
                detail: "No such file or directory (os error 2)".to_owned(),
            },
            "",
        ),
        noop(7).ended(
            Outcome::Wrong {
                rule: "verify".to_owned(),
                message: "sum is 6, expected 7".to_owned(),
            },
            "",
        ),
        noop(8).ended(
            Outcome::Skipped {
                reason: "no NVIDIA driver here".to_owned(),
            },
            "",
        ),
        noop(9).ended(
            Outcome::Skipped {
                reason: "no NVIDIA driver here".to_owned(),
            },
            "",
        ),
    ]);
    result.plugins.push(refused("old", "built for plugin API 0.9, this host speaks 1.0\nrebuild it with `cargo build --release -p old`"));
    result
}

#[test]
fn an_ordinary_run_is_a_table_for_each_workload() {
    assert_text!(render(&ordinary(), None, false), "ordinary");
}

#[test]
fn less_room_costs_the_least_important_columns_and_says_so() {
    assert_text!(render(&ordinary(), Some(120), false), "ordinary-120");
    assert_text!(render(&ordinary(), Some(80), false), "ordinary-80");
    assert_text!(render(&ordinary(), Some(60), false), "ordinary-60");
}

#[test]
fn failures_of_every_kind_have_their_sentence_and_their_evidence() {
    assert_text!(render(&broken(), None, false), "broken");
    assert_text!(render(&broken(), Some(80), false), "broken-80");
}

#[test]
fn a_run_without_cases_still_says_what_it_was() {
    let mut empty = run(Vec::new());
    empty.finished = None;

    assert_text!(render(&empty, Some(80), false), "empty");
}

#[test]
fn an_interrupted_run_says_how_far_it_came() {
    let mut interrupted = run(vec![training(8, 512, 1e7, None)]);
    interrupted.state = RunState::Interrupted;
    interrupted.planned_cases = 6;
    interrupted.finished = Some("2026-11-21T05:06:13Z".to_owned());

    let text = render(&interrupted, None, false);

    assert_eq!(
        text.lines().last().unwrap(),
        "1 of 6 cases: 1 ok · interrupted · 1 h 1 min 1 s · run 20261121T040512Z-kfwq"
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for run in [ordinary(), broken()] {
        for width in 40..200 {
            for line in render(&run, Some(width), false).lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    for run in [ordinary(), broken()] {
        let painted = render(&run, Some(100), true);
        let mut plain = String::new();
        for (i, part) in painted.split('\u{1b}').enumerate() {
            plain.push_str(if i == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            });
        }

        assert!(painted.contains("\u{1b}[1m"));
        assert_eq!(plain, render(&run, Some(100), false));
    }
}
