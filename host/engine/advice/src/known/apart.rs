//! What tells curves apart that are of the same workload by the same key: the parameters they do not have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::curve::About;

/// Says in each curve what it alone has, where another one would be called the same: of what is held only what differs, and
/// the benchmark where that is all there is.
pub(super) fn tell_apart(curves: &mut [&mut About]) {
    let names: BTreeSet<(String, String)> = curves
        .iter()
        .map(|one| (one.workload.clone(), one.key.clone()))
        .collect();
    for (workload, key) in names {
        let alike: Vec<&mut About> = curves
            .iter_mut()
            .filter(|one| one.workload == workload && one.key == key)
            .map(|one| &mut **one)
            .collect();
        of_one_name(alike);
    }
}

fn of_one_name(mut alike: Vec<&mut About>) {
    let held: Vec<BTreeMap<String, String>> = alike.iter().map(|one| pairs(&one.held)).collect();
    let keys: BTreeSet<&String> = held.iter().flat_map(BTreeMap::keys).collect();
    let values = |key: &String| held.iter().map(|one| one.get(key)).collect::<BTreeSet<_>>();
    let differing: Vec<&String> = keys
        .into_iter()
        .filter(|key| values(key).len() > 1)
        .collect();
    let own: Vec<Vec<String>> = held
        .iter()
        .map(|held| {
            let known = differing
                .iter()
                .filter_map(|key| Some((key, held.get(*key)?)));
            known.map(|(key, value)| format!("{key}={value}")).collect()
        })
        .collect();
    let benchmarks: Vec<String> = alike.iter().map(|one| one.benchmark.clone()).collect();
    for (place, one) in alike.iter_mut().enumerate() {
        let mut parts = own[place].clone();
        // Curves of several metrics of the same cases are told apart by these.
        let has_twin = own
            .iter()
            .zip(&benchmarks)
            .any(|(parts, benchmark)| *parts == own[place] && *benchmark != one.benchmark);
        if has_twin {
            parts.insert(0, format!("benchmark {}", one.benchmark));
        }
        one.apart = parts.join(", ");
    }
}

/// What is held, by key. A value may hold the signs that separate.
fn pairs(held: &str) -> BTreeMap<String, String> {
    let pairs = held.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
