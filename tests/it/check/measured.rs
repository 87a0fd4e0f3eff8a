//! The whole way with a real plugin: run, run, check; slow down by a parameter; look twice.

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

#[test]
fn what_was_only_a_burst_is_cleared_by_a_second_look() {
    let sandbox = Sandbox::new();
    sandbox.write("s.toml", suite(0));
    assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));
    sandbox.write("s.toml", suite(200));
    assert_eq!(sandbox.run(&["run", "s.toml", "--quiet"]).code, Some(0));

    // The burst is over: the suite that is repeated is the fast one.
    sandbox.write("s.toml", suite(0));
    let (output, found) = check(&sandbox, &["--confirm", "1"]);

    let arithmetic = verdicts(&found)
        .into_iter()
        .find(|(case, _)| case.contains("arithmetic"))
        .unwrap();
    assert_ne!(arithmetic.1, "regressed", "{output:?}");
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
