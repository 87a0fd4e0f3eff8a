//! Reports made up for the dashboard.

use std::sync::Arc;

use benchhost_advice::Recommendation;
use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{
    Alert, AlertKind, AlertState, Direction, FlagKind, Git, Metric, MetricKind, Outcome, Output,
    Phase, Reading, Repetition, Samples, Severity, SuiteSource, Trace,
};
use benchhost_report::{Point, Report, Series};

use crate::fixture::{With as _, case, run};

/// Text that would do harm where it is taken for something else.
pub(crate) const HOSTILE: &[&str] = &[
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "<!--<script>",
    "]]></style></title>",
    "{{ 7 * 7 }}{% raw %}",
    "=cmd()|' /C calc'!A0",
    "two\nlines\r\n\tand a tab",
    "\u{202e}drawkcab\u{2066}",
    "&lt;b&gt; &amp;amp;",
    "javascript:alert(1)//\\",
    "\u{2028}\u{2029}\u{7f}\u{85}\u{feff}\u{fffe}",
    "%00%2e%2e/&case=#metric",
];

fn time() -> Metric {
    Metric::new("time", "ns", Direction::Lower, MetricKind::Time)
}

fn points(count: usize) -> Vec<Point> {
    let point = |i: usize| Point {
        time_ms: 1_780_000_000_000 + 3_600_000 * i as i64,
        value: 1e6 + (i * 7919 % 1000) as f64,
        interval: Some((1e6 - 2000.0, 1e6 + 3000.0)),
        run: Some(Arc::from(format!("20260601T{i:06}Z-0000"))),
        revision: Some(Arc::from(format!("{i:040x}"))),
    };
    (0..count).map(point).collect()
}

/// A run of one case with a history.
pub(crate) fn report() -> Report {
    large(1, 20, 50)
}

/// `cases` cases with `each` points of history and `samples` samples.
pub(crate) fn large(cases: usize, each: usize, samples: usize) -> Report {
    let of = |i: usize| {
        let mut made = case("p/w", &[("n", i as i64)]).time(1e6, 0.01, None);
        let mut taken = Samples::default();
        for k in 0..samples {
            taken.push((k % 5) as u32, 1, 1e6 + (k * 31 % 977) as f64);
        }
        taken.repetition.sort_unstable();
        made.measurements[0].samples = taken;
        made
    };
    let run = run((0..cases).map(of).collect());
    let points = points(each);
    let series = run.cases.iter().map(|one| Series {
        case: one.case.id.as_str().to_owned(),
        metric: time(),
        machine: run.environment.fingerprint.clone(),
        points: points.clone(),
        all_points: each as u64,
        changes: Vec::new(),
        baseline: None,
    });
    let series = series.collect();
    Report {
        run: Some(run),
        series,
        ..Report::default()
    }
}

/// `cases` cases with `metrics` metrics each, all judged, with `each` points of history and few samples.
pub(crate) fn many_metrics(cases: usize, metrics: usize, each: usize) -> Report {
    let mut made = large(cases, each, 0);
    let run = made.run.as_mut().expect("it was made with one");
    let (mut series, mut judged) = (Vec::new(), Vec::new());
    for result in &mut run.cases {
        let repetition = |i| Repetition::new(i, u64::from(i), Outcome::Ok);
        result.repetitions = (0..5).map(repetition).collect();
        let one = result.measurements[0].clone();
        for i in 0..metrics {
            let name = format!("time.phase-{i}");
            let metric = Metric::new(name, "ns", Direction::Lower, MetricKind::Time);
            let mut measurement = one.clone();
            measurement.metric = metric.clone();
            if let Some(summary) = &mut measurement.summary {
                summary.median = 1e6 / (3 + i) as f64;
                let quantile = |q| benchhost_record::Quantile {
                    q,
                    value: Some(1e6 / q),
                    needs_more: 0,
                };
                summary.quantiles = [0.5, 0.95, 0.99].map(quantile).into();
            }
            result.measurements.push(measurement);
            let case = result.case.id.as_str().to_owned();
            let sentence = format!(
                "{} of {case}: 105.2 µs, 3.1 % above 102.1 µs, the median of 8 earlier runs: 10 % is allowed",
                metric.name
            );
            judged.push(Judgement {
                case: case.clone(),
                sentence,
                ..judgement("recent", &metric)
            });
            series.push(Series {
                case,
                metric,
                ..made.series[0].clone()
            });
        }
    }
    made.series = series;
    made.judged.judged = judged;
    made
}

