//! `benchhost check`, `baseline` and alerts: verdicts on runs whose values are known.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod baseline;
mod measured;

use benchhost_record::{Outcome, Phase, Run};
use serde_json::Value;

use crate::support::{Output, Sandbox, made_run, on_a_shared_core, store};

const HISTORY: &str = ".benchhost/history.db";

/// A sandbox whose history holds `runs`.
fn with(runs: &[Run]) -> Sandbox {
    let sandbox = Sandbox::new();
    store(&sandbox.path().join(HISTORY), runs);
    sandbox
}

/// Runs of `steady` and `other`, unchanged but for noise of half a per cent.
fn quiet(count: u64) -> Vec<Run> {
    (0..count)
        .map(|i| {
            let wobble = 1.0 + 0.005 * (((i * 7) % 5) as f64 - 2.0) / 2.0;
            made_run(
                i,
                &[("steady", 1000.0 * wobble), ("other", 5000.0 / wobble)],
            )
        })
        .collect()
}

/// A case that panicked.
fn boom() -> Outcome {
    Outcome::Panic {
        phase: Phase::Measure,
        message: "boom".to_owned(),
        detail: String::new(),
    }
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn check(sandbox: &Sandbox, more: &[&str]) -> (Output, Value) {
    let output = sandbox.run(&[&["check", "--format", "json"], more].concat());
    let value = json(&output);
    (output, value)
}

fn verdicts(value: &Value) -> Vec<(String, String)> {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = value["verdicts"].as_array().unwrap();
    all.iter()
        .map(|one| (text(one, "case"), text(one, "verdict")))
        .collect()
}

#[test]
fn the_slower_case_is_named_first_and_the_others_are_unchanged() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 1200.0), ("other", 5000.0)]));
    let sandbox = with(&runs);

    let (output, found) = check(&sandbox, &[]);

    assert_eq!(output.code, Some(4), "{output:?}");
    let all = verdicts(&found);
    assert_eq!(
        all[0],
        ("p/steady?threads=1".to_owned(), "regressed".to_owned())
    );
    assert_eq!(
        all[1],
        ("p/other?threads=1".to_owned(), "unchanged".to_owned())
    );
    let first = &found["verdicts"][0];
    assert!(
        (first["effect"].as_f64().unwrap() - 0.2).abs() < 0.02,
        "{first}"
    );
    assert!(!first["runs"].as_array().unwrap().is_empty() && first["p"].as_f64().unwrap() < 0.005);
    let table = sandbox.run(&["check"]);
    assert!(
        table
            .stdout
            .contains("regressed (warning): time of p/steady?threads=1"),
        "{table:?}"
    );
}

#[test]
fn an_unchanged_run_is_fine_with_a_long_past_and_with_a_short_one() {
    for count in [2, 5, 12, 40] {
        let sandbox = with(&quiet(count));

        let (output, found) = check(&sandbox, &[]);

        assert_eq!(output.code, Some(0), "{count}: {output:?}");
        assert!(
            verdicts(&found)
                .iter()
                .all(|(_, verdict)| verdict == "unchanged"),
            "{found}"
        );
    }
}

#[test]
fn a_first_run_says_that_there_is_too_little() {
    let (output, found) = check(&with(&quiet(1)), &[]);

    assert_eq!(output.code, Some(0));
    assert!(
        verdicts(&found)
            .iter()
            .all(|(_, verdict)| verdict == "insufficient-data"),
        "{found}"
    );
}

#[test]
fn a_failed_case_has_no_speed_and_fails_the_check() {
    let mut runs = quiet(9);
    let case = &mut runs[8].cases[0];
    case.outcome = boom();
    case.measurements.clear();
    let sandbox = with(&runs);

    let (output, found) = check(&sandbox, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(verdicts(&found)[0].1, "failed");
    // The hole that it leaves is no value for the next run.
    store(
        &sandbox.path().join(HISTORY),
        &[made_run(9, &[("steady", 1001.0), ("other", 5000.0)])],
    );
    assert_eq!(check(&sandbox, &[]).0.code, Some(0));
}

#[test]
fn an_improvement_is_announced_and_fails_nothing() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 700.0), ("other", 5000.0)]));
    let sandbox = with(&runs);

    let (output, found) = check(&sandbox, &[]);

    assert_eq!(output.code, Some(0));
    assert_eq!(verdicts(&found)[0].1, "improved");
    let alerts = sandbox.run(&["history", "list", "--alerts"]);
    assert!(alerts.stdout.contains("improvement"), "{alerts:?}");
}

