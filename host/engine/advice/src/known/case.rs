//! What is known of a case: its metrics, its parameters, its machine, how it went.

use benchhost_record::{
    Basis, Bound, CaseResult, Flag, FlagKind, Outcome, ParamValue, Repetition, Run, names,
};

use super::{Known, Siblings, in_base, workers};
use crate::show::SHARE;

/// Flags that say that others had a hand in the numbers.
const DISTURBING: [FlagKind; 4] = [
    FlagKind::OtherLoad,
    FlagKind::SharedCore,
    FlagKind::Throttled,
    FlagKind::Descheduled,
];

/// The names of a case, measured or not.
pub(crate) fn of_case<'a>(
    run: &'a Run,
    result: &'a CaseResult,
    siblings: &Siblings<'a>,
) -> Known<'a> {
    let mut known = Known::default();
    let case = &result.case;
    known.word("workload", format!("{}/{}", case.plugin, case.workload));
    known.word("device", case.device.clone());
    for (name, value) in &case.params {
        let number = match value {
            ParamValue::Int(number) => Some(*number as f64),
            ParamValue::Float(number) => Some(*number),
            ParamValue::Bool(_) | ParamValue::Text(_) | ParamValue::List(_) => None,
        };
        known.put_some(&format!("param.{name}"), number, "1");
    }
    let disturbing = |flag: &&Flag| DISTURBING.contains(&flag.kind);
    let disturbed = result.flags.iter().filter(disturbing).count();
    known.put("disturbed", disturbed as f64, "flags");
    machine(&mut known, run, result);
    effort(&mut known, result);
    metrics(&mut known, result);
    let memory = known.value("memory-limit");
    let used = known.value(names::PEAK_MEMORY);
    let share = used.zip(memory).map(|(used, limit)| used / limit);
    known.put_some("memory-share", share, SHARE);
    workers::circumstances(&mut known, result);
    roofs(&mut known, result);
    known.put_some("energy-by-model", energy_by_model(result), "J");
    known.put_some("speedup-over-cpu", siblings.over_cpu(result), "times");
    known.put_some("speedup-over-f32", siblings.over_f32(result), "times");
    ended(&mut known, &result.outcome);
    known
}

fn machine<'a>(known: &mut Known<'a>, run: &Run, result: &'a CaseResult) {
    let machine = &run.environment;
    let total = Some(machine.memory.total_bytes).filter(|bytes| *bytes > 0);
    let limit = match (machine.cgroup.memory_bytes, total) {
        (Some(group), Some(total)) => Some(group.min(total)),
        (group, total) => group.or(total),
    };
    known.put_some("memory-limit", limit.map(|bytes| bytes as f64), "B");
    known.put("gpus", machine.gpus.len() as f64, "GPUs");
    let threads = f64::from(result.case.all_threads());
    known.put("threads", threads, "threads");
    let cpus = f64::from(machine.cpu.usable_cpus);
    if cpus > 0.0 {
        known.put("cpus", cpus, "CPUs");
        known.put("threads-per-cpu", threads / cpus, "threads on each CPU");
    }
}

/// How long it took, and in how many processes.
fn effort<'a>(known: &mut Known<'a>, result: &'a CaseResult) {
    let all = result.repetitions.len() as f64;
    if all == 0.0 {
        return;
    }
    let whole: f64 = result.repetitions.iter().map(whole_time).sum();
    known.put("case-time", whole, "ns");
    known.put("repetitions", all, "repetitions");
    let is_fixed = result.repetitions.iter().all(|one| one.has_fixed_length);
    known.put("fixed-length", f64::from(u8::from(is_fixed)), "1");
    let failed = result
        .repetitions
        .iter()
        .filter(|one| one.outcome.is_failure());
    known.put("failed-share", failed.count() as f64 / all, SHARE);
}

/// From the start of a worker to its last sample, ns.
fn whole_time(one: &Repetition) -> f64 {
    let times = one.times;
    let warm_up = one.warm_up.map_or(0, |warm_up| warm_up.elapsed_ns);
    let parts = [
        times.start_ns,
        times.load_ns,
        times.create_ns,
        times.setup_ns,
        times.first_iteration_ns,
        warm_up,
        times.measure_ns,
    ];
    parts.iter().map(|part| *part as f64).sum()
}

