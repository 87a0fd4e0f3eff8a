//! CSV: read back by the csv crate, cell by cell.

use std::collections::HashMap;

use benchhost_report::csv::metrics;

use super::made;

fn read(text: &str) -> Vec<HashMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

const NUMBERS: [&str; 16] = [
    "Value",
    "Timestamp",
    "Low",
    "High",
    "Confidence",
    "Samples",
    "Repetitions",
    "Mean",
    "Standard Deviation",
    "Minimum",
    "Maximum",
    "P50",
    "P95",
    "P99",
    "Reference",
    "Change",
];

#[test]
fn the_columns_of_the_tracker_come_first() {
    let text = metrics(&made::fine(1));

    assert!(
        text.starts_with(
            "Model Name,Metric Name,Value,Unit,Category,Timestamp,Date Time,Case,Benchmark,"
        ),
        "{text}"
    );
    let row = &read(&text)[0];
    for (column, value) in [
        ("Model Name", "p/w?n=0&threads=2"),
        ("Metric Name", "time"),
        ("Value", "1000000"),
        ("Unit", "ns"),
        ("Category", "performance"),
        ("Timestamp", "1795233912.0"),
        ("Date Time", "2026-11-21T04:05:12"),
        ("Direction", "lower"),
        ("Outcome", "ok"),
        ("Low", "990000"),
        ("Verdict", ""),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
}

#[test]
fn a_case_without_a_value_has_a_row_with_its_outcome() {
    let rows = read(&metrics(&made::ordinary()));
    let of = |kind: &str| {
        let wanted = format!("kind={kind}&");
        rows.iter()
            .find(|row| row["Case"].contains(&wanted))
            .unwrap()
    };

    for (kind, outcome, verdict) in [
        ("wrong", "wrong", "failed"),
        ("panic", "panic", "failed"),
        ("skipped", "skipped", ""),
        ("regressed", "ok", "regressed"),
        ("inconclusive", "ok", "inconclusive"),
    ] {
        let row = of(kind);
        assert_eq!(
            (row["Outcome"].as_str(), row["Verdict"].as_str()),
            (outcome, verdict)
        );
        assert_eq!(row["Value"].is_empty(), outcome != "ok", "{kind}");
    }
    assert_eq!(of("skipped")["Message"], "skipped: steps");
    assert_eq!(of("regressed")["Severity"], "critical");
    assert_eq!(of("regressed")["Target State"], "missed");
    assert_eq!(of("regressed")["Run State"], "interrupted");
}

#[test]
fn a_target_without_a_value_has_a_row_of_its_own() {
    let mut report = made::fine(1);
    let case = &mut report.run.as_mut().unwrap().cases[0];
    case.targets = [("accuracy".to_owned(), ">= 0.9".to_owned())].into();

    for rows in [2, 1] {
        let read = read(&metrics(&report));
        assert_eq!(read.len(), rows);
        let row = &read[rows - 1];
        for (column, value) in [
            ("Metric Name", "accuracy"),
            ("Value", ""),
            ("Target", ">= 0.9"),
            ("Target State", "not measured"),
        ] {
            assert_eq!(row[column], value, "{column}");
        }
        report.run.as_mut().unwrap().cases[0].measurements.clear();
    }
}

#[test]
fn no_cell_is_a_formula_and_numbers_stay_numbers() {
    let names = made::hostile();
    let text = metrics(&made::of(&names));
    let rows = read(&text);

    assert_eq!(
        rows.len(),
        names.len() * 7,
        "a row for each metric and each case without one"
    );
    for row in &rows {
        for (column, cell) in row {
            if NUMBERS.contains(&column.as_str()) {
                assert!(
                    cell.is_empty() || cell.parse::<f64>().is_ok(),
                    "{column}: {cell}"
                );
                assert!(!cell.contains("inf") && !cell.contains("NaN"), "{cell}");
                continue;
            }
            let first = cell.trim_start().chars().next();
            let is_formula = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@'));
            assert!(
                !is_formula && !cell.starts_with(['\t', '\r']),
                "{column}: {cell:?}"
            );
        }
    }
}

#[test]
fn names_read_back_as_they_were() {
    for name in made::hostile() {
        let rows = read(&metrics(&made::of(std::slice::from_ref(&name))));
        let plugin = &rows[0]["Plugin"];
        // What would drive a terminal or turn the reading direction has a sign in its place.
        let drives = |c: char| {
            c.is_control() && !matches!(c, '\t' | '\n' | '\r')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        let expected = name.replace(drives, "\u{fffd}");
        assert_eq!(plugin.strip_prefix('\'').unwrap_or(plugin), expected);
    }
}