#[test]
fn alerts_open_are_confirmed_resolved_and_never_stay_red() {
    let sandbox = with(&quiet(12));
    let next = |index: u64, time: f64| {
        store(
            &sandbox.path().join(HISTORY),
            &[made_run(index, &[("steady", time), ("other", 5000.0)])],
        );
        let code = check(&sandbox, &[]).0.code;
        let alerts = json(&sandbox.run(&["history", "list", "--alerts", "--format", "json"]));
        let states = alerts["alerts"]
            .as_array()
            .unwrap_or(&Vec::new())
            .iter()
            .map(|a| a["state"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>();
        (code, states)
    };

    assert_eq!(next(12, 1300.0), (Some(4), vec!["opened".to_owned()]));
    assert_eq!(next(13, 1305.0), (Some(4), vec!["confirmed".to_owned()]));
    assert_eq!(next(14, 1001.0), (Some(0), vec!["resolved".to_owned()]));

    let mut last = (None, Vec::new());
    for index in 15..32 {
        last = next(index, 1300.0);
    }
    assert_eq!(last.0, Some(0), "a level that stays is the new normal");
    assert!(
        last.1
            .iter()
            .all(|state| state != "opened" && state != "confirmed"),
        "{last:?}"
    );
}

#[test]
fn what_was_accepted_is_fine_until_it_becomes_worse() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 1300.0), ("other", 5000.0)]));
    let sandbox = with(&runs);
    assert_eq!(check(&sandbox, &[]).0.code, Some(4));

    let accepted = sandbox.run(&[
        "history",
        "accept",
        "--case",
        "p/steady",
        "--reason",
        "checks more",
    ]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    let file = std::fs::read_to_string(sandbox.path().join("accepted.toml")).unwrap();
    assert!(file.contains("reason = \"checks more\""), "{file}");

    let (output, found) = check(&sandbox, &[]);
    assert_eq!(output.code, Some(0), "{found}");
    store(
        &sandbox.path().join(HISTORY),
        &[made_run(13, &[("steady", 1800.0), ("other", 5000.0)])],
    );
    assert_eq!(check(&sandbox, &[]).0.code, Some(4));
}

#[test]
fn rules_of_a_file_and_of_the_suite_are_heeded_and_named_when_wrong() {
    let mut runs = quiet(3);
    runs[2].gates = vec![benchhost_record::WrittenGate {
        toml: "metric = \"time\"\nmax = \"2 us\"\nname = \"two\"\n".to_owned(),
        place: "s.toml:9".to_owned(),
    }];
    let sandbox = with(&runs);

    let (output, found) = check(&sandbox, &[]);
    assert_eq!(output.code, Some(4));
    assert_eq!(found["verdicts"][0]["verdict"], "target-missed");
    assert_eq!(
        (
            &found["verdicts"][0]["rule"],
            &found["verdicts"][0]["place"]
        ),
        (&"two".into(), &"s.toml:9".into())
    );

    sandbox.write(
        "gates.toml",
        "[[gate]]\ncase = \"p/other*\"\nmetric = \"time\"\nmax = \"1 ms\"\n",
    );
    assert_eq!(
        check(&sandbox, &[]).0.code,
        Some(0),
        "the more specific rule wins"
    );
    sandbox.write(
        "gates.toml",
        "\n[[gate]]\npercent = 5\nagainst = \"yesterday\"\n",
    );
    let wrong = sandbox.run(&["check"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong
            .stderr
            .contains("gates.toml:2: `against` is \"yesterday\", expected"),
        "{wrong:?}"
    );
}

#[test]
fn what_cannot_be_judged_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new();
    let nothing = sandbox.run(&["check"]);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    assert!(
        nothing.stderr.contains("hint: `benchhost run` makes one"),
        "{nothing:?}"
    );

    let sandbox = with(&quiet(2));
    let unknown = sandbox.run(&["check", "20990101"]);
    assert_eq!(unknown.code, Some(2));
    let baseline = sandbox.run(&["check", "--baseline", "nope"]);
    assert!(
        baseline
            .stderr
            .contains("there is no baseline `baselines/nope.toml`"),
        "{baseline:?}"
    );
    let level = sandbox.run(&["check", "--level", "200%"]);
    assert!(level.stderr.contains("--level"), "{level:?}");
    assert_eq!([baseline.code, level.code], [Some(2); 2]);
}

#[test]
fn rules_and_baselines_that_speak_of_nothing_are_told() {
    let sandbox = with(&quiet(3));
    sandbox.write(
        "gates.toml",
        "[[gate]]\nmetric = \"tme\"\nmax = \"1 s\"\n\n[[gate]]\nmetric = \"time\"\nmax = \"5 MB\"\n",
    );
    sandbox.write(
        "baselines/main.toml",
        "schema = 1\n[case.\"p/gone?threads=1\"]\nmetrics.time = { value = 1.0, unit = \"ns\" }\n",
    );

    let (output, found) = check(&sandbox, &[]);

    assert!(
        output
            .stderr
            .contains("the rule at gates.toml:1 (target-at-most; did you mean the metric `time`?) speaks of nothing"),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("did not measure: time of p/gone?threads=1"),
        "{output:?}"
    );
    let first = &found["verdicts"][0];
    assert_eq!(first["verdict"], "insufficient-data", "{found}");
    assert!(
        first["sentence"]
            .as_str()
            .unwrap()
            .contains("is in another unit"),
        "{first}"
    );
}

#[test]
fn judging_an_old_run_again_moves_no_alert() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 1300.0), ("other", 5000.0)]));
    let sandbox = with(&runs);
    assert_eq!(check(&sandbox, &[]).0.code, Some(4));
    let alerts = || {
        sandbox
            .run(&["history", "list", "--alerts", "--format", "json"])
            .stdout
    };
    let before = alerts();

    for _ in 0..12 {
        check(&sandbox, &["last~1"]);
        check(&sandbox, &["last"]);
    }

    assert_eq!(alerts(), before);
    assert_eq!(check(&sandbox, &[]).0.code, Some(4));
}

#[test]
fn a_later_run_of_another_machine_or_suite_takes_nobody_s_say() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 1300.0), ("other", 5000.0)]));
    let mut elsewhere = made_run(13, &[("steady", 1000.0)]);
    elsewhere.environment.fingerprint = "machine-2".to_owned();
    let id = runs[12].id.clone();
    runs.push(elsewhere);
    let sandbox = with(&runs);

    assert_eq!(check(&sandbox, &[&id]).0.code, Some(4));

    let alerts = json(&sandbox.run(&["history", "list", "--alerts", "--format", "json"]));
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 1, "{alerts}");
}
