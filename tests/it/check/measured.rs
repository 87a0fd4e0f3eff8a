//! The whole way with a real plugin: run, run, check; slow down by a parameter; look twice.

use benchhost_stats::summarise;

use super::*;
use crate::support::plugin;

fn suite(slowdown: u32) -> String {
    let case = |name: &str, slowdown: u32| {
        format!(
            "[[benchmark]]\nname = '{name}'\nplugin = 'k'\nworkload = '{name}'\nparams = {{ slowdown = {slowdown} }}\n\
             untracked = ['slowdown']\n"
        )
    };
    format!(
        "name = 's'\nseed = 1\n[defaults]\nmax-time = '100ms'\n[plugins]\nk = '{}'\n{}{}",
        plugin("fixture-kernels").display(),
        case("arithmetic", slowdown),
        case("allocation", 0),
    )
}

#[test]
fn a_plugin_that_does_three_times_the_work_is_found_and_a_second_look_agrees() {
    let sandbox = Sandbox::new();
    sandbox.write("s.toml", suite(0));
    for _ in 0..2 {
        let run = sandbox.run(&["run", "s.toml", "--quiet"]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }

    sandbox.write("s.toml", suite(200));
    assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));
    let (output, found) = check(&sandbox, &["--confirm", "1"]);

    assert_eq!(output.code, Some(4), "{output:?}");
    assert_eq!(
        verdicts(&found)[0],
        ("k/arithmetic?threads=1".to_owned(), "regressed".to_owned())
    );
    assert!(output.stderr.contains("suspicious: running"), "{output:?}");
    let runs = json(&sandbox.run(&["history", "list", "--format", "json"]));
    assert_eq!(
        runs["runs"].as_array().unwrap().len(),
        3,
        "a second look is no run of its own"
    );
}

/// The run that was made last, once more and later, with three times the time in the first case: a burst.
fn burst(sandbox: &Sandbox) {
    let shown = sandbox.run(&["history", "show", "last", "--format", "json"]);
    let mut run: Run = serde_json::from_str(&shown.stdout).unwrap();
    run.id = "20991231T000000Z-00000001".to_owned();
    run.started = "2099-12-31T00:00:00.000Z".to_owned();
    for measurement in &mut run.cases[0].measurements {
        if ["time", "cpu-time"].contains(&measurement.metric.name.as_str()) {
            for value in &mut measurement.samples.value {
                *value *= 3.0;
            }
            measurement.summary = summarise(&measurement.samples, 1, 0.99).ok();
        }
    }
    store(&sandbox.path().join(HISTORY), &[run]);
}

#[test]
fn what_was_only_a_burst_is_cleared_by_a_second_look_for_good() {
    let sandbox = Sandbox::new();
    sandbox.write("s.toml", suite(0));
    for _ in 0..2 {
        assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));
    }
    burst(&sandbox);
    assert_eq!(check(&sandbox, &["--dry-run"]).0.code, Some(4));

    let (output, found) = check(&sandbox, &["--confirm", "1"]);

    let arithmetic = |found: &Value| {
        let all = verdicts(found).into_iter();
        all.filter(|(case, _)| case.contains("arithmetic"))
            .any(|(_, verdict)| verdict == "regressed")
    };
    assert!(!arithmetic(&found), "{output:?}");
    let (again, found) = check(&sandbox, &[]);
    assert!(
        !arithmetic(&found),
        "a check says the same when it is asked again: {again:?}"
    );
}

#[test]
fn a_suite_that_was_changed_is_no_second_look() {
    let sandbox = Sandbox::new();
    sandbox.write("s.toml", suite(0));
    assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));
    sandbox.write("s.toml", suite(200));
    assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));
    sandbox.write("s.toml", suite(0));

    let output = sandbox.run(&["check", "--confirm", "1"]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("with other parameters"),
        "{output:?}"
    );
}

#[test]
fn a_run_that_cannot_be_repeated_is_said_so() {
    let mut runs = quiet(12);
    runs.push(made_run(12, &[("steady", 1200.0), ("other", 5000.0)]));
    let sandbox = with(&runs);

    let output = sandbox.run(&["check", "--confirm", "1"]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("repeating the suspicious cases")
            && output.stderr.contains("without --confirm"),
        "{output:?}"
    );
}
