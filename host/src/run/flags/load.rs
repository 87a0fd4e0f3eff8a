//! Whether a workload kept up with what was asked of it from outside.

use benchhost_record::{Measurement, format_quantity, names};

/// Share of the offered load that may be missing beside what chance explains, before the workload counts as too slow for it.
const UNSERVED_SHARE: f64 = 0.1;

/// A sentence when it did not. `load`: arrivals in a second.
pub(crate) fn unserved(load: f64, measurements: &[Measurement]) -> Option<String> {
    let of = |name: &str| measurements.iter().find(|m| m.metric.name == name);
    let served = of(names::SERVED)?.summary.as_ref()?.median;
    let count = of(names::LATENCY)?.samples.len() as f64;
    // The number of arrivals in a time has the standard deviation of its root.
    let chance = 3.0 / count.max(1.0).sqrt();
    (served < load * (1.0 - UNSERVED_SHARE - chance)).then(|| {
        let (served, load) = (format_quantity(served, "1"), format_quantity(load, "1"));
        format!("{served} of {load} in a second were served")
    })
}
