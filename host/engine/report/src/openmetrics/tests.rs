//! The texts, read back.

use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{
    Alert, AlertKind, AlertState, Case, CaseId, CaseResult, Direction, Environment, Interval,
    Measurement, Metric, MetricKind, Outcome, Overhead, Params, Run, RunState, SCHEMA, Samples,
    Severity, Summary,
};

use super::*;
use crate::{Band, Series};

const HOSTILE: &str = "<script>\"=cmd()\\\nx\u{202e}\u{0}\r";

fn result(workload: &str, outcome: Outcome, metrics: &[(&str, &str, f64)]) -> CaseResult {
    let measurement = |(name, unit, median): &(&str, &str, f64)| Measurement {
        metric: Metric::new(*name, *unit, Direction::Lower, MetricKind::Time),
        samples: Samples::default(),
        summary: Some(Summary {
            n: 3,
            repetitions: 1,
            median: *median,
            interval: Interval {
                low: median * 0.5,
                high: median * 2.0,
                confidence: 0.95,
            },
            mad: 0.0,
            mean: *median,
            trimmed_mean: *median,
            standard_deviation: 0.0,
            min: *median,
            max: *median,
            quantiles: Vec::new(),
            outliers: 0,
        }),
    };
    CaseResult {
        case: Case {
            id: CaseId::new("p", workload, &Params::new(), 1, "cpu"),
            benchmark: workload.to_owned(),
            plugin: "p".to_owned(),
            workload: workload.to_owned(),
            params: Params::new(),
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome,
        repetitions: Vec::new(),
        measurements: metrics.iter().map(measurement).collect(),
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}

fn report(cases: Vec<CaseResult>) -> Report {
    let run = Run {
        schema: SCHEMA,
        id: "r1".to_owned(),
        host_version: "0.1.0".to_owned(),
        state: RunState::Interrupted,
        started: "2026-06-01T00:00:00Z".to_owned(),
        finished: Some("2026-06-01T00:01:00Z".to_owned()),
        command: Vec::new(),
        seed: 7,
        suite: None,
        git: None,
        environment: Environment {
            fingerprint: "m".to_owned(),
            ..Environment::default()
        },
        overhead: Overhead::default(),
        plugins: Vec::new(),
        planned_cases: 5,
        cases,
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        gates: Vec::new(),
    };
    Report {
        host_version: "0.1.0".to_owned(),
        run: Some(run),
        ..Report::default()
    }
}

/// A minute after the run began, and 30 s after it ended.
const NOW_S: f64 = 1_780_272_000.0 + 90.0;

/// Name, labels and value.
type Sample = (String, Vec<(String, String)>, f64);

/// Every sample, by a reading of the format that shares nothing with the writer.
fn samples(text: &str) -> Vec<Sample> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(sample).collect()
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while let Some((key, value)) = rest.split_once("=\"") {
            let mut text = String::new();
            let mut chars = value.char_indices();
            let after = loop {
                match chars.next().expect("the value ends") {
                    (at, '"') => break at + 1,
                    (_, '\\') => match chars.next().unwrap().1 {
                        'n' => text.push('\n'),
                        c @ ('"' | '\\') => text.push(c),
                        other => panic!("\\{other} in {line}"),
                    },
                    (_, c) => text.push(c),
                }
            };
            labels.push((key.trim_start_matches(',').to_owned(), text));
            rest = &value[after..];
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
        }
    }
    (name.to_owned(), labels, rest.trim().parse().unwrap())
}

fn value_of(text: &str, name: &str, with: &[(&str, &str)]) -> Option<f64> {
    let all = samples(text);
    let mut found = all.iter().filter(|(one, labels, _)| {
        let has = |(key, value): &(&str, &str)| labels.iter().any(|(k, v)| k == key && v == value);
        one == name && with.iter().all(has)
    });
    let value = found.next().map(|(_, _, value)| *value);
    assert!(found.next().is_none(), "{name} twice");
    value
}

