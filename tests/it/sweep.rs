//! Several instances at once, loads from outside, and searches for the largest value that works.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod probing;
mod roofs;

use benchhost_record::{FlagKind, Outcome, names};

use crate::support::{Sandbox, case, metric, plugin};

/// A suite with one benchmark of the workload that misbehaves on request.
fn suite(keys: &str) -> String {
    format!(
        "name = 'sweep'\n[defaults]\nmax-time = '50ms'\nwarm-up = {{ iterations = 2 }}\n[plugins]\nm = '{}'\n\
         [[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\n{keys}\n",
        plugin("fixture-misbehave").display()
    )
}

#[test]
fn instances_work_at_once_in_one_process_and_in_several() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\naxes = { instances = [1, 2], instances-mode = ['rayon', 'process'] }",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(run.cases.len(), 4);
    for part in [
        "instances=2&instances-mode=rayon",
        "instances=2&instances-mode=process",
    ] {
        let case = case(&run, part);
        let fairness = metric(case, names::FAIRNESS).summary.as_ref().unwrap();
        assert!(fairness.min > 0.0 && fairness.max <= 1.0, "{fairness:?}");
        // Both do the work, and both are counted.
        assert_eq!(case.work.as_ref().unwrap().items, 2.0);
        let (time, rate) = (metric(case, names::TIME), metric(case, names::THROUGHPUT));
        let product = time.samples.value[0] * 1e-9 * rate.samples.value[0];
        assert!((product - 2.0).abs() < 1e-9, "{product}");
        let usage = case.repetitions[0].usage.unwrap();
        assert!(usage.busy_threads >= 2, "{usage:?}");
        assert!(usage.user_ns > 0 && usage.peak_bytes > 0);
    }
}

#[test]
fn one_bad_instance_is_the_outcome_of_all() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { phase = 'iterate' }\naxes = { what = ['abort', 'wrong', 'panic', 'more-threads'], \
         instances-mode = ['rayon', 'process'] }\ninstances = 2",
    ));

    assert_eq!(output.code, Some(1), "{output:?}");
    for (what, slug) in [("abort", "signal"), ("wrong", "wrong"), ("panic", "panic")] {
        for mode in ["rayon", "process"] {
            let part = format!("instances-mode={mode}&phase=iterate&threads=1&what={what}");
            let case = case(&run, &part);
            assert_eq!(case.outcome.word(), slug, "{part}: {:?}", case.outcome);
            assert!(
                case.measurements.iter().all(|m| m.summary.is_none()),
                "{part} has a speed"
            );
        }
    }
}

#[test]
fn a_load_from_outside_has_latencies_and_is_drawn_by_the_seed() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\noffered-load = '200/s'\nmax-time = '500ms'",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let case = case(&run, "offered-load=200");
    let (latency, time) = (metric(case, names::LATENCY), metric(case, names::TIME));
    assert_eq!(latency.samples.len(), time.samples.len());
    // About 100 arrivals in half a second; six standard deviations around that.
    assert!(
        (40..=160).contains(&latency.samples.len()),
        "{}",
        latency.samples.len()
    );
    for (latency, time) in latency.samples.value.iter().zip(&time.samples.value) {
        assert!(latency >= time, "{latency} < {time}");
    }
    assert!(metric(case, names::SERVED).summary.is_some());
    assert!(
        case.measurements
            .iter()
            .all(|m| m.metric.name != names::THROUGHPUT)
    );
}

