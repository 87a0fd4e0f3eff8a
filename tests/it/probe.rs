//! `benchhost probe`: what can be read here, what a look costs, and a sentence for everything else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use serde_json::Value;

use crate::support::Sandbox;

const NAMES: [&str; 7] = ["cpu", "memory", "io", "network", "gpu", "energy", "perf"];

fn stdout(arguments: &[&str]) -> String {
    let output = Sandbox::new().run(arguments);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stderr, "");
    output.stdout
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

fn is_word(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn the_table_names_every_probe_and_the_machine() {
    let text = stdout(&["probe"]);

    for name in NAMES {
        let is_named = text.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with(&format!("{name} ")) || line.starts_with(&format!("{name}:"))
        });
        assert!(is_named, "{name}: {text}");
    }
    for word in [
        "What a look costs",
        "RESOLUTION",
        "SOURCE",
        "measured",
        "caches",
        "governor",
        "turbo",
        "SMT",
        "NUMA nodes",
        "kernel",
        "control group",
        "a reading costs",
        "load",
        "virtualisation",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_json_says_unit_basis_and_cost_of_each_number() {
    let json: Value = serde_json::from_str(&stdout(&["probe", "--format", "json"])).unwrap();

    let mut named = Vec::new();
    for probe in list(&json, "probes") {
        named.push(probe["name"].as_str().unwrap());
        assert!(!list(probe, "quantities").is_empty(), "{probe}");
        for cost in ["begin_ns", "end_ns", "looks"] {
            assert!(probe["cost"][cost].is_u64(), "{probe}");
        }
        let is_polled = probe["fastest_poll_ns"].is_u64();
        assert_eq!(probe["cost"]["poll_ns"].is_u64(), is_polled, "{probe}");
        for quantity in list(probe, "quantities") {
            let words = ["name", "unit", "resolution", "source", "direction", "kind"];
            assert!(
                words.iter().all(|key| is_word(&quantity[key])),
                "{quantity}"
            );
            assert!(["measured", "estimated"].contains(&quantity["basis"].as_str().unwrap()));
            assert!(["amount", "level"].contains(&quantity["extent"].as_str().unwrap()));
        }
    }
    named.extend(
        list(&json, "unavailable")
            .iter()
            .map(|one| one["name"].as_str().unwrap()),
    );
    named.sort_unstable();
    let mut all = NAMES;
    all.sort_unstable();
    assert_eq!(named, all, "each works or does not");
    assert!(json["clock"]["read_ns"].is_f64() && is_word(&json["environment"]["fingerprint"]));
}

#[test]
fn whatever_does_not_work_here_has_a_sentence_that_the_table_shows_as_well() {
    let json: Value = serde_json::from_str(&stdout(&["probe", "--format", "json"])).unwrap();
    let text = stdout(&["probe"]);

    let missing = list(&json, "probes")
        .iter()
        .flat_map(|probe| list(probe, "missing"));
    for one in list(&json, "unavailable").iter().chain(missing) {
        let reason = one["reason"].as_str().unwrap();
        assert!(text.contains(reason), "{reason}");
        assert!(!reason.ends_with('.') && reason.len() > 20, "{reason}");
    }
}

#[test]
fn a_form_that_there_is_not_is_refused_with_those_that_there_are() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["probe", "--format", "xml"]);

    let output = crate::support::finish(&mut command);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("table, json"), "{output:?}");
}
