//! Traces for OpenTelemetry: what is in which, and when.

use std::collections::BTreeMap;

use benchhost_record::{Outcome, Phase, Repetition, Run, RunState, SetupTimes, WarmUpResult};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, status::StatusCode},
};
use prost::Message as _;

use super::{boom, otlp::attributes, quick, receiver::Receiver, run, with};

/// A repetition with times of its own.
fn repetition(index: u32, position: u64, outcome: Outcome) -> Repetition {
    let is_ok = outcome.is_ok();
    Repetition {
        times: SetupTimes {
            start_ns: 10,
            load_ns: 20,
            create_ns: 30,
            setup_ns: 40,
            first_iteration_ns: 50,
            measure_ns: if is_ok { 700 } else { 0 },
        },
        warm_up: is_ok.then_some(WarmUpResult {
            iterations: 3,
            elapsed_ns: 60,
            steady: true,
        }),
        ..Repetition::new(index, position, outcome)
    }
}

/// Two cases of two repetitions, taken in turns; the last repetition of the second panicked.
fn in_turns() -> Run {
    let mut run = quick(0, &[("steady", 1000.0), ("sick", 1000.0)]);
    run.cases[0].repetitions = vec![repetition(0, 1, Outcome::Ok), repetition(1, 2, Outcome::Ok)];
    run.cases[1].repetitions = vec![repetition(0, 0, Outcome::Ok), repetition(1, 3, boom())];
    run.cases[1].outcome = boom();
    run.cases[1].measurements.clear();
    run
}

/// The spans that come when `made` is published.
fn spans(made: &Run) -> Vec<Span> {
    let sandbox = with(std::slice::from_ref(made));
    let receiver = Receiver::content();
    let output = run(
        &sandbox,
        &["publish", "otlp", "--endpoint", &receiver.address],
    );
    assert_eq!(output.code, Some(0), "{output:?}");
    let got = receiver
        .got()
        .into_iter()
        .filter(|got| got.path == "/v1/traces");
    let all = got.flat_map(|got| {
        ExportTraceServiceRequest::decode(got.body.as_slice())
            .unwrap()
            .resource_spans
    });
    all.flat_map(|one| one.scope_spans)
        .flat_map(|one| one.spans)
        .collect()
}

fn start(run: &Run) -> u64 {
    run.started
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_nanosecond() as u64
}

fn code(span: &Span) -> StatusCode {
    span.status
        .as_ref()
        .map_or(StatusCode::Unset, |status| status.code())
}

