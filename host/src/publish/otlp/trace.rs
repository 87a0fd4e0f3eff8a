//! Traces: one of the run with a span for each case, and one of each case with its repetitions and their phases.
//!
//! The two are linked both ways. Ids come from the id of the run and the case.

use std::collections::HashSet;

use benchhost_record::{CaseResult, Outcome, Run, RunState, names};
use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    trace::v1::{
        Span, Status,
        span::{Event, Link, SpanKind},
        status::StatusCode,
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    bounds,
    timeline::{HOW, Laid, LaidPhase, laid},
    value::{number, of_case, text, texts, whole},
};

/// All spans of a run; those of one trace stand together, parents before children.
pub(super) fn spans(run: &Run) -> Vec<Span> {
    let (start, end) = bounds(run);
    let laid = laid(run, start);
    let last = laid.last().map_or(start, |one| one.end);
    let traces = Traces { run };
    let mut spans = vec![traces.of_run(start, end.unwrap_or(last).max(last))];
    let mut details = Vec::new();
    for (index, result) in run.cases.iter().enumerate() {
        let own: Vec<&Laid<'_>> = laid.iter().filter(|one| one.case == index).collect();
        let from = own.first().map_or(start, |one| one.start);
        let to = own.last().map_or(start, |one| one.end);
        spans.push(traces.case_of_run(result, from, to));
        details.push(traces.case(result, from, to));
        for one in own {
            details.push(traces.repetition(result, one));
            let phases = one
                .phases
                .iter()
                .map(|phase| traces.phase(result, one, phase));
            details.extend(phases);
        }
    }
    spans.extend(details);
    spans
}

/// How many traces the spans are of.
pub(super) fn traces(spans: &[Span]) -> usize {
    let ids: HashSet<&[u8]> = spans.iter().map(|span| span.trace_id.as_slice()).collect();
    ids.len()
}

struct Traces<'a> {
    run: &'a Run,
}

impl Traces<'_> {
    fn of_run(&self, start: u64, end: u64) -> Span {
        let run = self.run;
        let suite = run.suite.as_ref().map_or("", |suite| suite.name.as_str());
        let failed = run
            .cases
            .iter()
            .filter(|case| case.outcome.is_failure())
            .count();
        let mut troubles = Vec::new();
        if failed > 0 {
            troubles.push(format!("{failed} of {} cases failed", run.cases.len()));
        }
        if run.state != RunState::Finished {
            let missing = run.planned_cases.saturating_sub(run.cases.len() as u64);
            troubles.push(match missing {
                0 => "it did not come to its end, although no case is missing".to_owned(),
                _ => format!(
                    "it did not come to its end: {missing} of {} cases are missing",
                    run.planned_cases
                ),
            });
        }
        Span {
            name: format!("run {suite}").trim_end().to_owned(),
            attributes: vec![
                text("benchhost.run.id", &run.id),
                text("suite", suite),
                whole("cases", run.cases.len() as u64),
                whole("cases.planned", run.planned_cases),
                whole("cases.failed", failed as u64),
            ],
            status: Some(status(
                &troubles.join("; "),
                failed == 0 && run.state == RunState::Finished,
            )),
            ..self.span("run", "", "", start, end)
        }
    }

    /// A case as one of the run.
    fn case_of_run(&self, result: &CaseResult, start: u64, end: u64) -> Span {
        let id = result.case.id.as_str();
        Span {
            name: format!("case {}/{}", result.case.plugin, result.case.workload),
            parent_span_id: self.id("run", "", ""),
            attributes: vec![
                text("case", id),
                text("outcome", result.outcome.word()),
                text("benchhost.start", HOW),
            ],
            status: Some(of_outcome(&result.outcome)),
            links: vec![self.link(id, "case", id)],
            ..self.span("case of run", id, "", start, end)
        }
    }

    /// A case with all that is known of it.
    fn case(&self, result: &CaseResult, start: u64, end: u64) -> Span {
        let id = result.case.id.as_str();
        let mut attributes = of_case(&result.case);
        attributes.push(text("outcome", result.outcome.word()));
        attributes.push(text("benchmark", &result.case.benchmark));
        attributes.push(text("benchhost.start", HOW));
        if !result.flags.is_empty() {
            let words: Vec<&str> = result.flags.iter().map(|flag| flag.kind.word()).collect();
            attributes.push(texts("flags", &words));
        }
        attributes.extend(medians(result));
        Span {
            name: format!("{}/{}", result.case.plugin, result.case.workload),
            trace_id: self.trace(id),
            attributes,
            status: Some(of_outcome(&result.outcome)),
            events: event(&result.outcome, end).into_iter().collect(),
            links: vec![self.link("", "case of run", id)],
            ..self.span("case", id, "", start, end)
        }
    }

    fn repetition(&self, result: &CaseResult, laid: &Laid<'_>) -> Span {
        let id = result.case.id.as_str();
        let repetition = laid.repetition;
        let index = repetition.index.to_string();
        let mut attributes = vec![
            whole("repetition", repetition.index.into()),
            whole("position", repetition.position),
            text("outcome", repetition.outcome.word()),
            whole("samples", repetition.samples),
            whole("iterations-per-sample", repetition.iterations_per_sample),
            text("benchhost.start", HOW),
        ];
        attributes.extend(
            repetition
                .usage
                .map(|usage| whole("peak-memory.bytes", usage.peak_bytes)),
        );
        Span {
            name: "repetition".to_owned(),
            trace_id: self.trace(id),
            parent_span_id: self.id("case", id, ""),
            attributes,
            status: Some(of_outcome(&repetition.outcome)),
            events: event(&repetition.outcome, laid.end).into_iter().collect(),
            ..self.span("repetition", id, &index, laid.start, laid.end)
        }
    }

    fn phase(&self, result: &CaseResult, laid: &Laid<'_>, phase: &LaidPhase) -> Span {
        let id = result.case.id.as_str();
        let index = laid.repetition.index.to_string();
        let name = phase.phase.name();
        let outcome = if phase.is_last {
            &laid.repetition.outcome
        } else {
            &Outcome::Ok
        };
        Span {
            name: name.to_owned(),
            trace_id: self.trace(id),
            parent_span_id: self.id("repetition", id, &index),
            attributes: vec![text("benchhost.start", HOW)],
            status: Some(of_outcome(outcome)),
            events: event(outcome, phase.end).into_iter().collect(),
            ..self.span(name, id, &index, phase.start, phase.end)
        }
    }

    fn span(&self, what: &str, case: &str, index: &str, start: u64, end: u64) -> Span {
        Span {
            trace_id: self.trace(""),
            span_id: self.id(what, case, index),
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            ..Span::default()
        }
    }

    fn link(&self, trace: &str, what: &str, case: &str) -> Link {
        Link {
            trace_id: self.trace(trace),
            span_id: self.id(what, case, ""),
            ..Link::default()
        }
    }

    /// The trace of a case, or of the run when there is none.
    fn trace(&self, case: &str) -> Vec<u8> {
        hash(&["trace", &self.run.id, case], 16)
    }

    fn id(&self, what: &str, case: &str, index: &str) -> Vec<u8> {
        hash(&["span", &self.run.id, what, case, index], 8)
    }
}

