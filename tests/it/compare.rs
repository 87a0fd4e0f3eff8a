//! `benchhost compare`: what is found, what is not, and what happens when a side cannot take part.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod broken;
mod guards;
mod revision;
mod stored;
mod turns;

use std::path::Path;

use serde_json::Value;

use crate::support::{Output, Sandbox, plugin};

/// `benchhost compare … --format json`, quietly: how it ended, and the JSON when there is some.
fn compare(sandbox: &Sandbox, sides: [&Path; 2], more: &[&str]) -> (Output, Value) {
    let sides = sides.map(|side| side.to_str().unwrap());
    let mut arguments = vec!["compare", sides[0], sides[1], "--format", "json", "--quiet"];
    arguments.extend(more);
    let output = sandbox.run(&arguments);
    let json = serde_json::from_str(&output.stdout).unwrap_or(Value::Null);
    (output, json)
}

/// The one comparison whose case contains `part`.
fn one<'a>(json: &'a Value, part: &str) -> &'a Value {
    let all = json["comparisons"].as_array().expect("comparisons");
    let mut found = all
        .iter()
        .filter(|one| one["case"].as_str().unwrap().contains(part));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no case like {part} in {json}"));
    assert!(
        found.next().is_none(),
        "several cases like {part} in {json}"
    );
    first
}

fn verdict<'a>(json: &'a Value, part: &str) -> &'a str {
    one(json, part)["verdict"].as_str().unwrap()
}

fn reason<'a>(json: &'a Value, part: &str) -> &'a str {
    one(json, part)["reason"].as_str().unwrap_or_default()
}

/// Arithmetic of the fixture with `units` small enough for a build without optimisation.
const ARITHMETIC: [&str; 2] = ["--filter", "kernels/arithmetic"];

#[test]
fn more_work_is_slower_and_less_is_faster() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let slowed = |option: &str| {
        let more = [
            &ARITHMETIC[..],
            &[option, "slowdown=30", "--max-time", "20s"],
        ]
        .concat();
        compare(&sandbox, [&kernels, &kernels], &more)
    };

    let (slower, json) = slowed("--candidate-param");
    let found = one(&json, "arithmetic");
    assert_eq!(found["verdict"], "slower", "{slower:?}");
    assert_eq!(slower.code, Some(4));
    let ratio = found["ratio"].as_f64().unwrap();
    assert!((1.1..1.6).contains(&ratio), "{found}");
    let [low, high] = [0, 1].map(|end| found["interval"][end].as_f64().unwrap());
    assert!(1.0 < low && low < ratio && ratio < high, "{found}");
    assert!(
        found["rounds"].as_u64().unwrap() >= 10,
        "no verdict is possible sooner"
    );
    assert!(found["pairs"].as_u64() > found["rounds"].as_u64());
    assert!(found["seconds"].as_f64().unwrap() > 0.0 && found["metric"] == "time");

    let (faster, json) = slowed("--base-param");
    assert_eq!(
        (verdict(&json, "arithmetic"), faster.code),
        ("faster", Some(0))
    );
}

#[test]
fn a_build_is_never_a_regression_of_itself() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let more = [
        "--max-time",
        "2s",
        "--margin",
        "4%",
        "--metric",
        "time",
        "--metric",
        "peak-memory",
    ];

    let (output, json) = compare(&sandbox, [&kernels, &kernels], &more);

    assert_eq!(output.code, Some(0), "{output:?}");
    let all = json["comparisons"].as_array().unwrap();
    assert_eq!(all.len(), 8, "four workloads, two metrics");
    for found in all {
        let verdict = found["verdict"].as_str().unwrap();
        assert!(matches!(verdict, "equivalent" | "inconclusive"), "{found}");
    }
}

