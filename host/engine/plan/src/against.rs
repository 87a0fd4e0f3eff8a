//! Which case of another benchmark a case is set against (`against`), and when that cannot be said.
//!
//! Two cases fit when everything that both benchmarks say of them is the same: the parameters that both set, threads, device,
//! instances and offered load, but for what the suite says that the two differ in. What only one of them sets (the other is
//! another program, with other parameters) is not looked at.

use std::collections::{BTreeSet, HashMap};

use benchhost_record::Case;

use crate::{
    error::Error,
    place::{Place, WayOut},
    plan::Benchmark,
    read::{Source, quoted},
    written::BenchmarkFile,
};

/// Most cases that an error names.
const MOST_NAMED: usize = 2;

/// What places every case; `dtype` is a parameter.
const PLACED: [&str; 5] = [
    "threads",
    "instances",
    "instances-mode",
    "offered-load",
    "device",
];

/// The benchmark that another one is set against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// Its name: the baseline.
    pub benchmark: String,
    /// Parameters and keys of placement in which the two differ on purpose.
    pub differ_in: Vec<String>,
    /// Line of the suite, from 1.
    pub line: usize,
}

/// For each case of `benchmark`, the cases of `other` that fit it: one, unless a filter removed it or a plugin could not be
/// loaded.
#[must_use]
pub fn counterparts<'a>(
    benchmark: &Benchmark,
    against: &Against,
    other: &'a Benchmark,
) -> Vec<Vec<&'a Case>> {
    let keys = keys(benchmark, against, other);
    let mut known: HashMap<Vec<Option<String>>, Vec<&Case>> = HashMap::new();
    for case in &other.cases {
        known.entry(values(case, &keys)).or_default().push(case);
    }
    let cases = benchmark.cases.iter();
    cases
        .map(|case| known.get(&values(case, &keys)).cloned().unwrap_or_default())
        .collect()
}

/// Checks what a suite sets against each other; `written`: all of its benchmarks, `planned`: those of the tier.
pub(crate) fn check(
    written: &[BenchmarkFile],
    planned: &[Benchmark],
    source: &Source<'_>,
) -> Result<(), Error> {
    for benchmark in written {
        if let Some(against) = &benchmark.against {
            check_name(benchmark, against, written, source)?;
        }
    }
    for (benchmark, against, other) in pairs(planned) {
        check_keys(benchmark, against, other, source.file)?;
        for (case, fitting) in benchmark
            .cases
            .iter()
            .zip(counterparts(benchmark, against, other))
        {
            if fitting.is_empty() {
                return Err(nothing_fits(benchmark, against, other, case, source.file));
            }
        }
        // What is inherited may turn out to be no parameter of theirs.
        if benchmark.inherited.is_empty() && other.inherited.is_empty() {
            check_several(benchmark, against, other, source.file)?;
        }
    }
    Ok(())
}

/// Checks that no case fits several, once the workloads are known.
pub(crate) fn check_loaded(benchmarks: &[Benchmark], file: &str) -> Result<(), Error> {
    pairs(benchmarks)
        .filter(|(one, _, other)| one.inherited.is_empty() && other.inherited.is_empty())
        .try_for_each(|(one, against, other)| check_several(one, against, other, file))
}

/// Benchmarks that are set against another that is there too.
fn pairs(all: &[Benchmark]) -> impl Iterator<Item = (&Benchmark, &Against, &Benchmark)> {
    all.iter().filter_map(|benchmark| {
        let against = benchmark.against.as_ref()?;
        let other = all.iter().find(|one| one.name == against.benchmark)?;
        Some((benchmark, against, other))
    })
}

fn check_name(
    benchmark: &BenchmarkFile,
    against: &Against,
    written: &[BenchmarkFile],
    source: &Source<'_>,
) -> Result<(), Error> {
    let unexpected = |found: String, expected: &str| {
        Err(Error::Unexpected {
            at: source.at(against.line),
            key: "against".to_owned(),
            found,
            expected: expected.to_owned(),
        })
    };
    let name = &against.benchmark;
    if *name == benchmark.name {
        let expected = "another benchmark of the suite: this one is called so itself";
        return unexpected(quoted(name), expected);
    }
    let Some(other) = written.iter().find(|one| one.name == *name) else {
        let others = written.iter().filter(|one| one.name != benchmark.name);
        let known: Vec<&str> = others.map(|one| one.name.as_str()).collect();
        return Err(Error::UnknownAgainst {
            at: source.at(against.line),
            benchmark: benchmark.name.clone(),
            against: name.clone(),
            way_out: WayOut::of(name, &known),
        });
    };
    if benchmark.search.is_some() || other.search.is_some() {
        let who = if benchmark.search.is_some() {
            &benchmark.name
        } else {
            name
        };
        let expected = "benchmarks without one: the answer of a search is no time";
        return unexpected(
            format!("{}, and `{who}` has a search", quoted(name)),
            expected,
        );
    }
    Ok(())
}

