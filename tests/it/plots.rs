//! `benchhost report --format png,svg`: pictures of a run and its history, on a machine without any font.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use crate::support::{Sandbox, made_run, store};

/// Thirty runs of two cases, the first of which gets slower after twenty, and once fails to say anything.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let runs: Vec<_> = (0..30)
        .map(|index| {
            let slow = if index < 20 { 1000.0 } else { 1200.0 };
            made_run(index, &[("stepped", slow), ("flat", 50_000.0)])
        })
        .collect();
    store(&sandbox.path().join(".benchhost/history.db"), &runs);
    sandbox
}

#[test]
fn a_run_and_its_history_become_pictures_in_both_forms() {
    let sandbox = sandbox();

    let output = sandbox.run(&["report", "last", "--format", "png,svg", "--out", "r"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    for name in ["history", "distribution"] {
        let png = fs::read(sandbox.path().join(format!("r/plots/{name}.png"))).unwrap();
        assert!(
            png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 5000,
            "{name}: {} bytes",
            png.len()
        );
        let svg = fs::read_to_string(sandbox.path().join(format!("r/plots/{name}.svg"))).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts = document
            .descendants()
            .filter(|node| node.has_tag_name("text"));
        let text: Vec<&str> = texts
            .filter_map(|node| node.text())
            .map(str::trim)
            .collect();
        assert!(
            text.contains(&"p/stepped") && text.contains(&"p/flat"),
            "{text:?}"
        );
        assert_eq!(text.contains(&"change"), name == "history", "{text:?}");
        assert!(
            output
                .stderr
                .contains(&format!("written: r/plots/{name}.png")),
            "{output:?}"
        );
    }
}

#[test]
fn a_kind_of_picture_that_is_not_there_has_a_reason() {
    let sandbox = sandbox();

    let output = sandbox.run(&["report", "last", "--format", "svg", "--out", "r"]);

    let told = |what: &str| output.stderr.lines().any(|line| line.contains(what));
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        told("no picture of scalability: the run has no sweep") && told("no picture of training: "),
        "{output:?}"
    );
    assert!(!told("no picture of the history"), "{output:?}");
}

#[test]
fn pictures_are_the_same_each_time_and_cannot_be_printed() {
    let sandbox = sandbox();
    let of = |folder: &str| {
        let output = sandbox.run(&["report", "last", "--format", "png", "--out", folder]);
        assert_eq!(output.code, Some(0), "{output:?}");
        fs::read(sandbox.path().join(folder).join("plots/history.png")).unwrap()
    };

    assert_eq!(of("a"), of("b"));
    let printed = sandbox.run(&["report", "last", "--format", "png", "--out", "-"]);
    assert_eq!(printed.code, Some(2), "{printed:?}");
}
