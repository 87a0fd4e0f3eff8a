//! Rules of the run as a whole.

use benchhost_gate::Verdict;
use benchhost_record::{
    Basis, Direction, Extent, Metric, MetricKind, Outcome, PluginRecord, ProbeCost, Reading,
    RunState, Severity, Work,
};

use super::Row;
use crate::fixture::World;

fn plugin(world: &mut World, rejected: Option<&str>) {
    world.run.plugins.push(PluginRecord {
        name: "p".to_owned(),
        path: "libp.so".to_owned(),
        sha256: String::new(),
        version: String::new(),
        api: String::new(),
        build: Default::default(),
        rejected: rejected.map(str::to_owned),
    });
}

/// Polls of a probe in a second of measuring.
fn looked(world: &mut World, probe: &str, poll_ns: f64, polls: u64) {
    let cost = ProbeCost {
        begin_ns: 0,
        poll_ns,
        polls,
        end_ns: 0,
    };
    world.run.probe_costs.insert(probe.to_owned(), cost);
    let worker = world.worker();
    worker.times.measure_ns = 1_000_000_000;
    worker.readings.push(Reading {
        metric: Metric::new("x", "1", Direction::Neither, MetricKind::Count),
        value: 1.0,
        extent: Extent::Level,
        basis: Basis::Measured,
        source: "s".to_owned(),
    });
}

fn other_kernel(world: &mut World, verdict: Verdict) {
    world.before.kernel = Some("6.1".to_owned());
    world.verdict(verdict, 0.2);
}

fn declares(world: &mut World, has_roofs: bool) {
    world.case().work = Some(Work {
        flop: 1e6,
        ..Work::default()
    });
    world.has_roofs = has_roofs;
}

fn skipped(world: &mut World, reason: &str) {
    let reason = reason.to_owned();
    world.add("p/w2", &[], "cpu").outcome = Outcome::Skipped { reason };
}

pub(super) const ROWS: &[Row] = &[
    (
        "plugin-refused",
        |world| plugin(world, Some("built for another API")),
        |world| plugin(world, None),
    ),
    (
        "interrupted",
        |world| world.run.planned_cases = 2,
        |world| world.run.planned_cases = 1,
    ),
    (
        "missing-data",
        |world| {
            skipped(
                world,
                "m.gguf is not here; `benchhost data fetch m` fetches it",
            )
        },
        |world| skipped(world, "this machine has no warp drive"),
    ),
    (
        "environment-changed",
        |world| other_kernel(world, Verdict::Regressed(Severity::Warning)),
        |world| other_kernel(world, Verdict::Improved),
    ),
    (
        "tracking-overhead",
        |world| looked(world, "memory", 1e6, 51),
        |world| looked(world, "memory", 1e6, 49),
    ),
    (
        "slow-gpu-read",
        |world| looked(world, "gpu", 1.01e6, 2),
        |world| looked(world, "gpu", 0.99e6, 2),
    ),
    (
        "slow-run",
        |world| world.run.finished = Some("2026-11-21T04:30:01Z".to_owned()),
        |world| world.run.finished = Some("2026-11-21T04:29:59Z".to_owned()),
    ),
    (
        "one-repetition",
        |world| world.case().repetitions.truncate(1),
        |world| world.case().repetitions.truncate(2),
    ),
    (
        "one-repetition",
        |world| world.case().repetitions.truncate(1),
        |world| {
            world.case().repetitions.truncate(1);
            world.run.state = RunState::Interrupted;
        },
    ),
    (
        "no-baseline",
        |world| world.past(&[1e6], false),
        |world| world.past(&[1e6], true),
    ),
    (
        "short-history",
        |world| world.earlier_runs = 7,
        |world| world.earlier_runs = 8,
    ),
    (
        "seldom-run",
        |world| world.before_started = "2026-11-14T03:00:00Z".to_owned(),
        |world| world.before_started = "2026-11-14T05:00:00Z".to_owned(),
    ),
    (
        "no-roofs",
        |world| declares(world, false),
        |world| declares(world, true),
    ),
];
