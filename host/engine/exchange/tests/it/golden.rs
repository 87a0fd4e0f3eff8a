//! Imports of real files against what Python finds in them (`tests/golden/imports.py`).

use benchhost_exchange::{Entry, Format, SourceFile, detect, import};
use benchhost_record::Direction;
use serde::Deserialize;

use crate::fixture::text;

#[derive(Deserialize)]
struct Golden {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    format: String,
    files: Vec<String>,
    entries: Vec<Expected>,
    skipped: usize,
}

#[derive(Debug, Deserialize)]
struct Expected {
    case: String,
    metric: String,
    unit: String,
    direction: Direction,
    value: Option<f64>,
    n: u64,
    samples: usize,
    sum: f64,
    low: Option<f64>,
    high: Option<f64>,
    machine: Option<String>,
    time: Option<f64>,
    revision: Option<String>,
}

fn is_close(found: Option<f64>, expected: Option<f64>, relative: f64) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= relative * expected.abs(),
        (None, None) => true,
        _ => false,
    }
}

fn assert_same(found: &Entry, expected: &Expected) {
    let words = (
        &found.unit,
        found.direction,
        found.n,
        found.samples.len(),
        &found.machine,
        &found.revision,
    );
    let expected_words = (
        &expected.unit,
        expected.direction,
        expected.n,
        expected.samples,
        &expected.machine,
        &expected.revision,
    );
    assert_eq!(words, expected_words, "{expected:?}");
    let sum = found.samples.iter().sum();
    assert!(
        is_close(found.value, expected.value, 0.0),
        "{found:?}, expected {expected:?}"
    );
    assert!(
        is_close(Some(sum), Some(expected.sum), 1e-12),
        "{found:?}, expected {expected:?}"
    );
    assert!(
        is_close(found.interval.map(|i| i.0), expected.low, 0.0),
        "{found:?}, expected {expected:?}"
    );
    assert!(
        is_close(found.interval.map(|i| i.1), expected.high, 0.0),
        "{found:?}, expected {expected:?}"
    );
    assert!(
        is_close(found.time_unix_s, expected.time, 1e-15),
        "{found:?}, expected {expected:?}"
    );
}

#[test]
fn real_files_hold_what_python_finds_in_them() {
    let golden = include_str!("../../../../../tests/golden/imports.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert_eq!(golden.groups.len(), 15);
    for group in golden.groups {
        let texts: Vec<String> = group.files.iter().map(|path| text(path)).collect();
        let files: Vec<SourceFile<'_>> = group
            .files
            .iter()
            .zip(&texts)
            .map(|(path, text)| SourceFile { path, text })
            .collect();
        let format: Format = group.format.parse().unwrap();

        let found = import(format, &files).unwrap();

        assert_eq!(detect(&files), Some(format), "{:?}", group.files);
        assert_eq!(
            found.skipped.len(),
            group.skipped,
            "{:?}: {:?}",
            group.files,
            found.skipped
        );
        assert_eq!(
            found.entries.len(),
            group.entries.len(),
            "{:?}",
            group.files
        );
        for expected in &group.entries {
            let same = |entry: &&Entry| {
                (&entry.case, &entry.metric) == (&expected.case, &expected.metric)
                    && entry.revision == expected.revision
                    && is_close(entry.time_unix_s, expected.time, 1e-15)
            };
            // Two files of asv-v1 are of one commit: the same case stands there twice.
            let candidates: Vec<&Entry> = found.entries.iter().filter(same).collect();
            assert!(
                !candidates.is_empty(),
                "{expected:?} not among {:?}",
                group.files
            );
            let best = candidates
                .iter()
                .find(|entry| entry.value == expected.value);
            assert_same(best.unwrap_or(&candidates[0]), expected);
        }
    }
}
