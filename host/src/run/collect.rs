//! Turns what the workers of one case yielded into measurements with summaries.

use std::collections::BTreeMap;

use benchhost_plan::Benchmark;
use benchhost_plugin_api::meta;
use benchhost_record::{
    Basis, Case, CaseResult, Direction, Measurement, Metric, MetricKind, Outcome, Reading, Samples,
    Work, names,
};
use benchhost_stats::summarise;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::{
    flags, probing,
    repetition::{Taken, per_iteration_ns},
    rules,
};
use crate::load::Plugin;

/// The result of `case`, from all its workers so far.
pub(super) fn case_result(
    benchmark: &Benchmark,
    case: &Case,
    plugin: Option<&Plugin>,
    taken: &[Taken],
    seed: u64,
) -> CaseResult {
    let outcomes: Vec<&Outcome> = taken.iter().map(|one| &one.repetition.outcome).collect();
    let outcome = rules::worst(&outcomes);
    let work = taken.iter().find_map(|one| one.work.clone());
    let work = work.map(|work| of_all(work, case.instance_count()));
    let declared = plugin
        .and_then(|plugin| {
            plugin
                .meta
                .workloads
                .iter()
                .find(|w| w.name == case.workload)
        })
        .map(|workload| workload.metrics.as_slice())
        .unwrap_or_default();
    let confidence = benchmark.settings.sampling.confidence;
    // Nothing is being measured now, so the summaries, resampling above all, may use every CPU.
    let measurements = measurements(case, taken, work.as_ref(), declared)
        .into_par_iter()
        .map(|(metric, samples)| {
            // A case with a wrong answer has no speed: samples stay for the post-mortem, numbers do not.
            let summary = outcome
                .is_ok()
                .then(|| summarise(&samples, seed, confidence).ok())
                .flatten();
            Measurement {
                metric,
                samples,
                summary,
            }
        })
        .collect::<Vec<_>>();
    let flags = flags::of(benchmark, case, plugin, taken, &measurements);
    CaseResult {
        case: case.clone(),
        outcome,
        repetitions: taken.iter().map(|one| one.repetition.clone()).collect(),
        measurements,
        work,
        flags,
        targets: benchmark
            .targets
            .iter()
            .map(|(m, t)| (m.clone(), t.text.clone()))
            .collect(),
        search: None,
        roofline: None,
    }
}

/// Samples by metric: time first, then what follows from the declared work, phases, the workload's own, resources.
fn measurements(
    case: &Case,
    taken: &[Taken],
    work: Option<&Work>,
    declared: &[meta::MetricSpec],
) -> Vec<(Metric, Samples)> {
    let mut table = Table::default();
    for one in taken {
        let index = one.repetition.index;
        for sample in one.counted() {
            let (iterations, ns) = (sample.iterations.max(1), sample.elapsed_ns as f64);
            let per_iteration = per_iteration_ns(sample);
            if case.offered_load.is_some() {
                // How long the iteration itself took is noted beside; the sample begins with the wish for it.
                table.push(time(names::LATENCY), index, iterations, per_iteration);
                continue;
            }
            table.push(time(names::TIME), index, iterations, per_iteration);
            if let Some(work) = work {
                let per_second = iterations as f64 / (ns.max(1.0) * 1e-9);
                for (metric, amount) in rates(work) {
                    table.push(metric, index, iterations, amount * per_second);
                }
            }
        }
        if case.offered_load.is_some() && one.repetition.times.measure_ns > 0 {
            let seconds = one.repetition.times.measure_ns.max(1) as f64 * 1e-9;
            let served = one.samples.len() as f64 / seconds;
            table.push(rate(names::SERVED, "1/s".to_owned()), index, 1, served);
        }
        values(&mut table, one, declared);
        for sample in one.counted() {
            let cpu = sample.cpu_ns as f64 / sample.iterations.max(1) as f64;
            table.push(time(names::CPU_TIME), index, sample.iterations, cpu);
        }
        resources(&mut table, one, work);
    }
    table.rows
}

/// Phase times and the workload's own metrics.
fn values(table: &mut Table, one: &Taken, declared: &[meta::MetricSpec]) {
    for value in one.values.iter().filter(|value| value.value.is_finite()) {
        let Some(sample) = one.samples.get(value.sample as usize) else {
            continue;
        };
        let Some((name, _)) = one.metric_names.get(value.metric as usize) else {
            continue;
        };
        let metric = match declared.iter().find(|spec| spec.name == *name) {
            _ if name == names::FAIRNESS => {
                Metric::new(name, "1", Direction::Higher, MetricKind::Ratio)
            }
            // What a plugin declares under a name of the host's does not change the host's.
            Some(spec) if !names::ALL.contains(&name.as_str()) => own(spec),
            _ => time(name),
        };
        // A phase is a part of its sample; what a plugin tells otherwise may span many, or be told once.
        let is_phase = name.starts_with(names::PHASE_PREFIX);
        if is_phase && !one.counts(value.sample as usize) {
            continue;
        }
        table.push(metric, one.repetition.index, sample.iterations, value.value);
    }
}