#[test]
fn a_run_has_a_trace_and_each_case_one_of_its_own() {
    let made = in_turns();
    let all = spans(&made);

    let mut traces: BTreeMap<Vec<u8>, Vec<&Span>> = BTreeMap::new();
    for span in &all {
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8));
        traces.entry(span.trace_id.clone()).or_default().push(span);
    }
    assert_eq!(traces.len(), 3);
    for spans in traces.values() {
        let roots: Vec<&&Span> = spans
            .iter()
            .filter(|span| span.parent_span_id.is_empty())
            .collect();
        assert_eq!(roots.len(), 1);
        for span in spans.iter().filter(|span| !span.parent_span_id.is_empty()) {
            let parent = spans
                .iter()
                .find(|other| other.span_id == span.parent_span_id)
                .unwrap();
            assert!(
                parent.start_time_unix_nano <= span.start_time_unix_nano,
                "{span:?}"
            );
            assert!(
                parent.end_time_unix_nano >= span.end_time_unix_nano,
                "{span:?}"
            );
        }
    }
    let root = &all[0];
    assert_eq!(root.name, "run quick");
    assert_eq!(root.start_time_unix_nano, start(&made));
    assert_eq!(
        root.end_time_unix_nano - root.start_time_unix_nano,
        60_000_000_000
    );
    let of_run = &traces[&root.trace_id];
    let names: Vec<&str> = of_run.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["run quick", "case p/steady", "case p/sick"]);
    // The case in the trace of the run leads to its own trace, and back.
    let case = of_run[1];
    let own = all
        .iter()
        .find(|span| span.span_id == case.links[0].span_id)
        .unwrap();
    assert_eq!(
        (own.name.as_str(), &own.trace_id),
        ("p/steady", &case.links[0].trace_id)
    );
    assert_eq!(
        (&own.links[0].span_id, &own.links[0].trace_id),
        (&case.span_id, &case.trace_id)
    );
    let mut ids: Vec<&[u8]> = all.iter().map(|span| span.span_id.as_slice()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn phases_last_as_long_as_they_did_one_after_another_in_the_order_of_the_run() {
    let made = in_turns();
    let all = spans(&made);

    let own = all.iter().find(|span| span.name == "p/steady").unwrap();
    let repetitions: Vec<&Span> = all
        .iter()
        .filter(|span| span.parent_span_id == own.span_id)
        .collect();
    assert_eq!(repetitions.len(), 2);
    // The first repetition of the other case came before: 910 ns of phases.
    assert_eq!(repetitions[0].start_time_unix_nano, start(&made) + 910);
    assert_eq!(own.start_time_unix_nano, start(&made) + 910);
    assert_eq!(own.end_time_unix_nano, start(&made) + 3 * 910);
    let phases: Vec<&Span> = all
        .iter()
        .filter(|span| span.parent_span_id == repetitions[0].span_id)
        .collect();
    let lengths: Vec<(&str, u64)> = phases
        .iter()
        .map(|span| {
            (
                span.name.as_str(),
                span.end_time_unix_nano - span.start_time_unix_nano,
            )
        })
        .collect();
    assert_eq!(
        lengths,
        [
            ("spawn", 10),
            ("load", 20),
            ("create", 30),
            ("setup", 40),
            ("first-iteration", 50),
            ("warm-up", 60),
            ("measure", 700),
        ]
    );
    assert!(
        phases
            .windows(2)
            .all(|two| two[0].end_time_unix_nano == two[1].start_time_unix_nano)
    );
    let about = attributes(&own.attributes);
    assert!(
        about["benchhost.start"].starts_with("reconstructed"),
        "{about:?}"
    );
    assert!(
        (about["time.seconds"].parse::<f64>().unwrap() - 1e-6).abs() < 1e-8,
        "{about:?}"
    );
}

#[test]
fn what_failed_is_an_error_in_the_phase_it_failed_in() {
    let all = spans(&in_turns());

    let bad: Vec<(&str, &str)> = all
        .iter()
        .filter(|span| code(span) == StatusCode::Error)
        .map(|span| {
            (
                span.name.as_str(),
                span.status.as_ref().unwrap().message.as_str(),
            )
        })
        .collect();
    let panic = "panic in measure: boom src/lib.rs:7";
    assert_eq!(
        bad,
        [
            ("run quick", "1 of 2 cases failed"),
            ("case p/sick", panic),
            ("p/sick", panic),
            ("repetition", panic),
            ("measure", panic),
        ]
    );
    let measure = all
        .iter()
        .find(|span| span.name == "measure" && code(span) == StatusCode::Error)
        .unwrap();
    let event = attributes(&measure.events[0].attributes);
    assert_eq!(
        (
            measure.events[0].name.as_str(),
            event["exception.type"].as_str()
        ),
        ("exception", "panic")
    );
    assert_eq!(
        measure.start_time_unix_nano, measure.end_time_unix_nano,
        "nobody knows how long it went on"
    );
}

#[test]
fn what_was_skipped_or_ended_early_is_said_and_is_no_success() {
    let mut made = in_turns();
    let reason = "no GPU here".to_owned();
    made.state = RunState::Interrupted;
    made.planned_cases = 9;
    made.cases[0].outcome = Outcome::Skipped { reason };
    made.cases[0].repetitions.clear();
    made.cases[1].repetitions[1].outcome = Outcome::Timeout {
        phase: Phase::Setup,
        limit_ns: 5000,
    };

    let all = spans(&made);

    let skipped = all.iter().find(|span| span.name == "p/steady").unwrap();
    assert_eq!(code(skipped), StatusCode::Unset);
    assert_eq!(
        attributes(&skipped.events[0].attributes)["reason"],
        "no GPU here"
    );
    let message = &all[0].status.as_ref().unwrap().message;
    assert!(message.contains("7 of 9 cases are missing"), "{message}");
    let late = all
        .iter()
        .find(|span| span.name == "setup" && code(span) == StatusCode::Error)
        .unwrap();
    assert_eq!(late.end_time_unix_nano - late.start_time_unix_nano, 5000);
}

#[test]
fn what_is_published_twice_is_the_same() {
    let made = in_turns();

    assert_eq!(spans(&made), spans(&made));
}
