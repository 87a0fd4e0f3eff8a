//! `benchhost baseline`.

use super::*;

#[test]
fn a_baseline_is_saved_judged_by_updated_and_removed() {
    let sandbox = with(&quiet(3));
    let saved = sandbox.run(&["baseline", "save", "--tolerance", "5%"]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    let file = sandbox.path().join("baselines/main.toml");
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(
        first.contains("tolerance = \"5%\"") && first.contains("run = \"202606"),
        "{first}"
    );

    let again = sandbox.run(&["baseline", "save"]);
    assert_eq!(again.code, Some(2));
    assert!(
        again.stderr.contains("benchhost baseline update"),
        "{again:?}"
    );

    store(
        &sandbox.path().join(HISTORY),
        &[made_run(3, &[("steady", 1080.0), ("other", 5000.0)])],
    );
    let (output, found) = check(&sandbox, &[]);
    assert_eq!(output.code, Some(4), "{found}");
    assert_eq!(
        (
            &found["verdicts"][0]["rule"],
            &found["verdicts"][0]["verdict"]
        ),
        (&"baseline".into(), &"regressed".into())
    );

    let bad = sandbox.run(&["baseline", "update", "--yes"]);
    assert_eq!(
        bad.code,
        Some(2),
        "a run that regressed is no baseline: {bad:?}"
    );
    assert!(
        bad.stderr.contains("cannot be a baseline") && bad.stderr.contains("--force"),
        "{bad:?}"
    );
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        first,
        "nothing was lost"
    );

    let asked = sandbox.run(&["baseline", "update", "--force"]);
    assert_eq!(asked.code, Some(2), "nobody can be asked: {asked:?}");
    assert!(asked.stderr.contains("say --yes"), "{asked:?}");
    let forced = sandbox.run(&["baseline", "update", "--force", "--yes"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    let second = std::fs::read_to_string(&file).unwrap();
    assert!(
        second != first && second.contains("tolerance = \"5%\""),
        "tolerances stay: {second}"
    );
    assert_eq!(check(&sandbox, &[]).0.code, Some(0));

    let shown = sandbox.run(&["baseline", "show"]);
    assert!(shown.stdout.contains("p/steady?threads=1"), "{shown:?}");
    assert!(sandbox.run(&["baseline", "list"]).stdout.contains("main"));
    let part = sandbox.run(&["baseline", "remove", "main", "--case", "p/other*", "--yes"]);
    assert!(part.stdout.contains("1 removed, 1 left"), "{part:?}");
    assert_eq!(
        sandbox.run(&["baseline", "remove", "main", "--yes"]).code,
        Some(0)
    );
    assert!(!file.exists());
}

#[test]
fn a_failed_run_and_another_machine_are_no_baseline() {
    let mut runs = quiet(2);
    runs[1].cases[0].outcome = boom();
    let sandbox = with(&runs);
    let failed = sandbox.run(&["baseline", "save"]);
    assert_eq!(failed.code, Some(2));
    assert!(
        failed.stderr.contains("p/steady?threads=1 ended with"),
        "{failed:?}"
    );

    assert_eq!(
        sandbox.run(&["baseline", "save", "--run", "last~1"]).code,
        Some(0)
    );
    let mut elsewhere = made_run(5, &[("steady", 4000.0)]);
    elsewhere.environment.fingerprint = "machine-2".to_owned();
    store(&sandbox.path().join(HISTORY), &[elsewhere]);
    let (output, found) = check(&sandbox, &[]);
    assert_eq!(output.code, Some(0), "{found}");
    assert!(
        output.stderr.contains("taken on another machine"),
        "{output:?}"
    );
    assert_eq!(sandbox.run(&["check", "--baseline", "main"]).code, Some(2));
    assert_eq!(
        sandbox
            .run(&["check", "--baseline", "main", "--across-machines"])
            .code,
        Some(4)
    );
}

#[test]
fn accuracies_of_another_system_become_a_baseline() {
    let sandbox = Sandbox::new();
    let text = r#"{"mnist_3epoch_mlp_small": {"smep": {"accuracy": 0.914, "tolerance": 0.03}}}"#;
    sandbox.write("baseline_results.json", text);

    let saved = sandbox.run(&[
        "baseline",
        "save",
        "mnist",
        "--from",
        "baseline_results.json",
    ]);

    assert_eq!(saved.code, Some(0), "{saved:?}");
    let shown = sandbox.run(&["baseline", "show", "mnist"]);
    assert!(
        shown.stdout.contains("0.914") && shown.stdout.contains("0.03"),
        "{shown:?}"
    );
}

#[test]
fn what_was_measured_beside_another_program_alarms_nobody_and_is_no_baseline() {
    let sandbox = with(&quiet(3));
    let slow = || made_run(3, &[("steady", 1500.0), ("other", 5000.0)]);
    store(&sandbox.path().join(HISTORY), &[on_a_shared_core(slow())]);

    let (output, found) = check(&sandbox, &[]);
    let saved = sandbox.run(&["baseline", "save"]);

    assert_eq!(output.code, Some(0), "{found}");
    let first = &found["verdicts"][0];
    assert_eq!(first["verdict"], "inconclusive");
    let sentence = first["sentence"].as_str().unwrap();
    assert!(
        sentence.ends_with(
            "another program ran on the same core: wide work took 1.50 times as long as on a core of one's own"
        ),
        "{sentence}"
    );
    assert_eq!(saved.code, Some(2), "{saved:?}");
    assert!(
        saved
            .stderr
            .contains("was measured beside another program on the same core")
            && saved.stderr.contains("--force"),
        "{saved:?}"
    );
    let forced = sandbox.run(&["baseline", "save", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
}
