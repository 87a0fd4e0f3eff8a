//! criterion: the folders `new` below `target/criterion`, each with benchmark.json, estimates.json, sample.json.
//!
//! Value: the `median` estimate with its interval, ns to s. The estimate criterion prints (slope, or the mean under
//! flat sampling) is the label `typical`. Samples: time per iteration of each sample. `base`, `change` and saved
//! baselines are left alone when there is a `new`.

use std::collections::BTreeMap;

use benchhost_record::{Direction, MetricKind, names};

use crate::{
    Entry, Error, Format, Import, SourceFile,
    json::{self, Json, Node},
};

const FORMAT: Format = Format::Criterion;
const NS_PER_S: f64 = 1e9;

pub(super) fn read(files: &[SourceFile<'_>], into: &mut Import) -> Result<(), Error> {
    let mut folders: BTreeMap<&str, BTreeMap<&str, &SourceFile<'_>>> = BTreeMap::new();
    for file in files {
        let (folder, name) = file.split();
        folders.entry(folder).or_default().insert(name, file);
    }
    folders.retain(|_, files| files.contains_key("benchmark.json"));
    let is_new = |folder: &str| folder.rsplit(['/', '\\']).next() == Some("new");
    if folders.keys().any(|folder| is_new(folder)) {
        folders.retain(|folder, _| is_new(folder));
    }
    if folders.is_empty() {
        return Err(Error::NoFile {
            format: FORMAT,
            given: files.len(),
            expected: "NAME/new/benchmark.json with estimates.json beside it",
        });
    }
    for (folder, files) in folders {
        if files.contains_key("estimates.json") {
            read_folder(&files, into)?;
        } else {
            into.skip(folder, "no estimates.json beside benchmark.json");
        }
    }
    Ok(())
}

fn read_folder(files: &BTreeMap<&str, &SourceFile<'_>>, into: &mut Import) -> Result<(), Error> {
    let file = files["benchmark.json"];
    let json = json::parse(file.path, file.text, FORMAT)?;
    let benchmark = Node::root(file.path, FORMAT, &json);
    let case = benchmark.field("full_id")?.text()?;

    let file = files["estimates.json"];
    let json = json::parse(file.path, file.text, FORMAT)?;
    let estimates = Node::root(file.path, FORMAT, &json);
    let median = estimates.field("median")?;
    let value = median.field("point_estimate")?.number()? / NS_PER_S;
    let interval = median.field("confidence_interval")?;
    let bound = |name| Ok::<f64, Error>(interval.field(name)?.number()? / NS_PER_S);

    let mut entry =
        Entry::new(case, names::TIME, Some(value)).of("s", Direction::Lower, MetricKind::Time);
    entry.interval = Some((bound("lower_bound")?, bound("upper_bound")?));
    if let Some(file) = files.get("sample.json") {
        let json = json::parse(file.path, file.text, FORMAT)?;
        entry = entry.with_samples(samples(&Node::root(file.path, FORMAT, &json))?);
    }
    let typical = match estimates.find("slope") {
        Some(slope) => slope,
        None => estimates.field("mean")?,
    };
    let typical_s = typical.field("point_estimate")?.number()? / NS_PER_S;
    entry.label("typical", Some(typical_s.to_string()));
    for name in ["group_id", "function_id", "value_str"] {
        entry.label(name, benchmark.find(name).and_then(|part| part.scalar()));
    }
    entry.label(
        "throughput",
        benchmark
            .find("throughput")
            .map(|node| throughput(node.json())),
    );
    into.entries.push(entry);
    Ok(())
}

/// Seconds per iteration of each sample.
fn samples(sample: &Node<'_>) -> Result<Vec<f64>, Error> {
    let iterations = sample.field("iters")?.numbers()?;
    let times = sample.field("times")?;
    let times_ns = times.numbers()?;
    if times_ns.len() != iterations.len() || iterations.iter().any(|n| *n <= 0.0) {
        return Err(times.wrong("one time for each element of `iters`, all above 0"));
    }
    let pairs = times_ns.iter().zip(&iterations);
    Ok(pairs.map(|(time, n)| time / n / NS_PER_S).collect())
}

/// `Bytes 4096`; several amounts are separated by commas.
fn throughput(json: &Json) -> String {
    match json {
        Json::Object(members) => {
            let parts: Vec<String> = members
                .iter()
                .map(|(name, amount)| format!("{name} {}", throughput(amount)))
                .collect();
            parts.join(", ")
        }
        Json::Number(amount) => amount.to_string(),
        Json::Text(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Array(_) => String::new(),
    }
}
