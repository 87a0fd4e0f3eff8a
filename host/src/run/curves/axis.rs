//! What varies among the cases of a benchmark, and which of them differ in that alone.

use std::collections::BTreeMap;

use benchhost_plan::Benchmark;
use benchhost_record::{Case, CaseResult, ParamValue};

use super::Placed;

/// Whether the key counts those who work, not what there is to do.
pub(super) fn is_workers(key: &str) -> bool {
    matches!(key, "threads" | "instances")
}

/// Keys with numbers that have more than one value.
pub(super) fn axes(cases: &[&CaseResult]) -> Vec<String> {
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

/// Cases that differ in `key` only, by what is held. Of a parameter that grows along with the workers, what each of them has is
/// held.
pub(super) fn groups<'a>(
    benchmark: &Benchmark,
    cases: &[&'a CaseResult],
    key: &str,
) -> BTreeMap<String, Vec<Placed<'a>>> {
    let grows = benchmark.grows.as_deref().filter(|_| is_workers(key));
    let mut groups: BTreeMap<String, Vec<Placed<'a>>> = BTreeMap::new();
    for result in cases {
        let mut rest = coordinates(&result.case);
        let Some(at) = rest.remove(key).as_ref().and_then(number) else {
            continue;
        };
        if let Some((name, all)) = grows.and_then(|name| rest.remove_entry(name)) {
            let each = number(&all).map(|all| all / f64::from(result.case.all_threads()));
            rest.extend(each.map(|each| (format!("{name}-each"), ParamValue::Float(each))));
        }
        groups.entry(joined(&rest)).or_default().push((at, result));
    }
    groups.retain(|_, group| group.len() > 1);
    groups
}

/// What is held when `key` varies, as in the name of a case.
pub(super) fn held_beside(case: &Case, key: &str) -> String {
    let mut rest = coordinates(case);
    rest.remove(key);
    joined(&rest)
}

fn joined(coordinates: &BTreeMap<String, ParamValue>) -> String {
    let pairs: Vec<String> = coordinates
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("&")
}

/// Everything that tells a case from others of its workload, where it could be an axis.
fn coordinates(case: &Case) -> BTreeMap<String, ParamValue> {
    let mut all = case.params.clone();
    let mut put = |key: &str, value| all.insert(key.to_owned(), value);
    put("threads", ParamValue::Int(case.threads.into()));
    put("device", ParamValue::Text(case.device.clone()));
    if let Some(instances) = case.instances {
        let mode = ParamValue::Text(instances.mode.word().to_owned());
        put("instances", ParamValue::Int(instances.count.into()));
        put("instances-mode", mode);
    }
    if let Some(load) = case.offered_load {
        put("offered-load", ParamValue::Text(load.to_string()));
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
