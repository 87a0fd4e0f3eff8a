//! Two stored runs: the same verdicts, without the lock-step.

use std::path::PathBuf;

use serde_json::Value;

use super::{compare, one, reason, verdict};
use crate::support::{Sandbox, plugin};

/// A run of the fixture's arithmetic with five repetitions, and the file it is in.
fn run(sandbox: &Sandbox, name: &str, repetitions: &str) -> PathBuf {
    let kernels = plugin("fixture-kernels");
    let plugin = kernels.to_str().unwrap();
    let output = sandbox.run(&[
        "run",
        "--plugin",
        plugin,
        "--filter",
        "kernels/arithmetic",
        "--repetitions",
        repetitions,
        "--max-time",
        "20ms",
        "--out",
        name,
    ]);
    assert_eq!(output.code, Some(0), "{output:?}");
    sandbox.path().join(name).join("run.json")
}

/// Writes a copy of the run in `file` that was changed by `change`.
fn changed(
    sandbox: &Sandbox,
    file: &PathBuf,
    name: &str,
    change: impl FnOnce(&mut Value),
) -> PathBuf {
    let mut run: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    change(&mut run);
    sandbox.write(&format!("{name}/run.json"), run.to_string())
}

/// Sets every sample of the time of every case to `level` times a number near 1000 that differs by repetition.
fn set_times(run: &mut Value, level: f64) {
    for case in run["cases"].as_array_mut().unwrap() {
        for measurement in case["measurements"].as_array_mut().unwrap() {
            let samples = &mut measurement["samples"];
            let repetitions = samples["repetition"].as_array().unwrap().clone();
            for (value, repetition) in samples["value"]
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .zip(repetitions)
            {
                let scatter = 1.0 + 1e-4 * repetition.as_f64().unwrap();
                *value = (1000.0 * level * scatter).into();
            }
        }
    }
}

#[test]
fn a_stored_regression_is_found_and_twins_are_equivalent() {
    let sandbox = Sandbox::new();
    let file = run(&sandbox, "measured", "5");
    let base = changed(&sandbox, &file, "base", |run| set_times(run, 1.0));
    let slower = changed(&sandbox, &file, "slower", |run| set_times(run, 1.2));

    let (output, json) = compare(&sandbox, [&base, &slower], &[]);
    assert_eq!(
        (verdict(&json, "arithmetic"), output.code),
        ("slower", Some(4)),
        "{output:?}"
    );
    let found = one(&json, "arithmetic");
    assert!((found["ratio"].as_f64().unwrap() - 1.2).abs() < 1e-6);
    assert_eq!((&found["rounds"], &found["pairs"]), (&5.into(), &0.into()));

    let (output, json) = compare(&sandbox, [&base, base.parent().unwrap()], &[]);
    assert_eq!(
        (verdict(&json, "arithmetic"), output.code),
        ("equivalent", Some(0)),
        "{output:?}"
    );
}

#[test]
fn other_machines_are_refused_unless_asked_for() {
    let sandbox = Sandbox::new();
    let file = run(&sandbox, "here", "2");
    let elsewhere = changed(&sandbox, &file, "elsewhere", |run| {
        run["environment"]["fingerprint"] = "another".into();
    });

    let (refused, _) = compare(&sandbox, [&file, &elsewhere], &[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("different machines"), "{refused:?}");
    assert!(refused.stderr.contains("--across-machines"), "{refused:?}");

    let (allowed, json) = compare(&sandbox, [&file, &elsewhere], &["--across-machines"]);
    assert_ne!(verdict(&json, "arithmetic"), "failed", "{allowed:?}");
}

#[test]
fn what_one_run_lacks_fails_and_one_process_says_nothing_of_another() {
    let sandbox = Sandbox::new();
    let file = run(&sandbox, "one", "1");
    let (output, json) = compare(&sandbox, [&file, &file], &[]);
    assert_eq!(
        (verdict(&json, "arithmetic"), output.code),
        ("inconclusive", Some(0)),
        "{output:?}"
    );
    assert!(
        reason(&json, "arithmetic").contains("--repetitions"),
        "{json}"
    );

    let other = changed(&sandbox, &file, "other", |run| {
        let id = "kernels/arithmetic?threads=7";
        run["cases"][0]["case"]["id"] = id.into();
    });
    let (output, json) = compare(&sandbox, [&file, &other], &[]);
    assert_eq!(verdict(&json, "threads=7"), "failed");
    assert!(reason(&json, "threads=7").contains("the baseline run does not have this case"));
    assert!(reason(&json, "threads=1").contains("the candidate run does not have this case"));
    assert_eq!(output.code, Some(1));

    let crashed = changed(&sandbox, &file, "crashed", |run| {
        run["cases"][0]["outcome"] =
            serde_json::json!({"kind": "exit", "phase": "measure", "code": 3});
    });
    let (_, json) = compare(&sandbox, [&file, &crashed], &[]);
    assert!(reason(&json, "arithmetic").contains("in the candidate run: the process ended itself"));
}

#[test]
fn files_that_are_no_runs_are_refused_with_a_sentence() {
    let sandbox = Sandbox::new();
    let file = run(&sandbox, "good", "1");
    let newer = changed(&sandbox, &file, "newer", |run| run["schema"] = 99.into());
    let cases = [
        (sandbox.write("text.json", "hello"), "is no stored run"),
        (sandbox.path().join("missing.json"), "cannot read the run"),
        (newer, "this version cannot read (schema 99)"),
    ];
    for (bad, sentence) in cases {
        let (output, _) = compare(&sandbox, [&file, &bad], &[]);
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(sentence), "{output:?}");
    }
    for option in [
        ["--param", "a=1"],
        ["--max-time", "1s"],
        ["--max-rounds", "3"],
    ] {
        let (output, _) = compare(&sandbox, [&file, &file], &option);
        let sentence = format!("{} has no meaning for stored runs", option[0]);
        assert!(output.stderr.contains(&sentence), "{output:?}");
    }
}

#[test]
fn a_metric_that_means_something_else_is_not_compared() {
    let sandbox = Sandbox::new();
    let file = run(&sandbox, "good", "1");
    let seconds = changed(&sandbox, &file, "seconds", |run| {
        for measurement in run["cases"][0]["measurements"].as_array_mut().unwrap() {
            measurement["metric"]["unit"] = "s".into();
        }
    });

    let (_, json) = compare(&sandbox, [&file, &seconds], &[]);

    let why = reason(&json, "arithmetic");
    assert!(
        why.contains("in `ns`, lower is better in the baseline and in `s`"),
        "{why}"
    );
}
