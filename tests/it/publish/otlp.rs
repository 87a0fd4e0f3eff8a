//! Metrics for OpenTelemetry, decoded again.

use std::{collections::BTreeMap, io::Read as _};

use benchhost_record::{Direction, Measurement, Metric, MetricKind, ParamValue, Run, Samples};
use benchhost_stats::summarise;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
        },
        trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse},
    },
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{Metric as OtelMetric, NumberDataPoint, metric::Data, number_data_point},
};
use prost::Message as _;

use super::{
    HOSTILE, broken, command, quick,
    receiver::{Answer, Got, Receiver},
    run, with,
};
use crate::support::{Output, Sandbox, finish};

/// Attributes by name, values as text.
pub(super) fn attributes(of: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::BoolValue(value) => value.to_string(),
        Value::IntValue(value) => value.to_string(),
        Value::DoubleValue(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    let pairs = of.iter().map(|one| {
        let value = one
            .value
            .as_ref()
            .and_then(|value| value.value.as_ref())
            .unwrap();
        (one.key.clone(), text(value))
    });
    pairs.collect()
}

fn decoded(got: &Got) -> ExportMetricsServiceRequest {
    assert_eq!(
        (got.method.as_str(), got.header("content-type")),
        ("POST", "application/x-protobuf")
    );
    let mut body = Vec::new();
    match got.header("content-encoding") {
        "gzip" => {
            GzDecoder::new(got.body.as_slice())
                .read_to_end(&mut body)
                .unwrap();
        }
        _ => body.clone_from(&got.body),
    }
    ExportMetricsServiceRequest::decode(body.as_slice()).unwrap()
}

/// What came to `/v1/metrics`.
fn metrics(receiver: &Receiver) -> Vec<OtelMetric> {
    let got = receiver
        .got()
        .into_iter()
        .filter(|got| got.path == "/v1/metrics");
    let scopes = got
        .flat_map(|got| decoded(&got).resource_metrics)
        .flat_map(|one| one.scope_metrics);
    scopes.flat_map(|one| one.metrics).collect()
}

fn points(metric: &OtelMetric) -> &[NumberDataPoint] {
    match metric.data.as_ref().unwrap() {
        Data::Gauge(gauge) => &gauge.data_points,
        other => panic!("no gauge: {other:?}"),
    }
}

fn value(point: &NumberDataPoint) -> f64 {
    match point.value.unwrap() {
        number_data_point::Value::AsDouble(value) => value,
        number_data_point::Value::AsInt(value) => value as f64,
    }
}

/// The one point with these attributes.
fn point(metrics: &[OtelMetric], name: &str, unit: &str, with: &[(&str, &str)]) -> f64 {
    let found: Vec<&NumberDataPoint> = metrics
        .iter()
        .filter(|metric| metric.name == name && metric.unit == unit)
        .flat_map(points)
        .filter(|point| {
            let found = attributes(&point.attributes);
            with.iter()
                .all(|(key, value)| found.get(*key).is_some_and(|found| found == value))
        })
        .collect();
    assert_eq!(found.len(), 1, "{name} {unit} {with:?}: {metrics:#?}");
    value(found[0])
}

/// `run` with another metric in its first case.
fn and(mut run: Run, name: &str, unit: &str, value: f64) -> Run {
    let mut samples = Samples::default();
    for i in 0..10 {
        samples.push(0, 1, value * (1.0 + 0.001 * f64::from(i)));
    }
    run.cases[0].measurements.push(Measurement {
        metric: Metric::new(name, unit, Direction::Higher, MetricKind::Count),
        summary: summarise(&samples, 1, 0.99).ok(),
        samples,
    });
    run
}

fn publish(sandbox: &Sandbox, endpoint: &str, more: &[&str]) -> Output {
    sandbox.write(
        "publish.toml",
        "[otlp]\nretry = { tries = 2, first-wait = \"0s\" }\n",
    );
    run(
        sandbox,
        &[&["publish", "otlp", "--endpoint", endpoint], more].concat(),
    )
}

#[test]
fn each_metric_is_a_gauge_in_units_of_ucum() {
    let mut made = quick(0, &[("steady", 1500.0), ("sick", 1.0)]);
    made = and(made, "throughput", "samples/s", 50.0);
    made = and(made, "peak-memory", "MiB", 2.0);
    made = and(made, "energy", "J", 0.5);
    made = and(made, "accuracy", "%", 90.0);
    made = and(made, "weird", "", f64::NAN);
    made.cases[0]
        .case
        .params
        .insert("batch".to_owned(), ParamValue::Int(8));
    let sandbox = with(&[broken(made, 1)]);
    let receiver = Receiver::content();

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let all = metrics(&receiver);
    let of = [("case", "p/steady?threads=1"), ("statistic", "median")];
    let near = |name: &str, unit: &str, expected: f64| {
        let found = point(&all, name, unit, &of);
        assert!(
            (found / expected - 1.0).abs() < 0.01,
            "{name}: {found} {unit}"
        );
    };
    near("benchhost.time", "s", 1.5e-6);
    near("benchhost.throughput", "{samples}/s", 50.2);
    near("benchhost.peak-memory", "By", 2.0 * 1_048_576.0);
    near("benchhost.energy", "J", 0.5);
    near("benchhost.accuracy", "1", 0.904);
    let low = point(&all, "benchhost.time", "s", &[of[0], ("statistic", "low")]);
    let high = point(&all, "benchhost.time", "s", &[of[0], ("statistic", "high")]);
    assert!(
        low <= 1.51e-6 && high >= 1.49e-6 && low < high,
        "{low} {high}"
    );
    assert!(
        all.iter()
            .flat_map(points)
            .all(|point| value(point).is_finite())
    );

    let about = attributes(
        &points(all.iter().find(|one| one.name == "benchhost.time").unwrap())[0].attributes,
    );
    for (key, expected) in [
        ("plugin", "p"),
        ("workload", "steady"),
        ("param.batch", "8"),
        ("threads", "1"),
        ("device", "cpu"),
        ("outcome", "ok"),
    ] {
        assert_eq!(about[key], expected);
    }
    assert_eq!(
        point(&all, "benchhost.case.ok", "1", &[("workload", "steady")]),
        1.0
    );
    assert_eq!(
        point(
            &all,
            "benchhost.case.ok",
            "1",
            &[("workload", "sick"), ("outcome", "panic")]
        ),
        0.0
    );
    assert_eq!(
        point(
            &all,
            "benchhost.verdict",
            "1",
            &[("workload", "sick"), ("verdict", "failed")]
        ),
        1.0
    );
    assert_eq!(point(&all, "benchhost.run.duration", "s", &[]), 60.0);
    let of_sick = |point: &&NumberDataPoint| {
        attributes(&point.attributes)
            .get("workload")
            .is_some_and(|one| one == "sick")
    };
    let time = all.iter().find(|one| one.name == "benchhost.time").unwrap();
    assert_eq!(
        points(time).iter().filter(of_sick).count(),
        0,
        "a case that failed has no speed"
    );
}

#[test]
fn the_resource_says_where_and_of_what() {
    let mut made = quick(0, &[("steady", 1500.0)]);
    made.environment.cpu.model = Some(HOSTILE.to_owned());
    let sandbox = with(&[made.clone()]);
    let receiver = Receiver::content();
    sandbox.write(
        "publish.toml",
        format!(
            "[otlp]\nendpoint = \"{}/\"\ngzip = true\n",
            receiver.address
        ),
    );

    let output = finish(command(&sandbox, &["publish", "otlp"]).env(
        "OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment=ci%201,service.name=no",
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let got = receiver.got();
    let paths: Vec<&str> = got.iter().map(|got| got.path.as_str()).collect();
    assert_eq!(paths, ["/v1/metrics", "/v1/traces"]);
    assert_eq!(got[0].header("content-encoding"), "gzip");
    let request = decoded(&got[0]);
    let about = attributes(
        &request.resource_metrics[0]
            .resource
            .as_ref()
            .unwrap()
            .attributes,
    );
    for (key, expected) in [
        ("service.name", "benchhost"),
        ("host.name", "ci-1"),
        ("host.cpu.model.name", HOSTILE),
        ("benchhost.suite", "quick"),
        ("benchhost.run.id", &made.id),
        (
            "vcs.ref.head.revision",
            &made.git.as_ref().unwrap().revision,
        ),
        ("deployment.environment", "ci 1"),
    ] {
        assert_eq!(about[key], expected);
    }
    let time = made
        .finished
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_nanosecond();
    let first = &request.resource_metrics[0].scope_metrics[0].metrics[0];
    assert_eq!(i128::from(points(first)[0].time_unix_nano), time);
}

#[test]
fn the_variables_of_opentelemetry_are_heeded() {
    let sandbox = with(&[quick(0, &[("steady", 1500.0)])]);
    let (all, traces) = (Receiver::content(), Receiver::content());
    let mut publish = command(&sandbox, &["publish", "otlp"]);
    publish.env(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        format!("{}/base", all.address),
    );
    publish.env(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        format!("{}/here", traces.address),
    );
    publish.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b,x-scope=c");
    publish.env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
    let output = finish(&mut publish);
    publish.env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let grpc = finish(&mut publish);
    publish.env("OTEL_EXPORTER_OTLP_HEADERS", "hunter2");
    let no_headers = finish(&mut publish);
    let nowhere = run(&sandbox, &["publish", "otlp"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let (got, traced) = (all.got(), traces.got());
    assert_eq!((got.len(), traced.len()), (1, 1));
    assert_eq!(
        (got[0].path.as_str(), traced[0].path.as_str()),
        ("/base/v1/metrics", "/here")
    );
    assert_eq!(
        (got[0].header("api-key"), got[0].header("x-scope")),
        ("a b", "c")
    );
    assert_eq!(got[0].header("content-encoding"), "gzip");
    assert_eq!(grpc.code, Some(2), "{grpc:?}");
    assert!(
        grpc.stderr.contains("only http/protobuf is spoken"),
        "{grpc:?}"
    );
    assert_eq!(no_headers.code, Some(2), "{no_headers:?}");
    assert!(!no_headers.stderr.contains("hunter2"), "{no_headers:?}");
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(
        nowhere.stderr.contains("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "{nowhere:?}"
    );
}

#[test]
fn what_is_taken_only_in_part_is_told() {
    let sandbox = with(&[quick(0, &[("steady", 1500.0)])]);
    let receiver = Receiver::new(|got| {
        let body = match got.path.as_str() {
            "/v1/metrics" => ExportMetricsServiceResponse {
                partial_success: Some(ExportMetricsPartialSuccess {
                    rejected_data_points: 2,
                    error_message: "too old \u{1b}[31m".to_owned(),
                }),
            }
            .encode_to_vec(),
            _ => ExportTraceServiceResponse {
                partial_success: Some(ExportTracePartialSuccess {
                    rejected_spans: 0,
                    error_message: "sampled".to_owned(),
                }),
            }
            .encode_to_vec(),
        };
        Answer::Reply("200 OK", Vec::new(), body)
    });

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output
            .stderr
            .contains("took only part: it rejected 2 points: too old"),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("/v1/traces says: sampled"),
        "{output:?}"
    );
    assert!(!output.stderr.contains('\u{1b}'), "{output:?}");
}

#[test]
fn a_server_that_did_not_answer_is_not_asked_twice() {
    let sandbox = with(&[quick(0, &[("steady", 1500.0)])]);
    let receiver = Receiver::answering(&[Answer::Nothing]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("did not take the points either"),
        "{output:?}"
    );
    let got = receiver.got();
    assert_eq!(got.len(), 2, "two tries for the points");
    assert!(got.iter().all(|one| one.path == "/v1/metrics"), "{got:?}");
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_collector() {
    let sandbox = with(&[quick(0, &[("steady", 1500.0)])]);
    // google.rpc.Status { code: 3, message: "no tenant" }
    let status = [&[0x08, 3, 0x12, 9][..], b"no tenant"].concat();
    let receiver = Receiver::answering(&[
        Answer::status("503 Service Unavailable"),
        Answer::Reply("400 Bad Request", Vec::new(), status),
    ]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("400 (Bad Request): no tenant"),
        "{output:?}"
    );
    assert_eq!(
        receiver.got().len(),
        3,
        "metrics twice, traces once: a refusal is not tried again"
    );
}
