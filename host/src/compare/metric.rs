//! The pairs of values that one round has for a metric.

use benchhost_plugin_api::meta;
use benchhost_record::{Direction, Metric, MetricKind, Work, names};

use crate::run::{Taken, declared_metric};

/// The metric called `name` of a workload, or why there is none.
pub(super) fn find(name: &str, workload: &meta::WorkloadMeta) -> Result<Metric, String> {
    if let Some(spec) = workload.metrics.iter().find(|spec| spec.name == name) {
        return Ok(declared_metric(spec));
    }
    let time = |name: &str| Metric::new(name, "ns", Direction::Lower, MetricKind::Time);
    let bytes = |name: &str| Metric::new(name, "B", Direction::Lower, MetricKind::Memory);
    let rate = |unit: &str| Metric::new(name, unit, Direction::Higher, MetricKind::Throughput);
    match name {
        names::TIME | names::CPU_TIME | names::SETUP_TIME => Ok(time(name)),
        names::PEAK_MEMORY | names::MEMORY_GROWTH => Ok(bytes(name)),
        names::THROUGHPUT => Ok(rate("items/s")),
        names::FLOPS => Ok(rate("FLOP/s")),
        names::BANDWIDTH => Ok(rate("B/s")),
        phase if phase.starts_with(names::PHASE_PREFIX) => Ok(time(phase)),
        _ => {
            let own = workload.metrics.iter().map(|spec| spec.name.as_str());
            let known: Vec<&str> = names::ALL.into_iter().chain(own).collect();
            Err(format!(
                "`{}` has no metric `{name}`; it has {}",
                workload.name,
                known.join(", ")
            ))
        }
    }
}

/// (baseline, candidate) of each pair of the round; one pair for what is measured once in a round.
pub(super) fn pairs(metric: &Metric, sides: &[Taken; 2]) -> Vec<(f64, f64)> {
    let [base, candidate] = sides.each_ref().map(|taken| values(metric, taken));
    base.into_iter()
        .zip(candidate)
        .filter_map(|(b, c)| Some((b?, c?)))
        .collect()
}

/// Values by sample; absent where a sample has none.
fn values(metric: &Metric, taken: &Taken) -> Vec<Option<f64>> {
    let repetition = &taken.repetition;
    let usage = repetition.usage.as_ref();
    let per_second = |amount: fn(&Work) -> f64| {
        let amount = taken.work.as_ref().map_or(0.0, amount);
        let times = taken.times_ns().into_iter();
        times
            .map(|ns| (amount > 0.0).then_some(amount * 1e9 / ns))
            .collect()
    };
    match metric.name.as_str() {
        names::TIME => taken.times_ns().into_iter().map(Some).collect(),
        // One number a round: the kernel's accounting is too coarse for single samples.
        names::CPU_TIME => {
            let iterations: u64 = taken.samples.iter().map(|sample| sample.iterations).sum();
            let cpu_ns: u64 = taken.samples.iter().map(|sample| sample.cpu_ns).sum();
            vec![(iterations > 0).then(|| cpu_ns as f64 / iterations as f64)]
        }
        names::SETUP_TIME => {
            let times = &repetition.times;
            vec![Some((times.create_ns + times.setup_ns) as f64)]
        }
        names::PEAK_MEMORY => vec![usage.map(|usage| usage.peak_bytes as f64)],
        names::MEMORY_GROWTH => {
            vec![usage.map(|usage| usage.after_bytes as f64 - usage.before_bytes as f64)]
        }
        names::THROUGHPUT => per_second(|work| work.items),
        names::FLOPS => per_second(|work| work.flop),
        names::BANDWIDTH => per_second(|work| work.bytes),
        name => reported(name, taken),
    }
}

/// What the workload reported itself; the last value of each sample.
fn reported(name: &str, taken: &Taken) -> Vec<Option<f64>> {
    let mut values = vec![None; taken.samples.len()];
    for value in &taken.values {
        let known = taken.metric_names.get(value.metric as usize);
        if known.is_some_and(|(known, _)| known == name)
            && let Some(slot) = values.get_mut(value.sample as usize)
        {
            *slot = Some(value.value);
        }
    }
    values
}