/// Each of `differ-in` is something that both have.
fn check_keys(
    benchmark: &Benchmark,
    against: &Against,
    other: &Benchmark,
    file: &str,
) -> Result<(), Error> {
    let known: Vec<&str> = shared_params(benchmark, other)
        .into_iter()
        .chain(PLACED)
        .collect();
    let mut differing = against.differ_in.iter();
    match differing.find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Error::UnknownDifference {
            at: Place::new(file, against.line),
            benchmark: benchmark.name.clone(),
            against: other.name.clone(),
            key: key.clone(),
            way_out: WayOut::of(key, &known),
        }),
    }
}

fn check_several(
    benchmark: &Benchmark,
    against: &Against,
    other: &Benchmark,
    file: &str,
) -> Result<(), Error> {
    let cases = benchmark.cases.iter();
    let several = cases
        .zip(counterparts(benchmark, against, other))
        .find(|(_, fitting)| fitting.len() > 1);
    let Some((case, fitting)) = several else {
        return Ok(());
    };
    let named = fitting.iter().take(MOST_NAMED);
    let named: Vec<String> = named.map(|case| case.id.to_string()).collect();
    let more = if fitting.len() > MOST_NAMED {
        ", …"
    } else {
        ""
    };
    Err(Error::SeveralAgainst {
        at: Place::new(file, against.line),
        benchmark: benchmark.name.as_str().into(),
        case: case.id.as_str().into(),
        against: other.name.as_str().into(),
        found: fitting.len(),
        named: format!("{}{more}", named.join(" and ")).into(),
    })
}

/// Why no case of `other` fits `case`: the first value that none of them has, or all of them together.
fn nothing_fits(
    benchmark: &Benchmark,
    against: &Against,
    other: &Benchmark,
    case: &Case,
    file: &str,
) -> Error {
    let keys = keys(benchmark, against, other);
    let others: Vec<Vec<Option<String>>> =
        other.cases.iter().map(|one| values(one, &keys)).collect();
    let wanted = values(case, &keys);
    let pair = |i: usize| match &wanted[i] {
        Some(value) => format!("{} = {value}", keys[i]),
        None => format!("no {}", keys[i]),
    };
    let foreign = (0..keys.len()).find(|i| others.iter().all(|one| one[*i] != wanted[*i]));
    let (missing, key) = match foreign {
        Some(i) => (pair(i), keys[i].clone()),
        None => {
            let all: Vec<String> = (0..keys.len()).map(pair).collect();
            let varying = (0..keys.len()).find(|i| others.iter().any(|one| one[*i] != wanted[*i]));
            let key = varying.map_or_else(String::new, |i| keys[i].clone());
            (all.join(", "), key)
        }
    };
    Error::NothingAgainst {
        at: Place::new(file, against.line),
        benchmark: benchmark.name.as_str().into(),
        case: case.id.as_str().into(),
        against: other.name.as_str().into(),
        missing: missing.into(),
        key: key.into(),
    }
}

/// Parameters that cases of both have, and that name them.
fn shared_params<'a>(benchmark: &'a Benchmark, other: &'a Benchmark) -> BTreeSet<&'a str> {
    let params = |of: &'a Benchmark| -> BTreeSet<&'a str> {
        let keys = of.cases.iter().flat_map(|case| case.params.keys());
        keys.map(String::as_str).collect()
    };
    let is_left_out = |key: &str, of: &Benchmark| {
        let mut left_out = of.untracked.iter().chain(&of.inherited);
        left_out.any(|one| one == key)
    };
    let own = params(benchmark);
    params(other)
        .into_iter()
        .filter(|key| own.contains(key))
        .filter(|key| !is_left_out(key, benchmark) && !is_left_out(key, other))
        .collect()
}

/// What must be the same in two cases that fit.
fn keys(benchmark: &Benchmark, against: &Against, other: &Benchmark) -> Vec<String> {
    let shared = shared_params(benchmark, other);
    let keys = shared.into_iter().chain(PLACED).map(str::to_owned);
    keys.filter(|key| !against.differ_in.contains(key))
        .collect()
}

/// What a case has under each of `keys`.
fn values(case: &Case, keys: &[String]) -> Vec<Option<String>> {
    let value = |key: &String| match key.as_str() {
        "threads" => Some(case.threads.to_string()),
        "device" => Some(case.device.clone()),
        "instances" => case.instances.map(|one| one.count.to_string()),
        "instances-mode" => case.instances.map(|one| one.mode.word().to_owned()),
        "offered-load" => case.offered_load.map(|load| load.to_string()),
        _ => case.params.get(key).map(ToString::to_string),
    };
    keys.iter().map(value).collect()
}

/// How `against` is written in a plan that is shown.
pub(crate) fn render(against: &Against) -> String {
    let name = quoted(&against.benchmark);
    if against.differ_in.is_empty() {
        return name;
    }
    let keys: Vec<String> = against.differ_in.iter().map(|key| quoted(key)).collect();
    format!(
        "{{ benchmark = {name}, differ-in = [{}] }}",
        keys.join(", ")
    )
}
