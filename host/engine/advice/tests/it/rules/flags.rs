//! Rules of flags and of ends: the number is that of the worst worker.

use benchhost_record::{FlagKind, MachineNoise, Outcome, Phase, Sharing, Usage};

use super::Row;
use crate::fixture::{With as _, World};

fn nothing(_: &mut World) {}

fn flagged(world: &mut World, kind: FlagKind, noise: MachineNoise) {
    world.worker().machine = Some(noise);
    world.case().flag(kind);
}

fn used(world: &mut World, kind: FlagKind, usage: Usage) {
    world.worker().usage = Some(usage);
    world.case().flag(kind);
}

fn ended(world: &mut World, outcome: Outcome) {
    world.case().measurements.clear();
    world.case().outcome = outcome;
}

/// Circumstances alone are no reason: the flag says that they matter.
fn busy_without_flag(world: &mut World) {
    world.worker().machine = Some(MachineNoise {
        elapsed_ns: 1_000_000_000,
        other_share: Some(0.9),
        quota_stopped_ns: Some(9_000_000),
        ..MachineNoise::default()
    });
}

pub(super) const ROWS: &[Row] = &[
    (
        "debug-build",
        |world| {
            world.case().flag(FlagKind::DebugBuild);
        },
        nothing,
    ),
    (
        "out-of-memory",
        |world| {
            ended(
                world,
                Outcome::OomLimit {
                    phase: Phase::Measure,
                    limit_bytes: 1 << 30,
                    peak_bytes: 1_080_000_000,
                },
            );
        },
        |world| {
            ended(
                world,
                Outcome::Signal {
                    phase: Phase::Measure,
                    signal: 11,
                    name: "SIGSEGV".to_owned(),
                },
            );
        },
    ),
    (
        "out-of-time",
        |world| {
            ended(
                world,
                Outcome::Timeout {
                    phase: Phase::Setup,
                    limit_ns: 2_000_000_000,
                },
            );
        },
        |world| {
            ended(
                world,
                Outcome::Exit {
                    phase: Phase::Setup,
                    code: 3,
                },
            );
        },
    ),
    (
        "fails-sometimes",
        |world| {
            world.worker().outcome = Outcome::Exit {
                phase: Phase::Measure,
                code: 1,
            };
            let outcome = world.worker().outcome.clone();
            ended(world, outcome);
            world.case().flag(FlagKind::MixedOutcomes);
        },
        |world| {
            // A case that fails always.
            ended(
                world,
                Outcome::Exit {
                    phase: Phase::Measure,
                    code: 1,
                },
            );
        },
    ),
    (
        "throttled",
        |world| {
            let noise = MachineNoise {
                elapsed_ns: 1_000_000_000,
                throttle_events: Some(3),
                ..MachineNoise::default()
            };
            flagged(world, FlagKind::Throttled, noise);
        },
        busy_without_flag,
    ),
    (
        "other-load",
        |world| {
            let noise = MachineNoise {
                elapsed_ns: 1_000_000_000,
                waited_ns: Some(200_000_000),
                ..MachineNoise::default()
            };
            flagged(world, FlagKind::OtherLoad, noise);
        },
        busy_without_flag,
    ),
    (
        "shared-core",
        |world| {
            world.worker().sharing = Some(Sharing {
                share: 0.6,
                ..Sharing::default()
            });
            world.case().flag(FlagKind::SharedCore);
        },
        nothing,
    ),
    (
        "descheduled",
        |world| {
            let usage = Usage {
                involuntary_switches: 60,
                ..Usage::default()
            };
            used(world, FlagKind::Descheduled, usage);
        },
        nothing,
    ),
    (
        "oversubscribed",
        |world| {
            world.case().case.threads = 4;
            world.case().flag(FlagKind::Oversubscribed);
        },
        |world| world.case().case.threads = 4,
    ),
    (
        "thread-excess",
        |world| {
            let case = world.case();
            case.metric("cpu-time", "ns", benchhost_record::MetricKind::Time, 3e6);
            case.flag(FlagKind::ThreadExcess);
        },
        nothing,
    ),
    (
        "page-faults",
        |world| {
            let usage = Usage {
                minor_faults: 4000,
                ..Usage::default()
            };
            used(world, FlagKind::PageFaults, usage);
        },
        nothing,
    ),
    (
        "not-steady",
        |world| {
            world.worker().warm_up.as_mut().expect("it has one").steady = false;
            world.case().flag(FlagKind::NotSteady);
        },
        nothing,
    ),
    (
        "warm-up-capped",
        |world| {
            world.case().flag(FlagKind::WarmUpCapped);
        },
        nothing,
    ),
    (
        "imprecise",
        |world| {
            world.case().flag(FlagKind::Imprecise);
        },
        nothing,
    ),
    (
        "outliers",
        |world| {
            let summary = &mut world.case().measurements[0].summary;
            summary.as_mut().expect("it was measured").outliers = 30;
            world.case().flag(FlagKind::Outliers);
        },
        nothing,
    ),
    (
        "bimodal",
        |world| {
            world.case().flag(FlagKind::Bimodal);
        },
        nothing,
    ),
    (
        "coarse-clock",
        |world| {
            world.worker().times.measure_ns = 2000;
            world.case().flag(FlagKind::CoarseClock);
        },
        |world| world.worker().times.measure_ns = 2000,
    ),
    (
        "overloaded",
        |world| {
            let case = world.case();
            case.case.offered_load = Some(100.0);
            case.metric(
                "served",
                "1/s",
                benchhost_record::MetricKind::Throughput,
                60.0,
            );
            case.flag(FlagKind::Overloaded);
        },
        nothing,
    ),
    (
        "plugin-warning",
        |world| {
            world.case().flag(FlagKind::PluginWarning);
        },
        nothing,
    ),
    (
        "stray-processes",
        |world| {
            world.case().flag(FlagKind::StrayProcesses);
        },
        nothing,
    ),
    (
        "no-device",
        |world| {
            world.case().case.device = "cuda:0".to_owned();
            let reason = "no NVIDIA driver here".to_owned();
            ended(world, Outcome::Skipped { reason });
        },
        |world| {
            let reason = "no data here".to_owned();
            ended(world, Outcome::Skipped { reason });
        },
    ),
];
