//! What holds for a run holds for a comparison: limits, pins, threads, and a side that is far slower than the other.

use super::{compare, one, reason, verdict};
use crate::support::{Sandbox, plugin};

/// A suite of `plugin` with one benchmark; `lines`: its table.
fn suite(sandbox: &Sandbox, name: &str, lines: &str) -> String {
    let text = format!(
        "name = 's'\n[plugins]\n{name} = 'x.so'\n[[benchmark]]\nname = 'b'\nplugin = '{name}'\n{lines}\n"
    );
    let path = sandbox.write("suite.toml", text);
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_candidate_thousands_of_times_slower_is_found_within_the_time() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let more = ["--candidate-param", "what=work", "--max-time", "20s"];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    let found = one(&json, "trouble");
    assert_eq!(
        (found["verdict"].as_str(), output.code),
        (Some("slower"), Some(4)),
        "{output:?}"
    );
    assert!(found["ratio"].as_f64().unwrap() > 1000.0, "{found}");
}

#[test]
fn threads_that_work_beside_the_samples_are_no_fair_comparison() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let more = [
        "--param",
        "what=work",
        "--candidate-param",
        "what=spinning-pool",
        "--max-rounds",
        "4",
    ];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    assert_eq!(verdict(&json, "trouble"), "failed", "{output:?}");
    let why = reason(&json, "trouble");
    assert!(why.contains("the candidate"), "{why}");
    assert!(why.contains("(threads)"), "{why}");
    assert_eq!(output.code, Some(1));
}

#[test]
fn a_memory_limit_ends_the_side_that_passes_it() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let lines =
        "workload = 'trouble'\nparams = { what = 'nothing' }\nlimits = { memory = '48MiB' }";
    let suite = suite(&sandbox, "misbehave", lines);
    let more = [
        "--suite",
        &suite,
        "--candidate-param",
        "what=leak",
        "--max-rounds",
        "2",
    ];

    let (output, json) = compare(&sandbox, [&trouble, &trouble], &more);

    assert_eq!(verdict(&json, "trouble"), "failed", "{output:?}");
    assert!(
        reason(&json, "trouble").contains("the candidate failed"),
        "{json}"
    );
    assert!(reason(&json, "trouble").contains("memory"), "{json}");
}

#[test]
fn a_cpu_that_does_not_exist_is_a_mistake_of_the_suite() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let suite = suite(
        &sandbox,
        "kernels",
        "workload = 'arithmetic'\npin = [100000]",
    );

    let (output, _) = compare(&sandbox, [&kernels, &kernels], &["--suite", &suite]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("`pin` names CPU 100000"),
        "{output:?}"
    );
}

#[test]
fn a_parameter_that_makes_two_cases_one_is_a_mistake() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));
    let lines = "workload = 'arithmetic'\naxes = { units = [100, 200] }";
    let suite = suite(&sandbox, "kernels", lines);
    let more = ["--suite", &suite, "--param", "units=300"];

    let (output, _) = compare(&sandbox, [&kernels, &kernels], &more);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output
            .stderr
            .contains("--param makes several cases of the suite the same"),
        "{output:?}"
    );
}

#[test]
fn options_without_a_meaning_are_refused() {
    let (sandbox, kernels) = (Sandbox::new(), plugin("fixture-kernels"));

    let (output, _) = compare(&sandbox, [&kernels, &kernels], &["--across-machines"]);

    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("--across-machines has no meaning for builds"),
        "{output:?}"
    );
}
