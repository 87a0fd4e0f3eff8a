//! Plugins that take more memory than they may, under each way of enforcing the limit.

use benchhost_record::Outcome;

use crate::support::Sandbox;

use super::{assert_outcome, misbehave, outcome};

const LIMIT_BYTES: u64 = 200 << 20;

/// A leak of 10 MiB an iteration and one allocation of 3 GiB, against a limit of 200 MiB.
fn against(by: &str) {
    let sandbox = Sandbox::new();

    let (output, run) = misbehave(
        &sandbox,
        "{ what = ['leak', 'bomb'], after = [2] }",
        &format!(
            "limits = {{ memory = '200 MiB', memory-by = '{by}', iteration = '30s', stall = '30s' }}\nprecision = '0.0001%'\nmax-time = '20s'"
        ),
    );

    assert_eq!(output.code, Some(1), "{output:?}");
    for what in ["what=leak", "what=bomb"] {
        let Outcome::OomLimit { limit_bytes, .. } = outcome(&run, what) else {
            panic!("{by}: {what}: {:?}", outcome(&run, what));
        };
        assert_eq!(*limit_bytes, LIMIT_BYTES, "{by}: {what}");
    }
}

#[test]
fn the_watchdog_ends_what_takes_too_much() {
    against("watchdog");
}

#[test]
fn a_peak_that_no_look_saw_still_breaks_a_watched_limit() {
    let sandbox = Sandbox::new();

    // A sample or two, over long before the host looks for the first time.
    let (_, run) = misbehave(
        &sandbox,
        "{ what = ['nothing'], phase = ['teardown'] }",
        "limits = { memory = '1 MiB', memory-by = 'watchdog' }\nmax-time = '1ms'\nwarm-up = 'none'",
    );

    assert_outcome(
        &run,
        "phase=teardown",
        "oom-limit",
        &["memory limit of 1 MiB", "peak"],
    );
}

#[test]
fn a_limited_address_space_refuses_what_is_too_much() {
    against("address-space");
}

#[test]
fn the_best_way_this_machine_has_ends_what_takes_too_much() {
    against("auto");
}

#[test]
fn an_allocation_that_nothing_can_satisfy_is_a_memory_outcome_without_a_limit() {
    let sandbox = Sandbox::new();

    let (_, run) = misbehave(&sandbox, "{ what = ['impossible-allocation'] }", "");

    assert_outcome(
        &run,
        "what=impossible",
        "oom-limit",
        &["the system refused an allocation"],
    );
}
