//! Plugins that misbehave. In each case: the typed outcome, the host alive, the other cases measured, no process left.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod lies;
mod memory;

use std::path::Path;

use benchhost_record::{CaseResult, FlagKind, Outcome, Run};

use crate::support::{
    Output, Sandbox, aborting_plugin, case, metric, plugin, processes_of, processes_with,
};

/// A suite with the fixture as plugin `m`, a healthy benchmark, and short limits; `rest` are further benchmarks.
fn suite(plugin: &Path, rest: &str) -> String {
    format!(
        r#"
name = "misbehaviour"
[defaults]
max-time = "50ms"
warm-up = {{ iterations = 3 }}
[defaults.limits]
create = "500ms"
setup = "500ms"
iteration = "500ms"
stall = "500ms"
verify = "500ms"
teardown = "500ms"
[plugins]
m = "{}"
[[benchmark]]
name = "healthy"
plugin = "m"
workload = "trouble"
axes = {{ after = [1, 2, 3] }}
{rest}
"#,
        plugin.display()
    )
}

/// Runs the misbehaviours of `axes` beside healthy cases, which must all have been measured.
fn misbehave(sandbox: &Sandbox, axes: &str, settings: &str) -> (Output, Run) {
    let benchmark = format!(
        "[[benchmark]]\nname = 'sick'\nplugin = 'm'\nworkload = 'trouble'\naxes = {axes}\n{settings}\n"
    );
    let (output, run) = sandbox.suite(&suite(&plugin("fixture-misbehave"), &benchmark));
    assert_healthy(sandbox, &run);
    (output, run)
}

fn assert_healthy(sandbox: &Sandbox, run: &Run) {
    let healthy: Vec<&CaseResult> = run
        .cases
        .iter()
        .filter(|case| case.case.benchmark == "healthy")
        .collect();
    assert_eq!(healthy.len(), 3);
    for case in healthy {
        assert!(case.outcome.is_ok(), "{case:?}");
        assert!(metric(case, "time").summary.is_some());
    }
    let left = processes_of(sandbox.path());
    assert!(left.is_empty(), "processes were left behind: {left:?}");
}

fn outcome<'a>(run: &'a Run, part: &str) -> &'a Outcome {
    &case(run, part).outcome
}

/// The outcome of the case like `part` is of kind `word` and its sentence contains `words`.
fn assert_outcome(run: &Run, part: &str, word: &str, words: &[&str]) {
    let outcome = outcome(run, part);
    let sentence = outcome.sentence();
    assert_eq!(outcome.word(), word, "{part}: {outcome:?}");
    for wanted in words {
        assert!(sentence.contains(wanted), "{part}: {wanted}: {sentence}");
    }
}

#[test]
fn a_panic_in_any_entry_is_told_with_its_phase_message_and_place() {
    let sandbox = Sandbox::new();
    let phases = [
        ("create", "create"),
        ("setup", "setup"),
        ("prepare", "first-iteration"),
        ("iterate", "first-iteration"),
        ("verify", "first-iteration"),
        ("metrics", "first-iteration"),
        ("teardown", "teardown"),
        ("drop", "teardown"),
        ("work", "first-iteration"),
    ];
    let names = phases.map(|(entry, _)| format!("'{entry}'")).join(", ");

    let (output, run) = misbehave(
        &sandbox,
        &format!("{{ phase = [{names}], what = ['panic'] }}"),
        "",
    );

    assert_eq!(output.code, Some(1), "{output:?}");
    for (entry, phase) in phases {
        let place = format!("panic in {phase}: out of luck at ");
        assert_outcome(
            &run,
            &format!("phase={entry}&"),
            "panic",
            &[&place, "trouble.rs:"],
        );
    }
    assert!(output.stdout.contains("out of luck"));
}

#[test]
fn what_a_workload_reports_becomes_the_outcome_of_its_kind() {
    let sandbox = Sandbox::new();

    let (output, run) = misbehave(
        &sandbox,
        "{ what = ['error', 'bad-config', 'wrong', 'unsupported', 'nan-metric', 'undeclared-metric'] }",
        "",
    );

    assert_eq!(output.code, Some(1), "{output:?}");
    assert_outcome(
        &run,
        "what=error",
        "plugin-error",
        &["first-iteration: it failed"],
    );
    assert_outcome(
        &run,
        "what=bad-config",
        "plugin-error",
        &["`after` must be even"],
    );
    assert_outcome(
        &run,
        "what=wrong",
        "wrong",
        &["(verify)", "got 41, expected 42"],
    );
    assert_outcome(
        &run,
        "what=unsupported",
        "skipped",
        &["this machine has no warp drive"],
    );
    assert_outcome(
        &run,
        "what=nan-metric",
        "wrong",
        &["(metric-finite)", "`declared` is NaN"],
    );
    assert_outcome(
        &run,
        "what=undeclared-metric",
        "wrong",
        &["(metric-declared)", "`surprise`"],
    );
}

#[test]
fn a_skipped_case_is_no_failure_and_a_wrong_one_has_no_speed() {
    let sandbox = Sandbox::new();

    let (skipped, _) = misbehave(&sandbox, "{ what = ['unsupported'] }", "");
    let (wrong, run) = misbehave(
        &sandbox,
        "{ what = ['wrong'], phase = ['verify'], after = [40] }",
        "",
    );

    assert_eq!(skipped.code, Some(0), "{skipped:?}");
    assert_eq!(wrong.code, Some(1));
    let case = case(&run, "what=wrong");
    assert_eq!(case.outcome.word(), "wrong");
    assert!(
        !metric(case, "time").samples.is_empty(),
        "the samples are kept"
    );
    assert!(
        case.measurements.iter().all(|m| m.summary.is_none()),
        "but they are no numbers"
    );
}

