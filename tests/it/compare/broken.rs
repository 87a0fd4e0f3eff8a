//! A side that cannot be built, has other cases, crashes or lies costs its own cases and nothing else.

use super::{compare, one, reason, verdict};
use crate::support::{Sandbox, broken_plugin, plugin};

/// A suite of the misbehaving fixture: a healthy benchmark, and one in which `what` goes wrong from `round` on.
fn suite(sandbox: &Sandbox, what: &str) -> String {
    let path = sandbox.write(
        "suite.toml",
        format!(
            "name = 's'\n[plugins]\nmisbehave = 'x.so'\n\
             [[benchmark]]\nname = 'healthy'\nplugin = 'misbehave'\nworkload = 'trouble'\nparams = {{ after = 1 }}\n\
             [[benchmark]]\nname = 'trouble'\nplugin = 'misbehave'\nworkload = 'trouble'\n\
             params = {{ after = 2, what = '{what}', round = 1000000 }}\n"
        ),
    );
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_crash_in_round_three_fails_that_case_and_no_other() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    for (what, said) in [
        ("null-write", "ended by SIGSEGV"),
        ("exit-0", "the process ended itself"),
        ("panic", "panic in"),
        ("error", "it failed"),
    ] {
        let suite = suite(&sandbox, what);
        let more = [
            "--suite",
            &suite,
            "--candidate-param",
            "round=3",
            "--max-rounds",
            "6",
        ];

        let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

        assert_eq!(verdict(&json, what), "failed", "{output:?}");
        let why = reason(&json, what);
        assert!(
            why.starts_with("the candidate failed in round 3: "),
            "{why}"
        );
        assert!(why.contains(said), "{what}: {why}");
        assert_eq!(verdict(&json, "after=1"), "inconclusive", "{json}");
        assert_eq!(one(&json, "after=1")["rounds"], 6);
        assert_eq!(output.code, Some(1));
    }
}

#[test]
fn a_wrong_answer_has_no_ratio() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let more = [
        "--base-param",
        "what=wrong",
        "--base-param",
        "phase=verify",
        "--max-rounds",
        "3",
    ];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    assert_eq!(verdict(&json, "trouble"), "failed", "{output:?}");
    assert!(
        reason(&json, "trouble")
            .contains("the baseline failed before the first round: wrong (verify)")
    );
    assert_eq!(one(&json, "trouble")["ratio"], serde_json::Value::Null);
    assert_eq!(output.code, Some(1));
}

#[test]
fn lies_are_failures_with_their_rule() {
    let (sandbox, liar) = (Sandbox::new(), plugin("fixture-liar"));

    let (output, json) = compare(&sandbox, [&liar, &liar], &["--max-rounds", "2"]);

    for (lie, rule) in [
        ("fewer", "iterations-done"),
        ("more", "iterations-done"),
        ("none", "iterations-done"),
        ("device-time", "device-time"),
        ("facts", "facts"),
        ("work", "work"),
    ] {
        let case = format!("liar/{lie}?");
        assert_eq!(verdict(&json, &case), "failed", "{output:?}");
        assert!(reason(&json, &case).contains(rule), "{lie}: {json}");
    }
    assert_eq!(output.code, Some(1));
}

#[test]
fn other_workloads_and_other_parameters_are_not_compared() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let changed = broken_plugin("kernels_changed");
    let more = ["--max-rounds", "2", "--filter", "kernels/*"];

    let (output, json) = compare(&sandbox, [&kernels, &changed], &more);

    let said = |part: &str| {
        assert_eq!(verdict(&json, part), "failed", "{output:?}");
        reason(&json, part).to_owned()
    };
    assert!(
        said("cache")
            .contains("the candidate has no workload `cache`, it has arithmetic, branchy, fresh")
    );
    assert!(said("fresh").contains("the baseline has no workload `fresh`"));
    assert!(said("arithmetic").contains("only the candidate has the parameter `extra`"));
    assert!(
        said("branchy").contains("the parameter `units` is "),
        "{json}"
    );
    assert_eq!(output.code, Some(1));

    let all_the_same = [&more[..], &["--allow-other-parameters"]].concat();
    let (_, json) = compare(&sandbox, [&kernels, &changed], &all_the_same);
    assert!(
        reason(&json, "arithmetic").contains("one iteration is "),
        "other work: {json}"
    );
    assert_ne!(verdict(&json, "branchy"), "failed", "{json}");
}

#[test]
fn a_side_that_does_not_build_fails_every_case_with_the_reason() {
    let (sandbox, noop) = (Sandbox::new(), plugin("noop"));
    sandbox.write("broken/Cargo.toml", "[package]\nname = 'broken'\nversion = '0.1.0'\nedition = '2024'\n[lib]\ncrate-type = ['cdylib']\n[workspace]\n");
    sandbox.write("broken/src/lib.rs", "this is no Rust");
    let broken = sandbox.path().join("broken");

    let (output, json) = compare(&sandbox, [&noop, &broken], &[]);

    assert_eq!(verdict(&json, "noop"), "failed", "{output:?}");
    assert!(
        reason(&json, "noop").contains("the candidate cannot be loaded"),
        "{json}"
    );
    assert!(
        json["candidate"]["failure"]
            .as_str()
            .unwrap()
            .contains("broken"),
        "{json}"
    );
    assert_eq!(output.code, Some(3));

    let (output, json) = compare(&sandbox, [&broken, &broken], &[]);
    assert_eq!((output.code, json), (Some(3), serde_json::Value::Null));
    assert!(
        output.stderr.contains("neither side can be loaded"),
        "{output:?}"
    );
}
