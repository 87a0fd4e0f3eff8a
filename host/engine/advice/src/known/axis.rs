//! Cases that differ in one parameter with numbers: whether the largest still gains, and how much memory it needs.

use std::collections::BTreeMap;

use benchhost_record::{Case, CaseResult, Measurement, ParamValue, Run, names};

use super::{
    Known,
    curve::{About, named},
};
use crate::show::SHARE;

/// Fewest values of an axis that say something about its end.
const FEWEST: usize = 3;

/// Value of a key of a case.
pub(super) fn at(case: &Case, key: &str) -> Option<f64> {
    match key {
        "threads" => Some(f64::from(case.threads)),
        "instances" => case.instances.map(|instances| f64::from(instances.count)),
        _ => match case.params.get(key)? {
            ParamValue::Int(number) => Some(*number as f64),
            ParamValue::Float(number) => Some(*number),
            ParamValue::Bool(_) | ParamValue::Text(_) | ParamValue::List(_) => None,
        },
    }
}

/// Everything of a case but `key`, as curves write it.
pub(super) fn held(case: &Case, key: &str) -> String {
    let mut all: BTreeMap<&str, String> = case
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()))
        .collect();
    all.insert("threads", case.threads.to_string());
    all.insert("device", case.device.clone());
    if let Some(instances) = case.instances {
        all.insert("instances", instances.count.to_string());
        all.insert("instances-mode", instances.mode.word().to_owned());
    }
    if let Some(load) = case.offered_load {
        all.insert("offered-load", load.to_string());
    }
    all.remove(key);
    let pairs: Vec<String> = all
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("&")
}

/// Benchmark, key of the axis, what is held.
type Group<'a> = (&'a str, &'a str, String);

/// The axes among the parameters of a run's cases.
pub(super) fn of(run: &Run) -> Vec<(About, Known<'_>)> {
    // In the order of the run, each axis with its cases.
    let mut groups: Vec<(Group<'_>, Vec<(f64, &CaseResult)>)> = Vec::new();
    let mut places: BTreeMap<Group<'_>, usize> = BTreeMap::new();
    let measured = run
        .cases
        .iter()
        .filter(|case| case.outcome.is_ok() && case.search.is_none());
    for result in measured {
        for key in result.case.params.keys() {
            let Some(value) = at(&result.case, key) else {
                continue;
            };
            let benchmark = result.case.benchmark.as_str();
            let group = (benchmark, key.as_str(), held(&result.case, key));
            let place = *places.entry(group.clone()).or_insert_with(|| {
                groups.push((group, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push((value, result));
        }
    }
    let found = groups
        .into_iter()
        .filter_map(|((_, key, held), mut cases)| {
            cases.sort_by(|a, b| a.0.total_cmp(&b.0));
            cases.dedup_by(|a, b| a.0 == b.0);
            one(run, key, held, &cases)
        });
    found.collect()
}

fn one<'a>(
    run: &'a Run,
    key: &str,
    held: String,
    cases: &[(f64, &'a CaseResult)],
) -> Option<(About, Known<'a>)> {
    let [.., (second_at, second), (last_at, last)] = cases else {
        return None;
    };
    if cases.len() < FEWEST {
        return None;
    }
    let (now, before) = (throughput(last)?, throughput(second)?);
    let (now_summary, before_summary) = (now.summary.as_ref()?, before.summary.as_ref()?);
    let about = About {
        benchmark: last.case.benchmark.clone(),
        workload: format!("{}/{}", last.case.plugin, last.case.workload),
        key: key.to_owned(),
        held,
        apart: String::new(),
        metric: now.metric.clone(),
        case: Some(last.case.id.to_string()),
        doubts: String::new(),
    };
    let mut known = named(run, &about);
    known.put("levels", cases.len() as f64, "levels");
    known.put("largest", *last_at, "1");
    known.put("second-largest", *second_at, "1");
    known.put(
        "rise",
        now_summary.median / before_summary.median - 1.0,
        SHARE,
    );
    let surely = now_summary.interval.low / before_summary.interval.high - 1.0;
    known.put("rise-low", surely, SHARE);
    let machine = &run.environment;
    let total = machine.memory.total_bytes;
    let limit = machine
        .cgroup
        .memory_bytes
        .map_or(total, |group| group.min(total.max(1)));
    let mut measured = last.measurements.iter();
    let peak = measured.find(|one| one.metric.name == names::PEAK_MEMORY);
    let peak = peak.and_then(|one| Some(one.summary.as_ref()?.median));
    if limit > 0 {
        known.put("memory-limit", limit as f64, "B");
        known.put_some("memory-share", peak.map(|peak| peak / limit as f64), SHARE);
    }
    Some((about, known))
}

fn throughput(result: &CaseResult) -> Option<&Measurement> {
    let mut measured = result.measurements.iter();
    measured.find(|one| one.metric.name == names::THROUGHPUT)
}
