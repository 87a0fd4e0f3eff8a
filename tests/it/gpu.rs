//! The probe `gpu`, through a stand-in for NVIDIA's management library.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod counted;
mod levels;
mod opening;
mod readings;
mod skipped;

use benchhost::probe::{
    Probe as _, Target,
    gpu::{GpuProbe, Library},
};
use benchhost_record::Reading;

use crate::support::FakeNvml;

const POLL_NS: u64 = 100_000_000;

/// The library of `fake`, opened as long as the test runs.
fn open(fake: &FakeNvml) -> Library {
    Library::open_at(&fake.library()).unwrap()
}

/// This process as the case's worker.
fn this_process() -> Target {
    Target {
        pids: vec![std::process::id()],
        cpus: Vec::new(),
    }
}

/// A line of a process list for this process.
fn own_process(memory: &str) -> String {
    format!("{} {memory}", std::process::id())
}

/// Looks for `polls` tenths of a second, at the first, at each tenth and at the last of which `script` says what the
/// library answers.
fn looked_at(
    fake: &FakeNvml,
    probe: &mut GpuProbe<'_>,
    polls: u64,
    script: impl Fn(u64) -> String,
) -> Vec<Reading> {
    fake.says(&script(0));
    probe.begin(&this_process());
    for poll in 1..polls {
        fake.says(&script(poll));
        probe.poll(poll * POLL_NS);
    }
    fake.says(&script(polls));
    probe.end(polls * POLL_NS)
}

fn reading<'a>(readings: &'a [Reading], name: &str) -> Option<&'a Reading> {
    readings.iter().find(|one| one.metric.name == name)
}

/// Value of the reading `name`.
fn value(readings: &[Reading], name: &str) -> Option<f64> {
    reading(readings, name).map(|one| one.value)
}

/// Source of the reading `name`.
fn source<'a>(readings: &'a [Reading], name: &str) -> &'a str {
    &reading(readings, name).unwrap().source
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs(),
        "found {found}, expected {expected} within {tolerance}"
    );
}
