//! Reports that are made up.

use benchhost_plot::{Picture, pictures};
use benchhost_record::{
    Case, CaseId, CaseResult, Direction, Environment, Interval, Measurement, Metric, MetricKind,
    Outcome, Overhead, ParamValue, Params, Run, RunState, SCHEMA, Samples, Summary,
};
use benchhost_report::Report;

/// A case that is fine and was never measured.
pub(crate) fn case(workload: &str, params: &[(&str, ParamValue)]) -> CaseResult {
    let params: Params = params
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    CaseResult {
        case: Case {
            id: CaseId::new("p", workload, &params, 1, "cpu"),
            benchmark: workload.to_owned(),
            plugin: "p".to_owned(),
            workload: workload.to_owned(),
            params,
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: Vec::new(),
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}

/// `case` with a metric.
pub(crate) fn with(
    mut case: CaseResult,
    name: &str,
    unit: &str,
    kind: MetricKind,
    median: f64,
) -> CaseResult {
    let mut samples = Samples::default();
    (0..20).for_each(|n| samples.push(0, 1, median * (0.95 + f64::from(n) * 0.005)));
    case.measurements.push(Measurement {
        metric: Metric::new(name, unit, Direction::Lower, kind),
        samples,
        summary: Some(summary(median)),
    });
    case
}

fn summary(median: f64) -> Summary {
    Summary {
        n: 20,
        repetitions: 1,
        median,
        interval: Interval {
            low: median * 0.9,
            high: median * 1.1,
            confidence: 0.95,
        },
        mad: 0.0,
        mean: median,
        trimmed_mean: median,
        standard_deviation: 0.0,
        min: median,
        max: median,
        quantiles: Vec::new(),
        outliers: 0,
    }
}

/// A case that trains.
pub(crate) fn training(params: &[(&str, ParamValue)], time: f64) -> CaseResult {
    let made = with(
        case("training", params),
        "time",
        "ns",
        MetricKind::Time,
        time,
    );
    let made = with(
        made,
        "throughput",
        "samples/s",
        MetricKind::Throughput,
        1e9 / time,
    );
    let made = with(made, "time.forward", "ns", MetricKind::Time, time * 0.4);
    let made = with(made, "time.backward", "ns", MetricKind::Time, time * 0.5);
    with(made, "peak-memory", "B", MetricKind::Memory, 1e6)
}

pub(crate) fn int(value: i64) -> ParamValue {
    ParamValue::Int(value)
}

pub(crate) fn report(cases: Vec<CaseResult>) -> Report {
    let run = Run {
        schema: SCHEMA,
        id: "20260601T000000Z-0000".to_owned(),
        host_version: String::new(),
        state: RunState::Finished,
        started: "2026-06-01T00:00:00Z".to_owned(),
        finished: None,
        command: Vec::new(),
        seed: 0,
        suite: None,
        git: None,
        environment: Environment::default(),
        overhead: Overhead::default(),
        probe_costs: Default::default(),
        absent_probes: Default::default(),
        plugins: Vec::new(),
        planned_cases: cases.len() as u64,
        cases,
        curves: Vec::new(),
        contrasts: Vec::new(),
        gates: Vec::new(),
    };
    Report {
        run: Some(run),
        ..Report::default()
    }
}

/// The pictures whose names begin so.
pub(crate) fn called(report: &Report, name: &str) -> Vec<Picture> {
    let all = pictures(report).into_iter();
    all.filter(|picture| picture.name.starts_with(name))
        .collect()
}

/// All text of a picture, read by an XML parser.
pub(crate) fn texts(picture: &Picture) -> Vec<String> {
    let document = roxmltree::Document::parse(&picture.svg).unwrap();
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect()
}
