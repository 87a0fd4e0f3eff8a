//! What cannot be done in turns is refused with its sentence; probes may look at one side.

use super::{compare, one, reason, verdict};
use crate::support::{Sandbox, plugin};

#[test]
fn searches_loads_and_several_processes_are_compared_as_runs() {
    let trouble = plugin("fixture-misbehave");
    for (keys, what) in [
        ("search = { after = { from = 1, to = 8 } }", "a search"),
        ("offered-load = '100/s'", "a load from outside"),
        (
            "instances = 2\ninstances-mode = 'process'",
            "instances in processes of their own",
        ),
    ] {
        let sandbox = Sandbox::new();
        let path = sandbox.write(
            "suite.toml",
            format!(
                "name = 's'\n[plugins]\nmisbehave = 'x.so'\n[[benchmark]]\nname = 'b'\nplugin = 'misbehave'\n\
                 workload = 'trouble'\nparams = {{ what = 'work' }}\n{keys}\n"
            ),
        );
        let more = ["--suite", path.to_str().unwrap(), "--max-rounds", "2"];

        let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

        assert_eq!(verdict(&json, "trouble"), "failed", "{output:?}");
        assert_eq!(
            reason(&json, "trouble"),
            format!("{what} cannot be compared in turns: compare two runs of it")
        );
        assert_eq!(output.code, Some(1), "{output:?}");
    }
}

#[test]
fn instances_of_one_process_take_turns_like_any_other_case() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let path = sandbox.write(
        "suite.toml",
        "name = 's'\n[plugins]\nmisbehave = 'x.so'\n[[benchmark]]\nname = 'b'\nplugin = 'misbehave'\n\
         workload = 'trouble'\nparams = { what = 'work' }\ninstances = 2\n",
    );
    let more = ["--suite", path.to_str().unwrap(), "--max-rounds", "2"];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    assert_eq!(verdict(&json, "trouble"), "inconclusive", "{output:?}");
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn probes_look_at_the_candidate_while_two_builds_take_turns() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let compared = |probes: &str| {
        let more = [
            "--param",
            "what=work",
            "--max-rounds",
            "2",
            "--probes",
            probes,
        ];
        compare(&sandbox, [&trouble, &trouble], &more)
    };

    let (output, json) = compared("cpu,memory");
    assert_eq!(output.code, Some(0), "{output:?}");
    let found = one(&json, "trouble");
    assert!(found["pairs"].as_u64().unwrap() > 0, "{found}");
    assert!(found["ratio"].is_f64(), "{found}");

    let (output, _) = compared("nonsense");
    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(
        output.stderr.trim_end(),
        "error: --probes: there is no probe `nonsense`: write `all`, or some of cpu, memory, io, network, gpu, energy, perf"
    );
}