#[test]
fn too_few_rounds_are_inconclusive_and_say_how_many_it_takes() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let more = [&ARITHMETIC[..], &["--max-rounds", "3"]].concat();

    let (lenient, json) = compare(&sandbox, [&kernels, &kernels], &more);
    assert_eq!(
        (verdict(&json, "arithmetic"), lenient.code),
        ("inconclusive", Some(0))
    );
    assert!(
        reason(&json, "arithmetic").contains("--max-rounds 3 reached"),
        "{json}"
    );
    assert!(
        reason(&json, "arithmetic").contains("would decide"),
        "{json}"
    );
    assert_eq!(
        one(&json, "arithmetic")["interval"],
        serde_json::json!([null, null])
    );

    let strict = [&more[..], &["--require-conclusive"]].concat();
    let (strict, _) = compare(&sandbox, [&kernels, &kernels], &strict);
    assert_eq!(strict.code, Some(5));
}

#[test]
fn a_declared_metric_and_the_memory_can_be_compared() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let more = [
        "--metric",
        "declared",
        "--metric",
        "peak-memory",
        "--max-time",
        "10s",
    ];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    let all = json["comparisons"]
        .as_array()
        .unwrap_or_else(|| panic!("{output:?}"));
    assert_eq!(all.len(), 2);
    assert_eq!(all[0]["metric"], "declared");
    assert_eq!(
        all[0]["verdict"], "equivalent",
        "it is 1 on both sides: {json}"
    );
    assert_eq!(all[0]["ratio"], 1.0);
    assert_ne!(all[1]["verdict"], "failed", "{json}");
}

#[test]
fn the_table_names_sides_verdict_and_terms() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let path = kernels.to_str().unwrap();
    let arguments = [
        "compare",
        path,
        path,
        "--max-rounds",
        "2",
        "--filter",
        "kernels/branchy",
        "--seed",
        "7",
    ];

    let output = sandbox.run(&arguments);

    for part in [
        "→",
        "kernels/branchy?threads=1",
        "inconclusive",
        "round-sd",
        "seed 7",
        "equivalent within ±1.0 %",
    ] {
        assert!(output.stdout.contains(part), "{part}: {output:?}");
    }
}

#[test]
fn mistakes_of_the_command_line_are_said_exactly() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    sandbox.write("run.json", "{}");
    let path = kernels.to_str().unwrap();
    let both = |more: &[&'static str]| [&["compare", path, path], more].concat();
    let cases: [(Vec<&str>, &str); 14] = [
        (
            both(&["--candidate-param", "slowdwn=3"]),
            "unknown parameter \"slowdwn\"",
        ),
        (both(&["--base-param", "slowdown=many"]), "slowdown"),
        (
            both(&["--param", "unit=3"]),
            "unknown parameter \"unit\" of kernels/arithmetic (did you mean \"units\"?)",
        ),
        (
            both(&["--param", "slowdown"]),
            "--param: `slowdown` is not KEY=VALUE",
        ),
        (
            both(&["--metric", "tim"]),
            "no workload has a metric `tim` (did you mean `time`?); there are time, ",
        ),
        (both(&["--margin", "1"]), "--margin: `1` is no percentage"),
        (
            both(&["--tolerance", "2%"]),
            "--tolerance is larger than --margin",
        ),
        (both(&["--level", "0%"]), "--level: `0%` is no share"),
        (both(&["--max-time", "3"]), "--max-time: "),
        (both(&["--filter", "nothing*"]), "nothing*"),
        (
            both(&["--filter", "*arithmtic*"]),
            "no case matches filter `*arithmtic*` (did you mean `*arithmetic*`?)",
        ),
        (
            both(&["--probes", "enrgy"]),
            "there is no probe `enrgy` (did you mean `energy`?)",
        ),
        (
            vec!["compare", path, "run.json"],
            "one side is a stored run and the other is not",
        ),
        (vec!["compare", path], "required arguments"),
    ];
    for (arguments, sentence) in cases {
        let output = sandbox.run(&arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        assert!(
            output.stderr.contains(sentence),
            "{arguments:?}: {output:?}"
        );
    }
}
