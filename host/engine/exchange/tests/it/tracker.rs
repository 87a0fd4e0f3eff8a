//! The tracker's files, as its document shows them.

use benchhost_exchange::{
    Format,
    export::{self, Alert, Point, Series, Severity},
    tracker_direction,
};
use benchhost_record::{Direction, MetricKind};

use crate::fixture::{import_file, text};

fn series(case: &str, metric: &str, unit: &str, kind: MetricKind, values: &[f64]) -> Series {
    let points = values.iter().enumerate().map(|(index, value)| Point {
        time_unix_s: Some(1_697_385_600.0 + 60.0 * index as f64),
        value: Some(*value),
        ..Point::default()
    });
    Series {
        case: case.to_owned(),
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        kind,
        points: points.collect(),
        ..Series::default()
    }
}

fn alert(metric: &str, unit: &str, previous: f64, current: f64, severity: Severity) -> Alert {
    Alert {
        case: "my_model".to_owned(),
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        previous,
        current,
        threshold_percent: 5.0,
        severity,
        time_unix_s: 1_697_385_700.0,
    }
}

#[test]
fn the_history_of_the_document_comes_out_as_it_went_in() {
    let read = import_file(Format::TrackerHistory, "tracker/metrics_history.json");

    assert_eq!(read.entries[0].direction, Direction::Higher);
    assert_eq!(read.entries[1].value, Some(145.0));
    let written = export::tracker_history(&export::gather(&read.entries));
    let expected: serde_json::Value =
        serde_json::from_str(&text("tracker/metrics_history.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&written).unwrap(),
        expected
    );
}

#[test]
fn directions_are_those_of_the_document() {
    for (category, unit, expected) in [
        ("performance", "tokens/sec", Direction::Higher),
        ("performance", "requests/sec", Direction::Higher),
        ("performance", "throughput", Direction::Higher),
        ("performance", "samples/s", Direction::Higher),
        ("performance", "seconds", Direction::Lower),
        ("performance", "ms", Direction::Lower),
        ("performance", "time", Direction::Lower),
        ("memory", "MB", Direction::Lower),
        ("memory", "blocks", Direction::Lower),
        ("accuracy", "", Direction::Higher),
        ("performance", "widgets", Direction::Neither),
        ("", "", Direction::Neither),
    ] {
        assert_eq!(
            tracker_direction(category, unit),
            expected,
            "{category} {unit}"
        );
    }
}

#[test]
fn the_csv_has_the_columns_of_the_document() {
    let all = [
        series(
            "my_model",
            "inference_speed",
            "tokens/sec",
            MetricKind::Throughput,
            &[140.0],
        ),
        series(
            "another_model",
            "memory_usage",
            "MB",
            MetricKind::Memory,
            &[550.0, 1e-5],
        ),
    ];

    assert_eq!(
        export::tracker_csv(&all),
        "Model Name,Metric Name,Value,Unit,Category,Timestamp,Date Time\n\
         my_model,inference_speed,140.0,tokens/sec,performance,1697385600.0,2023-10-15T16:00:00\n\
         another_model,memory_usage,550.0,MB,memory,1697385600.0,2023-10-15T16:00:00\n\
         another_model,memory_usage,1e-05,MB,memory,1697385660.0,2023-10-15T16:01:00\n"
    );
}

#[test]
fn the_report_reads_as_in_the_document() {
    let speed: Vec<f64> = (0..12)
        .map(|index| 150.0 - f64::from(index))
        .chain([140.0])
        .collect();
    let all = [
        series(
            "my_model",
            "inference_speed",
            "tokens/sec",
            MetricKind::Throughput,
            &speed,
        ),
        series("new", "size", "", MetricKind::Count, &[3.0]),
        series("empty", "size", "", MetricKind::Count, &[]),
    ];
    let alerts = [
        alert(
            "inference_speed",
            "tokens/sec",
            150.0,
            140.0,
            Severity::Critical,
        ),
        alert("memory_usage", "MB", 500.0, 550.0, Severity::Warning),
    ];

    let report = export::tracker_report(&all, &alerts, 1_697_365_845.123_456, 10);

    // Mean and deviation of the last 10 values by Python: statistics.mean, statistics.stdev.
    assert_eq!(
        report,
        "# Performance Report\n\n\
         Generated on: 2023-10-15T10:30:45.123456\n\n\
         ## Summary\n\n\
         - Total metrics tracked: 14\n\
         - Unique metrics: 2\n\
         - Regression alerts: 2\n\
         - Critical alerts: 1\n\n\
         ## Recent Regression Alerts\n\n\
         - **CRITICAL**: Performance regression detected for my_model:inference_speed. Previous: \
         150.00tokens/sec, Current: 140.00tokens/sec, Change: -6.67%\n\
         - **WARNING**: Performance regression detected for my_model:memory_usage. Previous: 500.00MB, \
         Current: 550.00MB, Change: +10.00%\n\n\
         ## Metrics History\n\n\
         ### my_model:inference_speed\n\
         - Latest value: 140.00 tokens/sec\n\
         - Historical mean: 142.70 tokens/sec\n\
         - Historical stdev: 2.75 tokens/sec\n\
         - Min: 139.00, Max: 147.00\n\
         - Total measurements: 13\n\n\
         ### new:size\n\
         - Latest value: 3.00\n\
         - Historical mean: 3.00\n\
         - Historical stdev: 0.00\n\
         - Min: 3.00, Max: 3.00\n\
         - Total measurements: 1\n"
    );
}

#[test]
fn alerts_are_the_json_of_the_document() {
    let alerts = [alert(
        "inference_speed",
        "tokens/sec",
        150.0,
        145.0,
        Severity::Warning,
    )];

    let json: serde_json::Value = serde_json::from_str(&export::tracker_alerts(&alerts)).unwrap();

    assert_eq!(
        json[0],
        serde_json::json!({
            "metric_name": "inference_speed",
            "model_name": "my_model",
            "previous_value": 150.0,
            "current_value": 145.0,
            "threshold_percentage": 5.0,
            "severity": "warning",
            "timestamp": 1_697_385_700.0,
            "message": "Performance regression detected for my_model:inference_speed. Previous: \
                        150.00tokens/sec, Current: 145.00tokens/sec, Change: -3.33%",
        })
    );
}

#[test]
fn names_in_a_report_are_neither_markdown_nor_html() {
    let name = "a\n# b | <script>alert(1)</script> `c` *d* [e](f)";
    let all = [series(name, "m", "<u>", MetricKind::Count, &[1.0])];

    let report =
        export::tracker_report(&all, &[alert(name, "s", 1.0, 2.0, Severity::Info)], 0.0, 10);

    assert!(
        !report.contains("<script>") && !report.contains("\n# b"),
        "{report}"
    );
    assert!(
        report
            .contains(r"### a # b \| &lt;script&gt;alert(1)&lt;/script&gt; \`c\` \*d\* \[e\](f):m"),
        "{report}"
    );
}
