//! `benchhost history changes`: series of a file and of the history, and what cannot be read.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Sandbox, made_run, store};

/// Two series, one with a step at 60, a missing value in each way, in rows that alternate.
fn csv() -> String {
    let mut text = "series,time,value,unit\n".to_owned();
    for i in 0..100_u32 {
        let wobble = f64::from((i * 37) % 11) / 11.0;
        let step = if i < 60 { 100.0 } else { 112.0 } + wobble;
        let (first, second) = match i {
            10 => (String::new(), "NaN".to_owned()),
            _ => (step.to_string(), (50.0 + wobble).to_string()),
        };
        let _ = writeln!(text, "stepped,2026-01-{i},{first},ms\nflat,{i},{second},ms");
    }
    text
}

#[test]
fn steps_of_a_file_are_told_with_index_time_levels_and_interval() {
    let sandbox = Sandbox::new();
    sandbox.write("s.csv", csv());

    let output = sandbox.run(&["history", "changes", "--input", "s.csv", "--format", "json"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let found: Value = serde_json::from_str(&output.stdout).unwrap();
    let series = found["series"].as_array().unwrap();
    let names: Vec<_> = series
        .iter()
        .map(|one| {
            (
                one["series"].as_str().unwrap(),
                one["points"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("stepped", 100), ("flat", 100)]);
    assert_eq!(series[1]["changes"].as_array().unwrap().len(), 0, "{found}");
    let change = &series[0]["changes"][0];
    assert_eq!(
        (&change["index"], &change["time"], &change["kind"]),
        (&60.into(), &"2026-01-60".into(), &"step".into())
    );
    assert!((change["before"].as_f64().unwrap() - 100.5).abs() < 0.5);
    assert!((change["after"].as_f64().unwrap() - 112.5).abs() < 0.5);
    assert_eq!(change["interval"], serde_json::json!([60, 60]));
    assert!(change["confidence"].as_f64().unwrap() > 0.99);
    assert!(
        !sandbox.path().join(".benchhost").exists(),
        "the store is not touched"
    );

    let table = sandbox.run(&["history", "changes", "--input", "s.csv", "--case", "step*"]);
    assert!(
        table.stdout.contains("+11.9 %") && table.stdout.contains("1 of 1 series changed"),
        "{table:?}"
    );
}

#[test]
fn numbers_stay_numbers_as_times() {
    let sandbox = Sandbox::new();
    sandbox.write("s.csv", csv().replace("2026-01-", ""));

    let output = sandbox.run(&["history", "changes", "--input", "s.csv", "--format", "json"]);

    let found: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(found["series"][0]["changes"][0]["time"], 60);
}

#[test]
fn metrics_of_one_case_are_series_of_their_own() {
    let sandbox = Sandbox::new();
    let rows = (0..12).map(|i| format!("case,time,{i},5\ncase,memory,{i},700\n"));
    let rows: String = rows.collect();
    sandbox.write("s.csv", format!("series,metric,time,value\n{rows}"));

    let output = sandbox.run(&["history", "changes", "--input", "s.csv", "--format", "json"]);

    let found: Value = serde_json::from_str(&output.stdout).unwrap();
    let series = found["series"].as_array().unwrap();
    assert_eq!(series.len(), 2, "{found}");
    assert!(
        series
            .iter()
            .all(|one| one["changes"] == serde_json::json!([])),
        "{found}"
    );
}

#[test]
fn files_that_cannot_be_read_are_named_with_the_line() {
    let sandbox = Sandbox::new();
    for (text, sentence) in [
        ("", "no column `series` in the header"),
        (
            "name,time,value\n",
            "no column `series` in the header \"name,time,value\"",
        ),
        (
            "series,time,value\na,1,fast\n",
            "s.csv:2: value \"fast\" is no number",
        ),
        (
            "series,time,value\na,1,1\nb\n",
            "s.csv:3: 1 fields found, `time` is missing",
        ),
    ] {
        sandbox.write("s.csv", text);
        let output = sandbox.run(&["history", "changes", "--input", "s.csv"]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(sentence), "{output:?}");
    }
    sandbox.write("s.csv", [0xFF, 0xFE, b',', b'\n']);
    assert_eq!(
        sandbox
            .run(&["history", "changes", "--input", "s.csv"])
            .code,
        Some(2)
    );
    let missing = sandbox.run(&["history", "changes", "--input", "nope.csv"]);
    assert!(
        missing.stderr.contains("cannot read `nope.csv`"),
        "{missing:?}"
    );
}

#[test]
fn series_of_the_history_are_looked_at_too() {
    let sandbox = Sandbox::new();
    let runs: Vec<_> = (0..40)
        .map(|i| {
            let wobble = 1.0 + 0.004 * (((i * 7) % 5) as f64 - 2.0);
            let level = if i < 25 { 1000.0 } else { 1150.0 };
            made_run(i, &[("steps", level * wobble), ("stays", 500.0 * wobble)])
        })
        .collect();
    store(&sandbox.path().join(".benchhost/history.db"), &runs);

    let output = sandbox.run(&["history", "changes", "--format", "json"]);

    let found: Value = serde_json::from_str(&output.stdout).unwrap();
    let series = found["series"].as_array().unwrap();
    assert_eq!(series.len(), 2, "{found}");
    assert!(
        series[0]["series"]
            .as_str()
            .unwrap()
            .starts_with("p/stays?threads=1 time")
    );
    assert_eq!(series[0]["changes"].as_array().unwrap().len(), 0);
    assert_eq!(series[1]["changes"][0]["index"], 25);
    let part = sandbox.run(&[
        "history", "changes", "--case", "p/stays", "--format", "json",
    ]);
    assert!(!part.stdout.contains("p/steps"), "{part:?}");
}
