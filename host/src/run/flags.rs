//! Noise flags of one case: each a sentence with the numbers that triggered it.

pub(crate) mod load;
pub(crate) mod machine;
pub(crate) mod samples;

use benchhost_plan::Benchmark;
use benchhost_record::{Case, Flag, FlagKind, Measurement, StopReason, format_quantity, names};

use super::{repetition::Taken, sharing};
use crate::{load::Plugin, probe::gpu::throttled};

/// Times the asked precision from which an interval is remarked although every process was precise by itself.
const WIDE: f64 = 5.0;

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
    add(
        FlagKind::SelfTimed,
        plugin.and_then(|plugin| self_timed(plugin, time, measurements)),
    );
    add(
        FlagKind::Unverified,
        plugin.and_then(|plugin| unverified(plugin, case)),
    );
    add(FlagKind::Oversubscribed, oversubscribed(case));
    add(FlagKind::MixedOutcomes, mixed_outcomes(taken));
    let planned = benchmark.turns_of_a_case();
    add(FlagKind::Partial, partial(taken, planned));
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

/// How much longer the host's clock saw it take than the plugin's own.
fn self_timed(
    plugin: &Plugin,
    time: Option<&Measurement>,
    measurements: &[Measurement],
) -> Option<String> {
    if !plugin.is_process() {
        return None;
    }
    let median = |measurement: &Measurement| Some(measurement.summary.as_ref()?.median);
    let wall = measurements
        .iter()
        .find(|m| m.metric.name == names::WALL_TIME)
        .and_then(median);
    let (wall, own) = wall.zip(time.and_then(median))?;
    Some(format!(
        "the plugin is a process and times itself: by the host's clock an iteration takes at most {}, the plugin says {}",
        format_quantity(wall, "ns"),
        format_quantity(own, "ns")
    ))
}

fn unverified(plugin: &Plugin, case: &Case) -> Option<String> {
    let mut workloads = plugin.meta.workloads.iter();
    let workload = workloads.find(|workload| workload.name == case.workload)?;
    (!workload.verifies).then(|| {
        format!(
            "workload `{}` has no `verify`: nothing proves that its answers are right",
            workload.name
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

/// Samples without numbers, or fewer repetitions than planned of a case that is fine.
fn partial(taken: &[Taken], planned: u32) -> Option<String> {
    let is_fine = taken.iter().all(|one| one.repetition.outcome.is_ok());
    if !taken.is_empty() && is_fine && taken.len() < planned as usize {
        return Some(format!("{} of {planned} repetitions are in", taken.len()));
    }
    let kept: usize = taken
        .iter()
        .filter(|one| one.repetition.outcome.is_failure())
        .map(|one| one.samples.len())
        .sum();
    (kept > 0).then(|| format!("{kept} samples taken before the failure are kept, without numbers"))
}

/// `1 repetition`, `5 repetitions`.
fn repetitions(count: usize) -> String {
    format!("{count} repetition{}", if count == 1 { "" } else { "s" })
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
            "the warm-up of {capped} of {} ended at its cap of {} before the times were steady",
            repetitions(taken.len()),
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
    let sampling = &benchmark.settings.sampling;
    let budget = spent.then_some(benchhost_record::Nanos(sampling.max_time_ns));
    too_wide(reached, sampling.precision, budget)
}

/// What is wrong with an interval of half the width `reached`, as a share; `budget`: that ended the sampling, if it did.
fn too_wide(reached: f64, asked: f64, budget: Option<benchhost_record::Nanos>) -> Option<String> {
    let why = if let (Some(budget), true) = (budget, reached > asked) {
        format!("after the time budget of {budget}")
    } else if reached > WIDE * asked {
        "from one process to the next".to_owned()
    } else {
        return None;
    };
    Some(format!(
        "±{:.1} % {why}, ±{:.1} % was asked",
        reached * 100.0,
        asked * 100.0
    ))
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

#[cfg(test)]
mod tests {
    use super::{partial, too_wide};
    use benchhost_record::Nanos;

    #[test]
    fn what_never_ran_lacks_no_repetition() {
        assert_eq!(partial(&[], 5), None);
    }

    #[test]
    fn an_interval_is_too_wide_at_the_end_of_its_time_or_when_processes_differ_by_far() {
        let budget = Some(Nanos(300_000_000));
        assert_eq!(too_wide(0.009, 0.01, budget), None);
        let spent = "±2.0 % after the time budget of 300 ms, ±1.0 % was asked";
        assert_eq!(too_wide(0.02, 0.01, budget).as_deref(), Some(spent));
        assert_eq!(too_wide(0.05, 0.01, None), None, "each process was precise");
        let wide = "±132.0 % from one process to the next, ±1.0 % was asked";
        assert_eq!(too_wide(1.32, 0.01, None).as_deref(), Some(wide));
        assert_eq!(too_wide(f64::NAN, 0.01, budget), None);
    }
}