fn metrics<'a>(known: &mut Known<'a>, result: &'a CaseResult) {
    let mut time = None;
    for measurement in &result.measurements {
        let Some(summary) = &measurement.summary else {
            continue;
        };
        let metric = &measurement.metric;
        let (value, unit) = in_base(metric, summary.median);
        known.put(metric.name.clone(), value, unit);
        let quantiles = summary.quantiles.iter();
        known.quantiles.extend(quantiles.filter_map(|quantile| {
            let (value, _) = in_base(metric, quantile.value?);
            Some((metric.name.as_str(), 100.0 * quantile.q, value))
        }));
        if metric.name == names::TIME {
            time = Some(value).filter(|value| *value > 0.0);
            let spread = summary.interval.relative_half_width(summary.median);
            known.put("spread", spread, SHARE);
            known.put("samples", summary.n as f64, "samples");
            let share = summary.outliers as f64 / summary.n.max(1) as f64;
            known.put("outlier-share", share, SHARE);
        }
    }
    let Some(time) = time else { return };
    for measurement in &result.measurements {
        let phase = measurement.metric.name.strip_prefix(names::PHASE_PREFIX);
        if let (Some(phase), Some(summary)) = (phase, &measurement.summary) {
            let (value, _) = in_base(&measurement.metric, summary.median);
            known.put(format!("share.{phase}"), value / time, SHARE);
        }
    }
    let cpu = known.value(names::CPU_TIME).map(|cpu| cpu / time);
    known.put_some("cpus-used", cpu, "CPUs");
    let served = known.value(names::SERVED).zip(result.case.offered_load);
    known.put_some(
        "served-share",
        served.map(|(served, asked)| served / asked),
        SHARE,
    );
}

fn roofs<'a>(known: &mut Known<'a>, result: &'a CaseResult) {
    let work = result.work.as_ref();
    let declares = work.is_some_and(|work| work.flop > 0.0 || work.bytes > 0.0);
    known.put("declares-work", f64::from(u8::from(declares)), "1");
    let Some(roof) = &result.roofline else { return };
    known.put("roof-share", roof.share, SHARE);
    let unit = roof.unit.word();
    known.put("roof", roof.ceiling, unit);
    known.put("achieved", roof.achieved, unit);
    known.put_some("intensity", roof.intensity, "FLOP/B");
    known.put_some("ridge", roof.ridge, "FLOP/B");
    let name = match roof.bound {
        Bound::Compute => "compute-roof-share",
        Bound::Memory => "memory-roof-share",
    };
    known.put(name, roof.share, SHARE);
}

/// Energy of an iteration where a model says it and no instrument does.
fn energy_by_model(result: &CaseResult) -> Option<f64> {
    let readings = result.repetitions.iter().flat_map(|one| &one.readings);
    let mut energy = readings.filter(|one| one.metric.name == "energy");
    let is_estimated = energy.next()?.basis == Basis::Estimated;
    let mut measured = result.measurements.iter();
    let measurement = measured.find(|one| one.metric.name == "energy")?;
    let median = measurement.summary.as_ref()?.median;
    is_estimated.then(|| in_base(&measurement.metric, median).0)
}

/// What is known of a case that did not end well.
fn ended(known: &mut Known<'_>, outcome: &Outcome) {
    match outcome {
        Outcome::OomLimit {
            limit_bytes,
            peak_bytes,
            ..
        } => {
            let limit = Some(*limit_bytes as f64).filter(|bytes| *bytes > 0.0);
            known.put_some("limit", limit, "B");
            known.put("peak", *peak_bytes as f64, "B");
        }
        Outcome::Timeout { limit_ns, .. } | Outcome::Stall { limit_ns, .. } => {
            known.put("limit", *limit_ns as f64, "ns");
        }
        Outcome::Ok
        | Outcome::Wrong { .. }
        | Outcome::PluginError { .. }
        | Outcome::Panic { .. }
        | Outcome::Signal { .. }
        | Outcome::Exit { .. }
        | Outcome::OomKill { .. }
        | Outcome::Protocol { .. }
        | Outcome::Skipped { .. } => {}
    }
}