#[test]
fn whatever_ends_the_process_is_told_apart() {
    let sandbox = Sandbox::new();

    let (output, run) = misbehave(
        &sandbox,
        "{ what = ['abort', 'null-write', 'stack-overflow', 'stack-overflow-on-thread', 'exit-0', 'exit-1'] }",
        "",
    );

    assert_eq!(output.code, Some(1), "{output:?}");
    assert_outcome(
        &run,
        "what=abort",
        "signal",
        &["SIGABRT in first-iteration"],
    );
    assert_outcome(&run, "what=null-write", "signal", &["SIGSEGV"]);
    assert_outcome(&run, "what=stack-overflow", "signal", &["SIG"]);
    assert_outcome(&run, "what=stack-overflow-on-thread", "signal", &["SIG"]);
    assert_outcome(&run, "what=exit-0", "exit", &["exit code 0"]);
    assert_outcome(&run, "what=exit-1", "exit", &["exit code 1"]);
    let null_write = &case(&run, "what=null-write").repetitions[0];
    let crash = null_write.crash.as_ref().unwrap();
    assert_eq!((crash.signal, crash.address), (11, 8));
    let overflow = &case(&run, "what=stack-overflow").repetitions[0];
    assert!(overflow.output.stderr.contains("overflow"), "{overflow:?}");
}

#[test]
fn a_plugin_built_with_panic_abort_ends_by_its_signal() {
    let sandbox = Sandbox::new();
    let sick = "[[benchmark]]\nname = 'sick'\nplugin = 'm'\nworkload = 'trouble'\nparams = { what = 'panic' }\n";

    let (output, run) = sandbox.suite(&suite(&aborting_plugin(), sick));

    assert_healthy(&sandbox, &run);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert_outcome(&run, "what=panic", "signal", &["SIGABRT"]);
    assert_eq!(run.plugins[0].build["panic"], "abort");
    assert!(
        case(&run, "what=panic").repetitions[0]
            .output
            .stderr
            .contains("out of luck")
    );
}

#[test]
fn a_plugin_that_hangs_is_ended_at_its_limit() {
    let sandbox = Sandbox::new();
    let hangs = "what = ['hang-sleeping', 'hang-spinning']";

    let (output, run) = misbehave(
        &sandbox,
        &format!("{{ {hangs}, phase = ['create', 'iterate', 'teardown'] }}"),
        "",
    );
    let (_, late) = misbehave(&sandbox, &format!("{{ {hangs} , after = [10] }}"), "");

    assert_eq!(output.code, Some(1), "{output:?}");
    for hang in ["hang-sleeping", "hang-spinning"] {
        for (entry, phase) in [
            ("create", "create"),
            ("iterate", "first-iteration"),
            ("teardown", "teardown"),
        ] {
            let words = format!("{phase} took longer than its limit of 500 ms");
            assert_outcome(
                &run,
                &format!("phase={entry}&threads=1&what={hang}"),
                "timeout",
                &[&words],
            );
        }
        assert_outcome(
            &late,
            &format!("after=10&threads=1&what={hang}"),
            "stall",
            &["no sign of life"],
        );
    }
}

#[test]
fn what_a_plugin_prints_is_kept_to_a_bound_and_never_in_the_way() {
    let sandbox = Sandbox::new();

    let (output, run) = misbehave(
        &sandbox,
        "{ what = ['garbage-on-stdout', 'flood-stderr'] }",
        "warm-up = 'none'\niterations = 1\nsamples = { min = 1, max = 1 }",
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    let garbage = &case(&run, "what=garbage-on-stdout").repetitions[0].output;
    assert!(garbage.stdout.contains("{\"\n"));
    let flood = case(&run, "what=flood-stderr");
    let kept = &flood.repetitions[0].output;
    assert!(kept.stderr.len() < 100_000);
    // One verified iteration and one sample at least, 100 MiB each.
    assert!(
        kept.dropped_bytes >= 2 * (100 << 20) - 100_000,
        "{}",
        kept.dropped_bytes
    );
    assert!(
        flood
            .flags
            .iter()
            .any(|flag| flag.kind == FlagKind::OutputTruncated)
    );
}

#[test]
fn processes_that_a_plugin_leaves_behind_are_ended() {
    let sandbox = Sandbox::new();
    // A length that no other process sleeps.
    let sleep = format!("{}.25", 10_000 + std::process::id());

    let (output, run) = misbehave(
        &sandbox,
        &format!("{{ what = ['grandchild', 'grandchild-in-own-session'], sleep = ['{sleep}'] }}"),
        "warm-up = 'none'\niterations = 1\nsamples = { min = 1, max = 3 }",
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    for part in ["what=grandchild", "what=grandchild-in-own-session"] {
        let case = run
            .cases
            .iter()
            .find(|case| case.case.id.as_str().ends_with(part))
            .unwrap();
        assert!(
            case.flags
                .iter()
                .any(|f| f.kind == FlagKind::StrayProcesses),
            "{case:?}"
        );
    }
    assert!(processes_with(&sleep).is_empty());
}

#[test]
fn a_workload_that_looks_when_to_stop_releases_what_it_has() {
    let sandbox = Sandbox::new();
    let axes = "{ what = ['waits-politely'] }";

    let settings = "params = { file = 'released' }";
    let (_, run) = misbehave(&sandbox, axes, settings);

    let outcome = &case(&run, "waits-politely").outcome;
    assert!(matches!(outcome, Outcome::Timeout { .. }), "{outcome:?}");
    let released = std::fs::read_to_string(sandbox.path().join("released"));
    assert_eq!(released.unwrap(), "released");
}
