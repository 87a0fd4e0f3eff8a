//! `benchhost plugin check`: what it tells of a plugin that can be used, and what it wants mended.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use serde_json::Value;

use crate::support::{Output, Sandbox, aborting_plugin, finish, plugin};

fn check(library: &std::path::Path, more: &[&str]) -> Output {
    let library = library.to_str().unwrap();
    Sandbox::new().run(&[&["plugin", "check", library], more].concat())
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap()
}

/// The lints of `at`, by their words.
fn lints(described: &Value, at: &str) -> Vec<String> {
    let all = described["lints"].as_array().unwrap().iter();
    all.filter(|lint| lint["at"] == at)
        .map(|lint| lint["lint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn parameters_have_type_unit_default_range_and_help_and_the_build_is_told() {
    let output = check(&plugin("fixture-kernels"), &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let row = |beginning: &str| {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut lines = output.stdout.lines().map(words);
        lines.find(|line| line.starts_with(beginning)).unwrap()
    };
    assert_eq!(
        row("units"),
        "units int = 10000 steps 1–1000000000 work of one iteration"
    );
    assert!(row("slowdown").starts_with("slowdown float = 0.0 % -50–1000"));
    assert!(row("features").contains("sse2"));
    assert_eq!(row("allocator"), "allocator system");
    assert!(row("profile").contains("panic unwind, debug assertions"));
    assert!(
        row("warning: cache").ends_with(
            "without help: `megabytes`; describe each: `.param(Param::new(name, help))`, `help` elsewhere"
        ),
        "{output:?}"
    );
    assert!(!output.stdout.contains("tried"), "{output:?}");
}

#[test]
fn a_try_tells_how_each_workload_ends_and_what_it_declares() {
    let noop = check(&plugin("noop"), &["--try", "--format", "json"]);
    let kernels = check(&plugin("fixture-kernels"), &["--try"]);
    let liar = check(&plugin("fixture-liar"), &["--try", "--format", "json"]);

    assert_eq!(
        [noop.code, kernels.code],
        [Some(0), Some(0)],
        "{noop:?} {kernels:?}"
    );
    let noop = json(&noop);
    let tried = &noop["workloads"][0]["tried"];
    assert_eq!(tried["outcome"]["kind"], "ok", "{tried}");
    assert!(
        tried["setup_ns"].as_u64().is_some() && tried["work"].is_null(),
        "{tried}"
    );
    assert_eq!(lints(&noop, "noop"), ["no-work"]);
    assert!(
        kernels
            .stdout
            .contains("; an iteration is 10000 steps, 30000 FLOP"),
        "{kernels:?}"
    );
    assert_eq!(liar.code, Some(1), "{liar:?}");
    assert_eq!(lints(&json(&liar), "fewer"), ["no-summary", "failed"]);
}

#[test]
fn a_try_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let noop = plugin("noop");
    let arguments = ["plugin", "check", "--try", noop.to_str().unwrap()];

    let tried = finish(&mut sandbox.command(&arguments));

    assert_eq!(tried.code, Some(0), "{tried:?}");
    let left: Vec<_> = std::fs::read_dir(sandbox.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_should_be_mended_fails_where_that_is_asked() {
    let aborting = aborting_plugin();

    let lenient = check(&aborting, &["--format", "json"]);
    let strict = check(&aborting, &["--strict"]);

    assert_eq!([lenient.code, strict.code], [Some(0), Some(1)]);
    assert!(lints(&json(&lenient), "").contains(&"panic-abort".to_owned()));
    let line = strict
        .stdout
        .lines()
        .find(|line| line.contains("panic = \"abort\""));
    let way_out = "; take `panic` out of the profile in Cargo.toml";
    assert!(
        line.is_some_and(|line| line.ends_with(way_out)),
        "{strict:?}"
    );
}
