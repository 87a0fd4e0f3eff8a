//! Under which circumstances the workers of a case ran: of each number the worst that a repetition saw.

use benchhost_record::{CaseResult, Repetition};

use super::Known;
use crate::show::SHARE;

pub(super) fn circumstances(known: &mut Known<'_>, result: &CaseResult) {
    let worst = |of: &dyn Fn(&Repetition) -> Option<f64>| -> Option<f64> {
        let values = result.repetitions.iter().filter_map(of);
        values.filter(|value| value.is_finite()).reduce(f64::max)
    };
    let noise = |of: fn(&benchhost_record::MachineNoise) -> Option<f64>| {
        worst(&|one| one.machine.as_ref().and_then(of))
    };
    known.put_some("other-share", noise(|noise| noise.other_share), SHARE);
    known.put_some("steal-share", noise(|noise| noise.steal_share), SHARE);
    let waited = noise(|noise| {
        let waited = noise.waited_ns? as f64;
        (noise.elapsed_ns > 0).then(|| waited / noise.elapsed_ns as f64)
    });
    known.put_some("waited-share", waited, SHARE);
    let heat = noise(|noise| noise.throttle_events.map(|events| events as f64));
    known.put_some("throttle-events", heat, "slow-downs");
    let quota = noise(|noise| noise.quota_stopped_ns.map(|ns| ns as f64));
    known.put_some("quota-stopped", quota, "ns");
    let shared = worst(&|one| one.sharing.as_ref().map(|sharing| sharing.share));
    known.put_some("shared-share", shared, SHARE);
    let a_sample = |of: fn(&benchhost_record::Usage) -> u64| {
        worst(&|one| {
            let count = of(one.usage.as_ref()?) as f64;
            (one.samples > 0).then(|| count / one.samples as f64)
        })
    };
    let faults = a_sample(|usage| usage.minor_faults + usage.major_faults);
    known.put_some("faults-per-sample", faults, "page faults");
    let taken_away = a_sample(|usage| usage.involuntary_switches);
    known.put_some("preemptions-per-sample", taken_away, "preemptions");
    let sampled = result.repetitions.iter().filter(|one| one.samples > 0);
    let sample = sampled.map(|one| one.times.measure_ns as f64 / one.samples as f64);
    known.put_some("sample-time", sample.reduce(f64::min), "ns");
    let warm_up = worst(&|one| Some(one.warm_up?.elapsed_ns as f64));
    known.put_some("warm-up-time", warm_up, "ns");
    let warmed: Vec<bool> = result
        .repetitions
        .iter()
        .filter_map(|one| Some(!one.warm_up?.steady))
        .collect();
    if !warmed.is_empty() {
        let moving = warmed.iter().filter(|moving| **moving).count();
        known.put("unsteady-share", moving as f64 / warmed.len() as f64, SHARE);
    }
}
