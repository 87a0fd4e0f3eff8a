//! `benchhost doctor`: every check answers, on whatever machine this runs, and the exit code fits the answers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use serde_json::Value;

use crate::support::Sandbox;

const CHECKS: [&str; 26] = [
    "aslr",
    "clock-cost",
    "clock-source",
    "cpu-quota",
    "energy-preference",
    "frequency-driver",
    "governor",
    "host-build",
    "huge-pages",
    "isolated-cpus",
    "load",
    "memory",
    "memory-limit",
    "numa",
    "perf-events",
    "power-limit",
    "power-profile",
    "power-supply",
    "smt",
    "steal",
    "swap",
    "temperature",
    "temporary-folder",
    "throttling",
    "turbo",
    "virtualisation",
];

#[test]
fn every_check_answers_once_and_strict_fits_the_severities() {
    let output = Sandbox::new().run(&["doctor", "--format", "json", "--strict"]);

    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let mut names: Vec<&str> = findings
        .iter()
        .map(|f| f["check"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, CHECKS);
    let is_bad =
        |finding: &Value| ["problem", "warning"].contains(&finding["severity"].as_str().unwrap());
    let any_bad = findings.iter().any(is_bad);
    assert_eq!(report["unfit"], any_bad);
    assert_eq!(output.code, Some(i32::from(any_bad)), "{output:?}");
    for finding in findings {
        assert!(!finding["found"].as_str().unwrap().is_empty(), "{finding}");
        assert!(
            !is_bad(finding) || finding["effect"].is_string() && finding["remedy"].is_string(),
            "{finding}"
        );
    }
}

#[test]
fn without_strict_the_exit_code_is_fine_and_every_check_is_in_the_text() {
    let output = Sandbox::new().run(&["doctor"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    for check in CHECKS {
        assert!(
            output.stdout.contains(&format!("\n  {check}: ")),
            "{check}: {output:?}"
        );
    }
    for line in output
        .stdout
        .lines()
        .filter(|line| !line.starts_with("        "))
    {
        assert!(line.chars().count() <= 110, "{line}");
    }
}

#[test]
fn the_debug_build_that_is_tested_says_so() {
    if !cfg!(debug_assertions) {
        return;
    }
    let output = Sandbox::new().run(&["doctor", "--strict"]);

    assert!(
        output
            .stdout
            .contains("host-build: benchhost is a debug build"),
        "{output:?}"
    );
    assert_eq!(output.code, Some(1), "{output:?}");
}
