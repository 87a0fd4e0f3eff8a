//! Finds the curves in the cases of a run: which of them differ along one axis only, and what law they follow.

use std::collections::BTreeMap;

use benchhost_plan::{Benchmark, Plan};
use benchhost_record::{
    Axis, Case, CaseResult, Curve, CurveLaw, Direction, Fit, Growth, Metric, MetricKind,
    ParamValue, PowerLaw, Run, Tried, UpperLaw, names,
};
use benchhost_stats::{
    median,
    scaling::{Observation, Refused, Series, amdahl, efficiency, power_law, usl},
};

/// Metrics whose growth with a size is worth a law.
const COSTS: [&str; 2] = [names::TIME, names::PEAK_MEMORY];

/// Fewest distinct sizes of a law: with fewer there is none, and nobody asked for one.
const FEWEST_SIZES: usize = 3;

/// Curves of all benchmarks that have some.
pub(super) fn curves(plan: &Plan, run: &Run) -> Vec<Curve> {
    plan.benchmarks
        .iter()
        .flat_map(|benchmark| {
            let of_it = |result: &&CaseResult| result.case.benchmark == benchmark.name;
            let cases: Vec<&CaseResult> = run.cases.iter().filter(of_it).collect();
            of_benchmark(benchmark, &cases)
        })
        .collect()
}

fn of_benchmark(benchmark: &Benchmark, cases: &[&CaseResult]) -> Vec<Curve> {
    let fine: Vec<&CaseResult> = cases
        .iter()
        .copied()
        .filter(|result| result.outcome.is_ok() && result.search.is_none())
        .collect();
    let mut curves = Vec::new();
    for key in axes(&fine) {
        for (held, group) in groups(benchmark, &fine, &key) {
            let is_workers = matches!(key.as_str(), "threads" | "instances");
            let found = if is_workers {
                workers(benchmark, &key, &group).into_iter().collect()
            } else {
                sizes(benchmark, &key, &group)
            };
            let with = |(axis, metric, law, doubts)| Curve {
                benchmark: benchmark.name.clone(),
                workload: format!("{}/{}", benchmark.plugin, benchmark.workload),
                axis,
                held: held.clone(),
                metric,
                law,
                doubts,
            };
            curves.extend(found.into_iter().map(with));
        }
    }
    curves.extend(cases.iter().flat_map(|result| searched(benchmark, result)));
    curves
}

/// Keys with numbers that have more than one value.
fn axes(cases: &[&CaseResult]) -> Vec<String> {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for result in cases {
        for (key, value) in coordinates(&result.case) {
            if let Some(number) = number(&value) {
                let known = values.entry(key).or_default();
                if !known.contains(&number) {
                    known.push(number);
                }
            }
        }
    }
    let varies = values.into_iter().filter(|(_, values)| values.len() > 1);
    varies.map(|(key, _)| key).collect()
}

/// Cases that differ in `key` only, by what is held. A parameter that grows along with the workers is not held.
fn groups<'a>(
    benchmark: &Benchmark,
    cases: &[&'a CaseResult],
    key: &str,
) -> BTreeMap<String, Vec<(f64, &'a CaseResult)>> {
    let is_workers = matches!(key, "threads" | "instances");
    let grows = benchmark.grows.as_deref().filter(|_| is_workers);
    let mut groups: BTreeMap<String, Vec<(f64, &CaseResult)>> = BTreeMap::new();
    for result in cases {
        let mut rest = coordinates(&result.case);
        let Some(at) = rest.remove(key).as_ref().and_then(number) else {
            continue;
        };
        if let Some(grows) = grows {
            rest.remove(grows);
        }
        let held: Vec<String> = rest
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        groups.entry(held.join("&")).or_default().push((at, result));
    }
    groups.retain(|_, group| group.len() > 1);
    groups
}

/// Everything that tells a case from others of its workload, where it could be an axis.
fn coordinates(case: &Case) -> BTreeMap<String, ParamValue> {
    let mut all = case.params.clone();
    all.insert("threads".to_owned(), ParamValue::Int(case.threads.into()));
    all.insert("device".to_owned(), ParamValue::Text(case.device.clone()));
    if let Some(instances) = case.instances {
        let mode = ParamValue::Text(instances.mode.word().to_owned());
        all.insert(
            "instances".to_owned(),
            ParamValue::Int(instances.count.into()),
        );
        all.insert("instances-mode".to_owned(), mode);
    }
    if let Some(load) = case.offered_load {
        all.insert(
            "offered-load".to_owned(),
            ParamValue::Text(load.to_string()),
        );
    }
    all
}

fn number(value: &ParamValue) -> Option<f64> {
    match value {
        ParamValue::Int(n) => Some(*n as f64),
        ParamValue::Float(x) => Some(*x),
        ParamValue::Bool(_) | ParamValue::Text(_) | ParamValue::List(_) => None,
    }
}

type Found = (Axis, Metric, CurveLaw, Vec<String>);

/// Throughput by workers; without declared work, iterations in a second.
fn workers(benchmark: &Benchmark, key: &str, group: &[(f64, &CaseResult)]) -> Option<Found> {
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
    Some((axis, metric, law, oversubscribed(group)))
}

