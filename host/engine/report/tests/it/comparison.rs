//! Comparisons as a table and as JSON.

use benchhost_record::{
    CaseId, ComparedSide, Comparison, Comparisons, Direction, Environment, Flag, FlagKind,
    Interval, Method, Metric, MetricKind, Verdict,
};
use benchhost_report::{json, terminal::render_comparisons};

fn metric(name: &str, kind: MetricKind) -> Metric {
    let unit = if kind == MetricKind::Time { "ns" } else { "B" };
    Metric::new(name, unit, Direction::Lower, kind)
}

fn comparison(case: &str, verdict: Verdict) -> Comparison {
    Comparison {
        case: CaseId::from(case.to_owned()),
        metric: metric("time", MetricKind::Time),
        verdict,
        ratio: Some(1.0234),
        interval: Some(Interval {
            low: 1.01,
            high: 1.04,
            confidence: 0.995,
        }),
        rounds: 12,
        pairs: 144,
        seconds: 0.25,
        round_sd: Some(0.0031),
        baseline: Some(1000.0),
        candidate: Some(1023.4),
        reason: None,
        flags: Vec::new(),
    }
}

fn all(comparisons: Vec<Comparison>) -> Comparisons {
    let side = |name: &str| ComparedSide {
        name: name.into(),
        ..ComparedSide::default()
    };
    Comparisons {
        method: Method::PairedRounds,
        baseline: side("old.so"),
        candidate: side("new.so"),
        level: 0.005,
        tolerance: 0.0033,
        margin: 0.01,
        seed: 7,
        host_version: "0.1.0".into(),
        environment: Environment::default(),
        interrupted: false,
        comparisons,
    }
}

fn mixed() -> Comparisons {
    let open = Comparison {
        interval: Some(Interval {
            low: 0.0,
            high: f64::INFINITY,
            confidence: 0.995,
        }),
        reason: Some("budget spent; about 30 rounds would decide".into()),
        flags: vec![Flag {
            kind: FlagKind::OtherLoad,
            message: "others used 40 % of CPU 1".into(),
        }],
        ..comparison("p/open?threads=1", Verdict::Inconclusive)
    };
    let failed = Comparison {
        ratio: None,
        interval: None,
        round_sd: None,
        reason: Some("the candidate failed in round 3: ended by \u{1b}[31mSIGSEGV".into()),
        ..comparison("p/failed?threads=1", Verdict::Failed)
    };
    let memory = Comparison {
        metric: metric("peak-memory", MetricKind::Memory),
        ..comparison("p/slow?threads=1", Verdict::Worse)
    };
    all(vec![
        comparison("p/slow?threads=1", Verdict::Worse),
        memory,
        open,
        failed,
    ])
}

#[test]
fn the_table_says_what_is_known_and_what_is_missing() {
    let text = render_comparisons(&mixed(), None, false);

    for part in [
        "old.so → new.so",
        "p/slow?threads=1 time",
        "1.0234  1.0100 … 1.0400        slower      12    0.31 %     0.25",
        "p/slow?threads=1 peak-memory",
        " worse ",
        "0 … ∞  inconclusive",
        "failed: the candidate failed in round 3: ended by SIGSEGV",
        "p/open?threads=1 time: inconclusive: budget spent; about 30 rounds would decide",
        "other-load: others used 40 % of CPU 1",
        "4 comparisons: 1 slower, 1 worse, 1 inconclusive, 1 failed",
        "seed 7",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(
        !text.contains('\u{1b}'),
        "no colour was asked for, and none may come from a reason"
    );
}

#[test]
fn a_narrow_terminal_keeps_ratio_interval_and_verdict() {
    let text = render_comparisons(
        &all(vec![comparison(
            "plugin/workload?threads=1",
            Verdict::Equivalent,
        )]),
        Some(72),
        true,
    );

    let row = text.lines().find(|line| line.contains("1.0234")).unwrap();
    assert!(
        row.contains("1.0100 … 1.0400") && row.contains("equivalent"),
        "{text}"
    );
    assert!(
        !text.contains("baseline "),
        "the least needed columns go first: {text}"
    );
}

#[test]
fn scripts_get_the_documented_keys() {
    let text = json::comparisons(&mixed());

    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let first = &value["comparisons"][0];
    for key in [
        "case", "metric", "verdict", "ratio", "interval", "rounds", "pairs", "seconds",
    ] {
        assert!(!first[key].is_null(), "{key}");
    }
    assert_eq!(first["interval"], serde_json::json!([1.01, 1.04]));
    assert_eq!(
        value["comparisons"][2]["interval"],
        serde_json::json!([null, null]),
        "not known yet"
    );
    assert_eq!(value["comparisons"][3]["interval"], serde_json::Value::Null);
    assert_eq!(value["comparisons"][3]["verdict"], "failed");
    assert_eq!(
        (&value["seed"], &value["method"]),
        (&7.into(), &"paired-rounds".into())
    );
    assert!(text.ends_with("}\n") && text.lines().count() == 1);
}