#[test]
fn values_are_in_base_units_and_those_of_failed_cases_absent() {
    let boom = Outcome::Exit {
        phase: benchhost_record::Phase::Measure,
        code: 3,
    };
    let metrics = [("time", "ns", 2e6), ("peak-memory", "B", 1024.0)];
    let cases = vec![
        result("a", Outcome::Ok, &metrics),
        result("b", boom, &metrics),
    ];

    let text = render(&report(cases), NOW_S);

    let a = [
        ("case", "p/a?threads=1"),
        ("workload", "a"),
        ("machine", "m"),
    ];
    let b = [("case", "p/b?threads=1")];
    assert_eq!(value_of(&text, "benchhost_time_seconds", &a), Some(0.002));
    assert_eq!(
        value_of(&text, "benchhost_interval_low_time_seconds", &a),
        Some(0.001)
    );
    assert_eq!(
        value_of(&text, "benchhost_peak_memory_bytes", &a),
        Some(1024.0)
    );
    assert_eq!(value_of(&text, "benchhost_time_seconds", &b), None);
    let ended = [b[0], ("outcome", "exit")];
    assert_eq!(value_of(&text, "benchhost_case_outcome", &ended), Some(1.0));
    assert_eq!(
        value_of(&text, "benchhost_run_cases", &[("outcome", "exit")]),
        Some(1.0)
    );
    assert_eq!(
        value_of(&text, "benchhost_run_cases", &[("outcome", "stall")]),
        Some(0.0)
    );
}

#[test]
fn the_run_has_an_age_and_says_that_it_was_interrupted() {
    let text = render(&report(vec![result("a", Outcome::Ok, &[])]), NOW_S);

    for (name, expected) in [
        ("benchhost_run_age_seconds", 30.0),
        ("benchhost_run_interrupted", 1.0),
        ("benchhost_run_cases_planned", 5.0),
        ("benchhost_run_cases_finished", 1.0),
        ("benchhost_run_exit_code", 0.0),
    ] {
        assert_eq!(value_of(&text, name, &[]), Some(expected), "{name}");
    }
    assert_eq!(
        value_of(&text, "benchhost_run_info", &[("run", "r1")]),
        Some(1.0)
    );
    assert_eq!(
        value_of(&text, "benchhost_run_state", &[("state", "running")]),
        Some(0.0)
    );
}

#[test]
fn baselines_verdicts_and_alerts_stand_beside_the_values() {
    let mut report = report(vec![result("a", Outcome::Ok, &[("time", "ns", 2e9)])]);
    let metric = Metric::new("time", "ns", Direction::Lower, MetricKind::Time);
    report.series.push(Series {
        case: "p/a?threads=1".to_owned(),
        metric: metric.clone(),
        machine: "m".to_owned(),
        points: Vec::new(),
        all_points: 0,
        changes: Vec::new(),
        baseline: Some(Band {
            value: 1e9,
            low: 0.0,
            high: 2e9,
        }),
    });
    report.judged = Judgements {
        judged: vec![Judgement {
            case: "p/a?threads=1".to_owned(),
            metric,
            verdict: Verdict::Regressed(Severity::Warning),
            rule: "default".to_owned(),
            place: "default".to_owned(),
            value: 2e9,
            reference: 1.6e9,
            effect: 0.25,
            interval: None,
            p: None,
            n: 3,
            runs: Vec::new(),
            is_suspicious: false,
            sentence: String::new(),
        }],
        not_judged: 2,
        idle: Vec::new(),
    };
    let alert = |id, state| Alert {
        id,
        case: "p/a?threads=1".to_owned(),
        metric: "time".to_owned(),
        machine: "m".to_owned(),
        kind: AlertKind::Regression,
        severity: Severity::Warning,
        state,
        rule: "default".to_owned(),
        opened_run: "r1".to_owned(),
        opened: String::new(),
        last_run: "r1".to_owned(),
        updated: String::new(),
        runs: 1,
        value: f64::NAN,
        reference: 1.0,
        sentence: String::new(),
        reason: None,
    };
    report.alerts = vec![alert(1, AlertState::Opened), alert(2, AlertState::Resolved)];

    let text = render(&report, NOW_S);

    let case = ("case", "p/a?threads=1");
    let is = |name: &str, with: &[(&str, &str)]| value_of(&text, name, with);
    assert_eq!(is("benchhost_baseline_time_seconds", &[case]), Some(1.0));
    assert_eq!(is("benchhost_reference_time_seconds", &[case]), Some(1.6));
    assert_eq!(is("benchhost_change_ratio", &[case]), Some(0.25));
    let said = [case, ("verdict", "regressed"), ("severity", "warning")];
    assert_eq!(is("benchhost_verdict", &said), Some(1.0));
    assert_eq!(
        is("benchhost_verdicts", &[("verdict", "failed")]),
        Some(0.0)
    );
    assert_eq!(
        is("benchhost_alerts", &[("severity", "warning")]),
        Some(1.0)
    );
    assert_eq!(is("benchhost_alert", &[("alert", "1"), case]), Some(1.0));
    assert_eq!(is("benchhost_alert", &[("alert", "2")]), None);
    assert_eq!(is("benchhost_metrics_not_judged", &[]), Some(2.0));
}

