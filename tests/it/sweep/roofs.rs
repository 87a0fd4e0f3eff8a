//! The roofs of a machine: kept beside the history, and held against what was achieved.

use benchhost_record::{Bound, RooflineUnit};
use serde_json::{Value, json};

use crate::support::{Sandbox, case, plugin};

/// Name of this machine in files.
fn fingerprint(sandbox: &Sandbox) -> String {
    let output = sandbox.run(&["probe", "--format", "json"]);
    let seen: Value = serde_json::from_str(&output.stdout).unwrap();
    seen["environment"]["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A run of a workload that declares FLOP and of one that does not, with the roofs of `machine` known.
fn run(sandbox: &Sandbox, machine: &str) -> (crate::support::Output, benchhost_record::Run) {
    let peaks = json!({ machine: {
        "measured": "2026-11-21T04:05:12Z",
        "host_version": "0.1.0",
        "levels": [{ "threads": 1, "flop_per_s": { "f32": 2e10 }, "bytes_per_s": 1e10 }],
    } });
    sandbox.write(".benchhost/peaks.json", peaks.to_string());
    let suite = format!(
        "name = 'roofs'\n[defaults]\nmax-time = '50ms'\nwarm-up = {{ iterations = 2 }}\n[plugins]\n\
         kernels = '{}'\n[[benchmark]]\nname = 'a'\nplugin = 'kernels'\nworkload = 'arithmetic'\n\
         [[benchmark]]\nname = 'b'\nplugin = 'kernels'\nworkload = 'branchy'\n",
        plugin("fixture-kernels").display()
    );
    sandbox.suite(&suite)
}

#[test]
fn a_run_is_held_against_the_roofs_of_its_machine() {
    let sandbox = Sandbox::new();
    let machine = fingerprint(&sandbox);

    let (output, run) = run(&sandbox, &machine);

    assert_eq!(output.code, Some(0), "{output:?}");
    let roofline = case(&run, "arithmetic").roofline.unwrap();
    assert_eq!(
        (roofline.bound, roofline.unit, roofline.ceiling),
        (Bound::Compute, RooflineUnit::FlopPerS, 2e10)
    );
    let share = roofline.achieved / roofline.ceiling;
    assert!(
        share > 0.0 && share < 1.0 && (roofline.share - share).abs() < 1e-12,
        "{roofline:?}"
    );
    assert_eq!(case(&run, "branchy").roofline, None, "it declares no work");
    assert!(output.stdout.contains("roofline"), "{}", output.stdout);
    assert!(output.stdout.contains("20 GFLOP/s"), "{}", output.stdout);
}

#[test]
fn roofs_of_another_machine_say_nothing() {
    let (output, run) = run(&Sandbox::new(), "another");

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(run.cases.iter().all(|case| case.roofline.is_none()));
    assert!(!output.stdout.contains("roofline"), "{}", output.stdout);
}

#[test]
fn calibrating_without_its_plugin_says_how_it_is_named() {
    let sandbox = Sandbox::new();

    let output = sandbox.run(&["probe", "--calibrate", "--plugin", "./nowhere"]);

    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("does not exist"), "{output:?}");
    assert!(
        output
            .stderr
            .contains("hint: name it, like `benchhost probe --calibrate --plugin"),
        "{output:?}"
    );
    assert!(
        !sandbox.path().join(".benchhost").exists(),
        "no roof is kept"
    );
}
