//! Files for other tools, and back where we read them ourselves.

use benchhost_exchange::{
    Format,
    export::{self, Point, Series},
};
use benchhost_record::{Direction, MetricKind};

use crate::fixture::import_text;

fn series(
    case: &str,
    metric: &str,
    unit: &str,
    direction: Direction,
    values: &[Option<f64>],
) -> Series {
    let points = values.iter().enumerate().map(|(index, value)| Point {
        time_unix_s: Some(1_700_000_000.0 + index as f64),
        revision: Some(format!("r{index}")),
        value: *value,
        interval: value.map(|value| (value - 0.5, value + 0.5)),
        n: 5,
        ..Point::default()
    });
    Series {
        case: case.to_owned(),
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        direction,
        kind: MetricKind::Count,
        machine: Some("ci".to_owned()),
        points: points.collect(),
    }
}

fn some() -> Vec<Series> {
    vec![
        series(
            "sort?n=64",
            "time",
            "s",
            Direction::Lower,
            &[Some(1.5), Some(2.5)],
        ),
        series(
            "sort?n=64",
            "rate",
            "items/s",
            Direction::Higher,
            &[Some(8.0), None, Some(9.0)],
        ),
        series("a::b", "value", "", Direction::Neither, &[Some(0.1)]),
        series("gone", "time", "s", Direction::Lower, &[Some(1.0), None]),
    ]
}

const NASTY: [&str; 9] = [
    "'=quoted already",
    "a  =b",
    "=cmd()|'/c calc'!A1",
    "@SUM(1)",
    "+1",
    "-2 \"quoted\", with \\ and \ttab",
    "two\nlines\r\nthree",
    "<script>alert(1)</script>",
    "| a | *b* | [c](javascript:1) `d`",
];

fn nasty() -> Vec<Series> {
    let of = |name: &&str| series(name, name, name, Direction::Lower, &[Some(1.0)]);
    NASTY.iter().map(of).collect()
}

#[test]
fn csv_reads_back_as_it_was() {
    for series in [some(), nasty()] {
        let text = export::csv(&series);

        let read = import_text(Format::Csv, "a.csv", &text).unwrap();

        let back = export::gather(&read.entries);
        assert_eq!(back.len(), series.len());
        for (back, series) in back.iter().zip(&series) {
            assert_eq!(back.case, series.case);
            assert_eq!(
                (&back.metric, &back.unit, back.direction),
                (&series.metric, &series.unit, series.direction)
            );
            assert_eq!(back.points, series.points);
        }
    }
}

#[test]
fn json_lines_read_back_as_they_were() {
    for series in [some(), nasty()] {
        let read = import_text(Format::Benchhost, "a.jsonl", &export::json_lines(&series)).unwrap();

        assert_eq!(export::gather(&read.entries), series);
    }
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    for text in [export::csv(&nasty()), export::tracker_csv(&nasty())] {
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        for row in rows.records() {
            for cell in &row.unwrap() {
                let is_number = cell.parse::<f64>().is_ok();
                assert!(
                    is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:?}"
                );
            }
        }
    }
}

#[test]
fn github_action_files_are_parted_by_direction() {
    let files = export::custom_benchmarks(&some());

    let smaller = import_text(Format::SmallerIsBetter, "s.json", &files.smaller_is_better)
        .unwrap()
        .entries;
    let bigger = import_text(Format::BiggerIsBetter, "b.json", &files.bigger_is_better)
        .unwrap()
        .entries;
    assert_eq!(smaller.len(), 1);
    assert_eq!(
        (smaller[0].case.as_str(), smaller[0].value),
        ("sort?n=64::time", Some(2.5))
    );
    assert_eq!(
        (smaller[0].interval, smaller[0].unit.as_str()),
        (Some((2.0, 3.0)), "s")
    );
    assert_eq!(
        (bigger[0].case.as_str(), bigger[0].value),
        ("sort?n=64::rate", Some(9.0))
    );
    let left_out: Vec<&str> = files
        .left_out
        .iter()
        .map(|skipped| skipped.place.as_str())
        .collect();
    assert_eq!(left_out, ["a::b value", "gone time"]);
}

#[test]
fn bencher_metrics_keep_interval_and_machine() {
    let mut all = some();
    all.push(Series {
        machine: Some("other".into()),
        ..all[0].clone()
    });

    let found = export::bencher_metric_format(&all);

    let json: serde_json::Value = serde_json::from_str(&found.json).unwrap();
    let expected = serde_json::json!({"value": 2.5, "lower_value": 2.0, "upper_value": 3.0});
    assert_eq!(json["sort?n=64 @ ci"]["time"], expected);
    assert_eq!(json["sort?n=64 @ other"]["time"], expected);
    assert_eq!(json["sort?n=64"]["rate"]["value"], 9.0);
    assert_eq!(found.left_out.len(), 1);
}

#[test]
fn openmetrics_text_has_families_units_and_an_end() {
    let mut all = some();
    all.push(Series {
        points: vec![Point {
            value: Some(7.0),
            ..Point::default()
        }],
        ..all[2].clone()
    });
    all[4].metric = "peak memory!".to_owned();
    all[4].unit = "KiB".to_owned();
    all[4].machine = None;

    let text = export::openmetrics(&all);

    let sort = r#"case="sort?n=64",metric="time",machine="ci",unit="s""#;
    assert_eq!(
        text,
        format!(
            "# TYPE benchhost_peak_memory_bytes gauge\n\
             # UNIT benchhost_peak_memory_bytes bytes\n\
             benchhost_peak_memory_bytes{{case=\"a::b\",metric=\"peak memory!\",unit=\"KiB\"}} 7168.0\n\
             # TYPE benchhost_rate_items_per_second gauge\n\
             # UNIT benchhost_rate_items_per_second items_per_second\n\
             benchhost_rate_items_per_second{{{rate}}} 8.0 1700000000.0\n\
             benchhost_rate_items_per_second{{{rate}}} 9.0 1700000002.0\n\
             # TYPE benchhost_time_seconds gauge\n\
             # UNIT benchhost_time_seconds seconds\n\
             benchhost_time_seconds{{{sort}}} 1.5 1700000000.0\n\
             benchhost_time_seconds{{{sort}}} 2.5 1700000001.0\n\
             benchhost_time_seconds{{case=\"gone\",metric=\"time\",machine=\"ci\",unit=\"s\"}} 1.0 1700000000.0\n\
             # TYPE benchhost_value gauge\n\
             benchhost_value{{case=\"a::b\",metric=\"value\",machine=\"ci\",unit=\"\"}} 0.1 1700000000.0\n\
             # EOF\n",
            rate = sort
                .replace("metric=\"time\"", "metric=\"rate\"")
                .replace("unit=\"s\"", "unit=\"items/s\""),
        )
    );
}

#[test]
fn openmetrics_text_stays_whole_with_any_name() {
    let text = export::openmetrics(&nasty());

    for line in text.lines() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = line
            .strip_prefix("# TYPE ")
            .or_else(|| line.strip_prefix("# UNIT "))
            .unwrap_or(line);
        assert!(
            name.starts_with("benchhost_") || line == "# EOF",
            "{line:?}"
        );
        let name = name.split(['{', ' ']).next().unwrap();
        assert!(name.chars().all(is_name) || line == "# EOF", "{line:?}");
        assert!(
            !line.contains('{') || line.ends_with("\"} 1.0 1700000000.0"),
            "{line:?}"
        );
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(!text.contains('\r') || text.matches("\r\\n").count() > 0);
}