#[test]
fn hostile_names_stay_inside_their_labels() {
    let long = "x".repeat(300);
    let metrics = [
        (HOSTILE, "ns", 1e9),
        (long.as_str(), HOSTILE, 2.0),
        ("", "", 3.0),
    ];
    let report = report(vec![result(HOSTILE, Outcome::Ok, &metrics)]);

    for form in [Form::OpenMetrics, Form::Prometheus] {
        let text = render_as(&report, NOW_S, form);

        let shown = HOSTILE.replace('\u{0}', "\\u{0}").replace('\r', "\\r");
        let with = [("metric", shown.as_str()), ("workload", &shown)];
        assert_eq!(
            value_of(&text, "benchhost_script_cmd_x_seconds", &with),
            Some(1.0)
        );
        assert_eq!(
            value_of(&text, "benchhost_unnamed", &[("metric", "")]),
            Some(3.0)
        );
        assert!(!text.contains(['\u{0}', '\r']));
        for (name, labels, _) in samples(&text) {
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            assert!(
                labels
                    .iter()
                    .all(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            );
        }
    }
}

#[test]
fn values_that_are_no_numbers_are_left_out() {
    let metrics = [("time", "ns", f64::NAN), ("loss", "1", f64::INFINITY)];

    let text = render(&report(vec![result("a", Outcome::Ok, &metrics)]), NOW_S);

    assert!(
        !text.contains("time_seconds{") && !text.contains("benchhost_loss"),
        "{text}"
    );
}

#[test]
fn each_form_is_its_own() {
    let report = report(vec![result("a", Outcome::Ok, &[("time", "ns", 1.0)])]);

    let open = render_as(&report, NOW_S, Form::OpenMetrics);
    let old = render_as(&report, NOW_S, Form::Prometheus);

    assert!(open.ends_with("\n# EOF\n"));
    assert!(open.contains("# UNIT benchhost_time_seconds seconds\n"));
    assert!(open.contains("# TYPE benchhost_run info\nbenchhost_run_info{"));
    assert!(!old.contains("# EOF") && !old.contains("# UNIT"));
    assert!(old.contains("# TYPE benchhost_run_info gauge\nbenchhost_run_info{"));
    assert_eq!(samples(&open), samples(&old));
}

#[test]
fn a_parser_that_is_not_ours_finds_every_sample() {
    let report = report(vec![result("a", Outcome::Ok, &[("time", "ns", 5.0)])]);
    let text = render_as(&report, NOW_S, Form::Prometheus);

    let lines = text.lines().map(|line| Ok(line.to_owned()));
    let scrape = prometheus_parse::Scrape::parse(lines).unwrap();

    assert_eq!(scrape.samples.len(), samples(&text).len());
    let time = scrape
        .samples
        .iter()
        .find(|one| one.metric == "benchhost_time_seconds");
    assert_eq!(time.unwrap().value, prometheus_parse::Value::Gauge(5e-9));
    for sample in &scrape.samples {
        assert!(
            scrape.docs.contains_key(&sample.metric),
            "{}",
            sample.metric
        );
    }
}

#[test]
fn without_a_run_there_are_alerts_only() {
    let text = render(&Report::default(), NOW_S);

    let names: Vec<String> = samples(&text)
        .into_iter()
        .map(|(name, _, _)| name)
        .collect();
    assert_eq!(names[0], "benchhost_build_info");
    assert!(
        names[1..].iter().all(|name| name == "benchhost_alerts"),
        "{names:?}"
    );
}
