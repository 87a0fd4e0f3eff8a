//! Noise flags of one case: each a sentence with the numbers that triggered it.

pub(crate) mod load;
pub(crate) mod machine;
pub(crate) mod samples;

use benchhost_plan::Benchmark;
use benchhost_record::{Case, Flag, FlagKind, Measurement, StopReason, names};

use super::{repetition::Taken, sharing};
use crate::{load::Plugin, probe::gpu::throttled};

/// The flags of a case.
pub(super) fn of(
    benchmark: &Benchmark,
    case: &Case,
    plugin: Option<&Plugin>,
    taken: &[Taken],
    measurements: &[Measurement],
) -> Vec<Flag> {
    let time = measurements.iter().find(|m| m.metric.name == names::TIME);
    let mut flags = Vec::new();
    let mut add = |kind, message: Option<String>| {
        flags.extend(message.map(|message| Flag { kind, message }));
    };
    add(FlagKind::DebugBuild, plugin.and_then(debug_build));
    add(FlagKind::Oversubscribed, oversubscribed(case));
    add(FlagKind::MixedOutcomes, mixed_outcomes(taken));
    add(FlagKind::Partial, partial(taken));
    add(FlagKind::WarmUpCapped, warm_up_capped(benchmark, taken));
    add(
        FlagKind::Imprecise,
        time.and_then(|time| imprecise(benchmark, taken, time)),
    );
    let cpus = super::cpus::held_to(&benchmark.settings.pin, case.all_threads());
    let used = cpus.len().min(case.all_threads() as usize);
    for (kind, message) in samples::of(taken, used, time) {
        add(kind, message);
    }
    let load = case
        .offered_load
        .and_then(|load| load::unserved(load, measurements));
    let load = load.map(|what| format!("{what}: the latencies grow with the time it is tried"));
    add(FlagKind::Overloaded, load);
    add(FlagKind::PluginWarning, plugin_warning(taken));
    add(FlagKind::OutputTruncated, output_truncated(taken));
    add(FlagKind::StrayProcesses, strays(taken));
    add(FlagKind::SharedCore, sharing::remark(taken));
    flags.extend(machine::of_case(taken, &cpus, case.all_threads()));
    let gpu = gpu_throttled(taken).map(|message| Flag {
        kind: FlagKind::Throttled,
        message,
    });
    flags.extend(gpu);
    flags
}

/// The worst of the repetitions.
fn gpu_throttled(taken: &[Taken]) -> Option<String> {
    let shares = taken
        .iter()
        .filter_map(|one| throttled(&one.repetition.readings));
    let worst = shares.fold(0.0, f64::max);
    (worst > 0.0).then(|| {
        format!(
            "a graphics processor was slowed by heat or power in {:.0} % of the looks at it",
            100.0 * worst
        )
    })
}

fn debug_build(plugin: &Plugin) -> Option<String> {
    let build = &plugin.manifest.build;
    let slow = build.debug_assertions || build.opt_level == "0";
    slow.then(|| {
        format!(
            "the plugin was built with opt-level {} and debug assertions {}: build it with --release",
            build.opt_level,
            if build.debug_assertions { "on" } else { "off" }
        )
    })
}

fn oversubscribed(case: &Case) -> Option<String> {
    let cpus = super::usable_cpus().len();
    let threads = case.all_threads();
    (threads as usize > cpus).then(|| format!("{threads} threads on {cpus} CPUs"))
}

fn mixed_outcomes(taken: &[Taken]) -> Option<String> {
    let ok = taken
        .iter()
        .filter(|one| one.repetition.outcome.is_ok())
        .count();
    (ok > 0 && ok < taken.len()).then(|| {
        format!(
            "{ok} of {} repetitions were fine, the others were not",
            taken.len()
        )
    })
}

fn partial(taken: &[Taken]) -> Option<String> {
    let kept: usize = taken
        .iter()
        .filter(|one| one.repetition.outcome.is_failure())
        .map(|one| one.samples.len())
        .sum();
    (kept > 0).then(|| format!("{kept} samples taken before the failure are kept, without numbers"))
}

fn warm_up_capped(benchmark: &Benchmark, taken: &[Taken]) -> Option<String> {
    let benchhost_plan::WarmUp::Auto { cap_ns, .. } = benchmark.settings.warm_up else {
        return None;
    };
    let capped = taken
        .iter()
        .filter_map(|one| one.repetition.warm_up)
        .filter(|warm| !warm.steady && warm.elapsed_ns >= cap_ns)
        .count();
    (capped > 0).then(|| {
        format!(
            "the warm-up of {capped} of {} repetitions ended at its cap of {} before the times were steady",
            taken.len(),
            benchhost_record::Nanos(cap_ns)
        )
    })
}

fn imprecise(benchmark: &Benchmark, taken: &[Taken], time: &Measurement) -> Option<String> {
    let spent = taken
        .iter()
        .any(|one| one.repetition.stopped_by == Some(StopReason::TimeBudget));
    let summary = time.summary.as_ref()?;
    let reached = summary.interval.relative_half_width(summary.median);
    let asked = benchmark.settings.sampling.precision;
    (spent && reached > asked).then(|| {
        format!(
            "±{:.1} % after the time budget of {}, ±{:.1} % was asked",
            reached * 100.0,
            benchhost_record::Nanos(benchmark.settings.sampling.max_time_ns),
            asked * 100.0
        )
    })
}

fn plugin_warning(taken: &[Taken]) -> Option<String> {
    taken.iter().flat_map(|one| &one.warnings).next().cloned()
}

fn output_truncated(taken: &[Taken]) -> Option<String> {
    let dropped: u64 = taken
        .iter()
        .map(|one| one.repetition.output.dropped_bytes)
        .sum();
    (dropped > 0).then(|| {
        format!(
            "{} of the plugin's output were not kept",
            benchhost_record::Bytes(dropped)
        )
    })
}

fn strays(taken: &[Taken]) -> Option<String> {
    let strays: usize = taken.iter().map(|one| one.strays).sum();
    (strays > 0).then(|| format!("{strays} processes that the plugin left behind were ended"))
}