/// Some bytes of the hash of `parts`.
fn hash(parts: &[&str], bytes: usize) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that two lists of parts are never one text.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(bytes).copied().collect()
}

/// Medians of the time of an iteration and of the phases inside it, in seconds.
fn medians(result: &CaseResult) -> Vec<KeyValue> {
    let of_time = result.measurements.iter().filter(|measurement| {
        let name = &measurement.metric.name;
        measurement.metric.unit == "ns"
            && (name == names::TIME || name.starts_with(names::PHASE_PREFIX))
    });
    let medians = of_time.filter_map(|measurement| {
        let median = measurement.summary.as_ref()?.median / 1e9;
        median
            .is_finite()
            .then(|| number(&format!("{}.seconds", measurement.metric.name), median))
    });
    medians.collect()
}

fn of_outcome(outcome: &Outcome) -> Status {
    // What was skipped is neither well nor badly done.
    if matches!(outcome, Outcome::Skipped { .. }) {
        return Status::default();
    }
    status(&outcome.sentence(), !outcome.is_failure())
}

fn status(message: &str, is_ok: bool) -> Status {
    Status {
        message: message.to_owned(),
        code: if is_ok {
            StatusCode::Ok
        } else {
            StatusCode::Error
        }
        .into(),
    }
}

/// What happened, when it was not what should.
fn event(outcome: &Outcome, time_unix_nano: u64) -> Option<Event> {
    let (name, attributes) = match outcome {
        Outcome::Ok => return None,
        Outcome::Skipped { reason } => ("skipped", vec![text("reason", reason)]),
        Outcome::PluginError { detail, .. } | Outcome::Panic { detail, .. } => (
            "exception",
            vec![
                exception(outcome),
                message(outcome),
                text("exception.stacktrace", detail),
            ],
        ),
        _ => ("exception", vec![exception(outcome), message(outcome)]),
    };
    Some(Event {
        time_unix_nano,
        name: name.to_owned(),
        attributes,
        ..Event::default()
    })
}

fn exception(outcome: &Outcome) -> KeyValue {
    text("exception.type", outcome.word())
}

fn message(outcome: &Outcome) -> KeyValue {
    text("exception.message", &outcome.sentence())
}