/// Whether each worker has work of its own: then there is as many times more of it as there are workers.
fn brings_work(group: &[(f64, &CaseResult)]) -> bool {
    let items = |(at, result): &(f64, &CaseResult)| Some(result.work.as_ref()?.items / at);
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
fn oversubscribed(group: &[(f64, &CaseResult)]) -> Vec<String> {
    let cpus = super::usable_cpus().len();
    let most = group
        .iter()
        .map(|(_, result)| result.case.all_threads())
        .max();
    let is_short = most.is_some_and(|most| most as usize > cpus);
    let sentence = format!("levels beyond the {cpus} CPUs here show the want of CPUs as well");
    is_short.then_some(sentence).into_iter().collect()
}

/// CPU time by wall-clock time at one level.
fn cpus_used(group: &[(f64, &CaseResult)], at: f64) -> f64 {
    let here = group.iter().filter(|(other, _)| *other == at);
    let used: Vec<f64> = here
        .flat_map(|(_, result)| &result.repetitions)
        .filter_map(|one| {
            let usage = one.usage?;
            let wall_ns = one.times.measure_ns.max(1) as f64;
            Some((usage.user_ns + usage.system_ns) as f64 / wall_ns)
        })
        .collect();
    median(&used).unwrap_or(0.0)
}

/// Costs by size.
fn sizes(benchmark: &Benchmark, key: &str, group: &[(f64, &CaseResult)]) -> Vec<Found> {
    let confidence = benchmark.settings.sampling.confidence;
    let mut distinct: Vec<f64> = group.iter().map(|(at, _)| *at).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    if distinct.len() < FEWEST_SIZES {
        return Vec::new();
    }
    COSTS
        .iter()
        .filter_map(|name| {
            let (points, metric) = observations(group, name)?;
            Some((
                size_axis(key),
                metric,
                growth(&points, confidence),
                Vec::new(),
            ))
        })
        .collect()
}

/// Costs by size, out of the values that a search tried and that worked.
fn searched(benchmark: &Benchmark, result: &CaseResult) -> Vec<Curve> {
    let Some(search) = result
        .search
        .as_ref()
        .filter(|search| search.key != "offered-load")
    else {
        return Vec::new();
    };
    let confidence = benchmark.settings.sampling.confidence;
    let mut held = coordinates(&result.case);
    held.remove(&search.key);
    let held: Vec<String> = held
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let working = || search.tried.iter().filter(|one| one.works());
    let curve = |name: &str, unit: &str| {
        let point = |one: &Tried| {
            let value = *one.medians.get(name)?;
            Some(Observation {
                at: one.value,
                value,
            })
        };
        let points: Vec<Observation> = working().filter_map(point).collect();
        let kind = match unit {
            "B" => MetricKind::Memory,
            _ => MetricKind::Time,
        };
        (points.len() >= FEWEST_SIZES).then(|| Curve {
            benchmark: benchmark.name.clone(),
            workload: format!("{}/{}", benchmark.plugin, benchmark.workload),
            axis: size_axis(&search.key),
            held: held.join("&"),
            metric: Metric::new(name, unit, Direction::Lower, kind),
            law: growth(&points, confidence),
            doubts: Vec::new(),
        })
    };
    [curve(names::TIME, "ns"), curve(names::PEAK_MEMORY, "B")]
        .into_iter()
        .flatten()
        .collect()
}

/// The law of all sizes, and of the larger ones where it does not describe all.
fn growth(points: &[Observation], confidence: f64) -> CurveLaw {
    let law = fit(power_law(points, confidence));
    let is_bent = |law: &PowerLaw| law.goodness.lacks_fit;
    let upper = law.fitted().filter(|law| is_bent(law)).and_then(|_| {
        let mut sizes: Vec<f64> = points.iter().map(|one| one.at).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        let starts = sizes
            .iter()
            .skip(1)
            .take(sizes.len().saturating_sub(FEWEST_SIZES));
        let mut laws = starts.filter_map(|from| {
            let larger: Vec<Observation> = points
                .iter()
                .copied()
                .filter(|one| one.at >= *from)
                .collect();
            let law = power_law(&larger, confidence).ok()?;
            Some(UpperLaw { from: *from, law })
        });
        laws.find(|upper| !is_bent(&upper.law))
    });
    CurveLaw::Size { law, upper }
}

fn size_axis(key: &str) -> Axis {
    Axis {
        key: key.to_owned(),
        growth: None,
    }
}

fn fit<T>(law: Result<T, Refused>) -> Fit<T> {
    match law {
        Ok(law) => Fit::Fitted(law),
        Err(reason) => Fit::Refused(reason.to_string()),
    }
}

/// One observation for each repetition of each case; `None` where one of them has no such metric.
fn observations(group: &[(f64, &CaseResult)], name: &str) -> Option<(Vec<Observation>, Metric)> {
    let mut points = Vec::new();
    for (at, result) in group {
        let values = repetitions(result, name)?;
        points.extend(
            values
                .into_iter()
                .map(|value| Observation { at: *at, value }),
        );
    }
    let measurements = &group.first()?.1.measurements;
    let metric = measurements.iter().find(|m| m.metric.name == name)?;
    Some((points, metric.metric.clone()))
}

/// The median of each repetition.
fn repetitions(result: &CaseResult, name: &str) -> Option<Vec<f64>> {
    let found = result.measurements.iter().find(|m| m.metric.name == name)?;
    let medians = found.samples.by_repetition();
    let medians: Vec<f64> = medians
        .iter()
        .filter_map(|values| median(values).ok())
        .collect();
    (!medians.is_empty()).then_some(medians)
}