#[test]
fn a_search_finds_what_fits_into_memory_and_lists_what_does_not() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\nlimits = { memory = '200 MiB', memory-by = 'watchdog', iteration = '30s', stall = '30s' }\n\
         search = { hold = { from = 8, to = 4096, multiple-of = 4 } }\ntargets = { largest-hold = '>= 128' }",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let case = case(&run, "hold=max");
    let search = case.search.as_ref().unwrap();
    let (largest, failing) = (search.largest.unwrap(), search.smallest_failing.unwrap());
    assert!(
        largest > 128.0 && failing <= 204.0 && failing - largest <= 4.0,
        "{search:?}"
    );
    assert_eq!(
        metric(case, "largest-hold")
            .summary
            .as_ref()
            .unwrap()
            .median,
        largest
    );
    assert!(case.outcome.is_ok() && case.targets.contains_key("largest-hold"));
    let refused: Vec<_> = search.tried.iter().filter(|one| !one.works()).collect();
    assert!(!refused.is_empty());
    for one in refused {
        assert!(matches!(one.outcome, Outcome::OomLimit { .. }), "{one:?}");
        assert!(one.value >= failing && one.missed.is_none());
    }
    for one in search.tried.iter().filter(|one| one.works()) {
        assert!(
            one.medians[names::PEAK_MEMORY] >= one.value * 1_048_576.0,
            "{one:?}"
        );
    }
    assert!(output.stdout.contains("hold"), "{}", output.stdout);
}

#[test]
fn a_search_whose_first_value_fails_says_so() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\nsearch = { hold = { from = 1, to = 8, under = { time = '<= 1ns' } } }",
    ));

    assert_eq!(output.code, Some(1), "{output:?}");
    let sentence = run.cases[0].outcome.sentence();
    assert!(
        sentence.contains("not even hold=1 works: median(time) is "),
        "{sentence}"
    );
}

#[test]
fn conditions_that_cannot_hold_are_told_before_anything_is_measured() {
    let sandbox = Sandbox::new();
    for (under, expected) in [
        (
            "tiem = '<= 1s'",
            "suite.toml:11: m/trouble has no metric `tiem` (did you mean `time`?)",
        ),
        (
            "zebra = '<= 1s'",
            "suite.toml:11: m/trouble has no metric `zebra` (there are: time, ",
        ),
        (
            "time = '<= 1 MB'",
            "suite.toml:11: `time` is in ns, the bound is \"<= 1 MB\"",
        ),
    ] {
        let search = format!("search = {{ hold = {{ from = 1, to = 8, under = {{ {under} }} }} }}");
        sandbox.write("suite.toml", suite(&search));

        let output = sandbox.run(&["run", "suite.toml", "--out", "out"]);

        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(expected), "{}", output.stderr);
        assert!(!sandbox.path().join("out").exists());
    }
}

#[test]
fn a_wrong_answer_is_no_answer_to_how_large() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'wrong', phase = 'verify' }\nsearch = { hold = { from = 1, to = 8 } }",
    ));

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        matches!(run.cases[0].outcome, Outcome::Wrong { .. }),
        "{:?}",
        run.cases[0].outcome
    );
    assert_eq!(run.cases[0].search.as_ref().unwrap().tried.len(), 1);
}

#[test]
fn a_load_that_cannot_be_served_is_flagged_and_a_rare_one_is_no_hang() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\nlimits = { stall = '150ms' }\nmax-time = '400ms'\n\
         axes = { offered-load = [4, 1000000] }",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let rare = case(&run, "offered-load=4");
    assert!(
        rare.outcome.is_ok() || rare.outcome.sentence().contains("nothing was asked for"),
        "{:?}",
        rare.outcome
    );
    let flooded = case(&run, "offered-load=1000000");
    let flag = flooded
        .flags
        .iter()
        .find(|flag| flag.kind == FlagKind::Overloaded)
        .unwrap();
    assert!(
        flag.message.contains(" in a second were served"),
        "{}",
        flag.message
    );
}

#[test]
fn the_highest_load_that_is_served_is_found() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(
        "params = { what = 'work' }\nmax-time = '200ms'\n\
         search = { offered-load = { from = 50, to = 10000000, resolution = '50%' } }",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let search = case(&run, "offered-load=max").search.as_ref().unwrap();
    assert!(
        search.largest >= Some(50.0) && search.smallest_failing.is_some(),
        "{search:?}"
    );
    for one in search.tried.iter().filter(|one| !one.works()) {
        let why = one.missed.as_ref().unwrap();
        assert!(why.ends_with(" in a second were served"), "{why}");
        assert!(one.medians[names::SERVED] < one.value, "{one:?}");
    }
    assert!(
        output
            .stdout
            .contains("the largest that works is offered-load = "),
        "{}",
        output.stdout
    );
}