/// A report that has `text` wherever text can come from outside.
pub(crate) fn hostile(text: &str) -> Report {
    let own = || text.to_owned();
    let metric = Metric::new(text, text, Direction::Lower, MetricKind::Time);
    let mut first = case("p/w", &[]).time(1e6, 0.01, None);
    first.case.id = own().into();
    (first.case.benchmark, first.case.plugin, first.case.workload) = (own(), own(), own());
    first.case.device = own();
    first
        .case
        .params
        .insert(own(), benchhost_record::ParamValue::Text(own()));
    first.measurements[0].metric = metric.clone();
    first.targets.insert(own(), own());
    let mut first = first.flag(FlagKind::Outliers, text);
    first.repetitions.push(Repetition {
        output: Output {
            stdout: own(),
            stderr: own(),
            dropped_bytes: 0,
        },
        log: vec![own()],
        readings: vec![Reading {
            metric: metric.clone(),
            value: 1.0,
            extent: benchhost_record::Extent::Level,
            basis: benchhost_record::Basis::Measured,
            source: own(),
        }],
        traces: vec![Trace {
            metric: metric.clone(),
            time_ns: vec![0, 1],
            value: vec![1.0, 2.0],
        }],
        ..Repetition::new(0, 0, Outcome::Ok)
    });
    let failure = Outcome::Panic {
        phase: Phase::Measure,
        message: own(),
        detail: own(),
    };
    let failed = case("p/v", &[]).ended(failure, text);
    let mut run = run(vec![first, failed]);
    (run.id, run.started, run.host_version) = (own(), own(), own());
    run.suite = Some(SuiteSource {
        name: own(),
        path: own(),
        sha256: own(),
    });
    run.git = Some(Git {
        revision: own(),
        branch: Some(own()),
        dirty: true,
    });
    run.command = vec![own()];
    run.environment.fingerprint = own();
    run.environment.host_name = Some(own());
    run.environment.variables.insert(own(), own());
    run.plugins = vec![crate::fixture::refused(text, text)];
    run.absent_probes.insert(own(), own());
    crate::fixture::set_against(&mut run, text);
    let mut points = points(3);
    points[1].run = Some(Arc::from(text));
    points[2].revision = Some(Arc::from(text));
    Report {
        made: own(),
        host_version: own(),
        judged: Judgements {
            judged: vec![judgement(text, &metric)],
            not_judged: 1,
            idle: vec![own()],
        },
        alerts: vec![alert(text)],
        series: vec![Series {
            case: own(),
            metric,
            machine: own(),
            points,
            all_points: 3,
            changes: Vec::new(),
            baseline: None,
        }],
        recommendations: vec![Recommendation {
            rule: own(),
            rank: 1,
            case: own(),
            cases: vec![own()],
            about: own(),
            more: 1,
            evidence: own(),
            metric: own(),
            number: own(),
            condition: own(),
            text: own(),
        }],
        left_out: vec![own()],
        run: Some(run),
        ..Report::default()
    }
}

fn judgement(text: &str, metric: &Metric) -> Judgement {
    Judgement {
        case: text.to_owned(),
        metric: metric.clone(),
        verdict: Verdict::Regressed(Severity::Critical),
        rule: text.to_owned(),
        place: text.to_owned(),
        value: 2.0,
        reference: 1.0,
        effect: 1.0,
        interval: Some((0.5, f64::INFINITY)),
        p: None,
        n: 8,
        runs: vec![text.to_owned()],
        is_suspicious: false,
        sentence: text.to_owned(),
    }
}

fn alert(text: &str) -> Alert {
    Alert {
        id: 1,
        case: text.to_owned(),
        metric: text.to_owned(),
        machine: text.to_owned(),
        kind: AlertKind::Regression,
        severity: Severity::Critical,
        state: AlertState::Opened,
        rule: text.to_owned(),
        opened_run: text.to_owned(),
        opened: text.to_owned(),
        last_run: text.to_owned(),
        updated: text.to_owned(),
        runs: 1,
        value: 2.0,
        reference: 1.0,
        sentence: text.to_owned(),
        reason: Some(text.to_owned()),
    }
}
