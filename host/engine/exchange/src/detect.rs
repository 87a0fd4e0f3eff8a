//! Which format a set of files has, from what is in them.

use crate::{
    Format, SourceFile,
    import::inside_data_js,
    json::{self, Json},
};

/// The format of `files`, when there is exactly one it can be.
///
/// Looks at the content; the name only decides between the two custom JSON forms of github-action-benchmark, which
/// are otherwise the same. `None` for what is unknown, ambiguous (see [`candidates`]) or broken.
#[must_use]
pub fn detect(files: &[SourceFile<'_>]) -> Option<Format> {
    match candidates(files)[..] {
        [format] => Some(format),
        _ => None,
    }
}

/// All formats `files` can be: none for what is unknown, two for a custom JSON of github-action-benchmark whose name
/// says neither `smaller` nor `bigger`. A folder of criterion or asv may hold other files as well.
#[must_use]
pub fn candidates(files: &[SourceFile<'_>]) -> Vec<Format> {
    let each: Vec<Vec<Format>> = files.iter().map(of_file).collect();
    for folder in [Format::Criterion, Format::Asv] {
        if each.iter().any(|formats| formats.contains(&folder)) {
            return vec![folder];
        }
    }
    match each.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => first.clone(),
        _ => Vec::new(),
    }
}

fn of_file(file: &SourceFile<'_>) -> Vec<Format> {
    let text = file.text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next().unwrap_or_default();
    if text.starts_with("window.BENCHMARK_DATA") {
        vec![Format::GithubActionBenchmark]
    } else if first.starts_with('{') && first.contains(r#""benchhost""#) && is_history(first) {
        vec![Format::Benchhost]
    } else if text.starts_with(['{', '[']) {
        let json = json::parse(file.path, inside_data_js(text), Format::Benchhost);
        json.map_or(Vec::new(), |json| of_json(&json, file.path))
    } else if is_table(first) {
        vec![Format::Csv]
    } else if text.lines().any(is_go) {
        vec![Format::Go]
    } else {
        Vec::new()
    }
}

fn is_history(first: &str) -> bool {
    let header: Result<Json, _> = serde_json::from_str(first);
    matches!(header, Ok(Json::Object(header)) if header.contains_key("schema"))
}

fn is_table(first: &str) -> bool {
    let names: Vec<String> = first
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    ["series", "value"]
        .iter()
        .all(|needed| names.iter().any(|name| name == needed))
}

fn is_go(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    name.starts_with("Benchmark")
        && words.next().is_some_and(|n| n.parse::<u64>().is_ok())
        && words
            .next()
            .is_some_and(|value| value.parse::<f64>().is_ok())
        && words.next().is_some()
}

fn has(json: &Json, keys: &[&str]) -> bool {
    matches!(json, Json::Object(members) if keys.iter().all(|key| members.contains_key(*key)))
}

fn of_json(json: &Json, path: &str) -> Vec<Format> {
    let members = match json {
        Json::Array(items) => {
            return items
                .first()
                .map_or(Vec::new(), |item| of_array(item, path));
        }
        Json::Object(members) => members,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => return Vec::new(),
    };
    let by_keys: [(&[&str], Format); 8] = [
        (&["benchmarks", "machine_info"], Format::PytestBenchmark),
        (&["benchmarks", "context"], Format::GoogleBenchmark),
        (&["benchmarks", "version"], Format::Pyperf),
        (&["commit_hash", "results"], Format::Asv),
        (&["full_id", "group_id"], Format::Criterion),
        (&["entries", "lastUpdate"], Format::GithubActionBenchmark),
        (&["status", "summary"], Format::CiMetrics),
        (&["results"], Format::Hyperfine),
    ];
    let is_hyperfine = matches!(members.get("results"), Some(Json::Array(_)));
    for (keys, format) in by_keys {
        if has(json, keys) && (format != Format::Hyperfine || is_hyperfine) {
            return vec![format];
        }
    }
    let is_point = |item: &Json| has(item, &["name", "value", "unit", "timestamp", "model_name"]);
    let is_history = |json: &Json| matches!(json, Json::Array(items) if items.iter().all(is_point));
    let is_result = |json: &Json| has(json, &["val_acc"]) || has(json, &["accuracy", "tolerance"]);
    let is_bench = |json: &Json| match json {
        Json::Object(optimizers) => !optimizers.is_empty() && optimizers.values().any(is_result),
        _ => false,
    };
    if members.is_empty() {
        Vec::new()
    } else if members.values().all(is_history) {
        vec![Format::TrackerHistory]
    } else if members.values().any(is_bench) {
        vec![Format::BaselineResults]
    } else {
        Vec::new()
    }
}

fn of_array(first: &Json, path: &str) -> Vec<Format> {
    let name = path.to_ascii_lowercase();
    if has(first, &["benchmark", "primaryMetric"]) {
        vec![Format::Jmh]
    } else if !has(first, &["name", "value"]) {
        Vec::new()
    } else if name.contains("bigger") {
        vec![Format::BiggerIsBetter]
    } else if name.contains("smaller") {
        vec![Format::SmallerIsBetter]
    } else {
        vec![Format::SmallerIsBetter, Format::BiggerIsBetter]
    }
}
