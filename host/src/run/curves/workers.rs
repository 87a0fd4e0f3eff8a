//! Throughput by number of workers: the table of efficiency, and the laws of Amdahl and Gunther.

use benchhost_plan::Benchmark;
use benchhost_record::{Axis, CurveLaw, FlagKind, Growth, names};
use benchhost_stats::{
    median,
    scaling::{Observation, Series, amdahl, efficiency, usl},
};

use super::{Found, Placed, fit, observations, repetitions};
use crate::run::usable_cpus;

/// Throughput by workers; without declared work, iterations in a second.
pub(super) fn workers(benchmark: &Benchmark, key: &str, group: &[Placed<'_>]) -> Option<Found> {
    let confidence = benchmark.settings.sampling.confidence;
    let has_work = group
        .iter()
        .all(|(_, r)| repetitions(r, names::THROUGHPUT).is_some());
    let (name, series) = if has_work {
        (names::THROUGHPUT, Series::Throughput)
    } else if benchmark.grows.is_some() || key == "instances" {
        (names::TIME, Series::WeakTime)
    } else {
        (names::TIME, Series::StrongTime)
    };
    let (points, metric) = observations(group, name)?;
    let rates: Vec<Observation> = match series {
        Series::Throughput => points.clone(),
        // With as much to do for each worker, the work done in a time grows with their number.
        Series::WeakTime => rated(&points, |at| at),
        Series::StrongTime => rated(&points, |_| 1.0),
    };
    let levels = efficiency(&points, series, confidence).unwrap_or_default();
    let law = CurveLaw::Workers {
        cpus_used: levels
            .iter()
            .map(|level| cpus_used(group, level.at))
            .collect(),
        levels,
        amdahl: fit(amdahl(&rates, confidence)),
        usl: fit(usl(&rates, confidence)),
    };
    let growth = match &benchmark.grows {
        Some(param) => Growth::Weak(param.clone()),
        None if key == "instances" || brings_work(group) => Growth::Weak(key.to_owned()),
        None => Growth::Strong,
    };
    let axis = Axis {
        key: key.to_owned(),
        growth: Some(growth),
    };
    Some(Found {
        axis,
        metric,
        law,
        doubts: [oversubscribed(group), noisy(group)]
            .into_iter()
            .flatten()
            .collect(),
    })
}

/// Whether each worker has work of its own: then there is as many times more of it as there are workers.
fn brings_work(group: &[Placed<'_>]) -> bool {
    let items = |(at, result): &Placed<'_>| Some(result.work.as_ref()?.items / at);
    let each: Option<Vec<f64>> = group.iter().map(items).collect();
    each.is_some_and(|each| {
        each[0] > 0.0 && each.iter().all(|one| (one / each[0] - 1.0).abs() < 1e-9)
    })
}

fn rated(times: &[Observation], work: impl Fn(f64) -> f64) -> Vec<Observation> {
    let rate = |one: &Observation| Observation {
        at: one.at,
        value: work(one.at) * 1e9 / one.value,
    };
    times.iter().map(rate).collect()
}

/// What more workers than CPUs mean for a law.
fn oversubscribed(group: &[Placed<'_>]) -> Option<String> {
    let cpus = usable_cpus().len();
    let most = group
        .iter()
        .map(|(_, result)| result.case.all_threads())
        .max()?;
    (most as usize > cpus)
        .then(|| format!("levels beyond the {cpus} CPUs here show the want of CPUs as well"))
}

/// How many of the points are doubtful themselves.
fn noisy(group: &[Placed<'_>]) -> Option<String> {
    const DOUBTS: [FlagKind; 3] = [
        FlagKind::Imprecise,
        FlagKind::OtherLoad,
        FlagKind::SharedCore,
    ];
    let is_noisy =
        |(_, result): &&Placed<'_>| result.flags.iter().any(|flag| DOUBTS.contains(&flag.kind));
    let noisy = group.iter().filter(is_noisy).count();
    (noisy > 0).then(|| {
        let all = group.len();
        format!("{noisy} of {all} levels are imprecise or shared their CPUs with others")
    })
}

/// CPU time by wall-clock time at one level; `None` where no repetition knows.
fn cpus_used(group: &[Placed<'_>], at: f64) -> Option<f64> {
    let here = group.iter().filter(|(other, _)| *other == at);
    let used: Vec<f64> = here
        .flat_map(|(_, result)| &result.repetitions)
        .filter_map(|one| {
            let usage = one.usage?;
            let wall_ns = one.times.measure_ns.max(1) as f64;
            Some((usage.user_ns + usage.system_ns) as f64 / wall_ns)
        })
        .collect();
    median(&used).ok()
}