/// One value for each repetition.
fn resources(table: &mut Table, one: &Taken, work: Option<&Work>) {
    let repetition = &one.repetition;
    let bytes = |name| Metric::new(name, "B", Direction::Lower, MetricKind::Memory);
    if let Some(usage) = &repetition.usage {
        table.push(
            bytes(names::PEAK_MEMORY),
            repetition.index,
            1,
            usage.peak_bytes as f64,
        );
        let growth = usage.after_bytes as f64 - usage.before_bytes as f64;
        table.push(bytes(names::MEMORY_GROWTH), repetition.index, 1, growth);
        let setup = (repetition.times.create_ns + repetition.times.setup_ns) as f64;
        table.push(time(names::SETUP_TIME), repetition.index, 1, setup);
    }
    readings(table, one, work);
}

/// What the probes read. They look from the first warm-up iteration to the last sample, so amounts are shared out over both.
fn readings(table: &mut Table, one: &Taken, work: Option<&Work>) {
    let repetition = &one.repetition;
    let sampled: u64 = one.samples.iter().map(|sample| sample.iterations).sum();
    let iterations = repetition.warm_up.map_or(0, |warm| warm.iterations) + sampled;
    for reading in &repetition.readings {
        let value = probing::per_iteration(reading, iterations);
        table.push(judged(reading), repetition.index, iterations, value);
        let items = work.map_or(0.0, |work| work.items);
        let is_total = matches!(reading.metric.name.as_str(), "energy" | "carbon");
        if is_total && items > 0.0 {
            let mut metric = reading.metric.clone();
            // The same again, in another measure.
            metric.direction = Direction::Neither;
            metric.name.push_str("-per-item");
            table.push(metric, repetition.index, iterations, value / items);
        }
    }
}

/// The metric of a reading. What a model says of times and memory that are judged themselves is not judged again.
fn judged(reading: &Reading) -> Metric {
    let mut metric = reading.metric.clone();
    if reading.basis == Basis::Estimated {
        metric.direction = Direction::Neither;
    }
    metric
}

fn time(name: &str) -> Metric {
    Metric::new(name, "ns", Direction::Lower, MetricKind::Time)
}

fn rate(name: &str, unit: String) -> Metric {
    Metric::new(name, unit, Direction::Higher, MetricKind::Throughput)
}

/// The work of one iteration of each of `count` instances.
fn of_all(work: Work, count: u32) -> Work {
    let count = f64::from(count);
    Work {
        items: work.items * count,
        flop: work.flop * count,
        bytes: work.bytes * count,
        ..work
    }
}

/// Rates that follow from the declared work, with the amount of one iteration.
fn rates(work: &Work) -> Vec<(Metric, f64)> {
    let item = if work.item.is_empty() {
        "items"
    } else {
        &work.item
    };
    [
        (rate(names::THROUGHPUT, format!("{item}/s")), work.items),
        (rate(names::FLOPS, "FLOP/s".to_owned()), work.flop),
        (rate(names::BANDWIDTH, "B/s".to_owned()), work.bytes),
    ]
    .into_iter()
    .filter(|(_, amount)| *amount > 0.0)
    .collect()
}

pub(crate) fn own(spec: &meta::MetricSpec) -> Metric {
    let direction = match spec.direction {
        meta::Direction::Lower => Direction::Lower,
        meta::Direction::Higher => Direction::Higher,
        meta::Direction::Neither => Direction::Neither,
    };
    let kind = match spec.kind {
        meta::MetricKind::Time => MetricKind::Time,
        meta::MetricKind::Throughput => MetricKind::Throughput,
        meta::MetricKind::Memory => MetricKind::Memory,
        meta::MetricKind::Energy => MetricKind::Energy,
        meta::MetricKind::Quality => MetricKind::Quality,
        meta::MetricKind::Count => MetricKind::Count,
        meta::MetricKind::Ratio => MetricKind::Ratio,
    };
    let unit = if spec.unit.is_empty() {
        "1"
    } else {
        &spec.unit
    };
    Metric::new(&spec.name, unit, direction, kind)
}

/// Samples by metric, in order of first appearance.
#[derive(Default)]
struct Table {
    rows: Vec<(Metric, Samples)>,
    index: BTreeMap<String, usize>,
}

impl Table {
    fn push(&mut self, metric: Metric, repetition: u32, iterations: u64, value: f64) {
        let at = match self.index.get(&metric.name) {
            Some(at) => *at,
            None => {
                self.index.insert(metric.name.clone(), self.rows.len());
                self.rows.push((metric, Samples::default()));
                self.rows.len() - 1
            }
        };
        self.rows[at].1.push(repetition, iterations, value);
    }
}
