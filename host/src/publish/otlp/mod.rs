//! Metrics and traces for a collector of OpenTelemetry: OTLP over HTTP, protobuf.
//!
//! The data model is described in docs/publish.md. Everything is derived from the run alone, time stamps and ids too: what is
//! published twice is the same points and the same spans.

mod endpoint;
mod metrics;
mod resource;
mod send;
mod timeline;
mod trace;
mod unit;
mod value;

use std::time::Instant;

use benchhost_record::Run;
use benchhost_report::Report;
use jiff::Timestamp;

use self::{
    endpoint::{Endpoint, Signal},
    send::Sender,
};
use super::{
    PublishError, Published,
    http::{Address, Client, Header},
    settings::{OtlpSettings, is_secret_name},
};

/// What was typed; absent is what the settings say, then the environment.
#[derive(Debug, Clone, Default)]
pub struct OtlpAsked {
    /// Address of the collector; `/v1/metrics` and `/v1/traces` are below it.
    pub endpoint: Option<String>,
    /// Whether bodies are compressed.
    pub gzip: bool,
}

/// Points of one request: collectors take 20 MiB, these have 2 or 3.
const POINTS: usize = 5000;

/// Spans of one request.
const SPANS: usize = 5000;

/// Sends metrics, then traces.
///
/// # Errors
/// [`PublishError`] when there is no run, or it is not known where to.
pub(super) fn publish(
    report: &Report,
    asked: &OtlpAsked,
    settings: Option<&OtlpSettings>,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let usual = OtlpSettings::default();
    let settings = settings.unwrap_or(&usual);
    let Some(run) = &report.run else {
        return Err(PublishError::undelivered(
            "the history holds imported values only: there is no run to make metrics and traces of",
        ));
    };
    let to_metrics = Endpoint::of(Signal::Metrics, asked, settings)?;
    let to_traces = Endpoint::of(Signal::Traces, asked, settings)?;
    let points = metrics::metrics(report, run);
    let spans = trace::spans(run);
    if dry_run {
        return Ok(Published::shown(format!(
            "{} points of {} metrics to {}\n{} spans of {} traces to {}\n",
            points
                .iter()
                .map(|metric| metric.points.len())
                .sum::<usize>(),
            points.len(),
            to_metrics.address,
            spans.len(),
            trace::traces(&spans),
            to_traces.address
        )));
    }
    let resource = resource::resource(run);
    let patience = (settings.retry.unwrap_or_default(), &settings.trust);
    let mut published = Published::default();
    let began = Instant::now();
    let sender = Sender::new(patience, began, &to_metrics, &resource);
    let sent = sender.metrics(metrics::batches(points, POINTS));
    let is_silent = sent.as_ref().is_err_and(PublishError::is_silence);
    published.and(sent);
    if is_silent && to_traces.address.is_beside(&to_metrics.address) {
        published.failed.push(PublishError::undelivered(format!(
            "{} spans were not sent to {}: that server did not take the points either",
            spans.len(),
            to_traces.address
        )));
        return Ok(published);
    }
    let sender = Sender::new(patience, began, &to_traces, &resource);
    published.and(sender.traces(spans.chunks(SPANS)));
    Ok(published)
}

/// Nanoseconds since 1970 of a moment in RFC 3339; `None` for what is none, or lies before.
fn nanos(moment: &str) -> Option<u64> {
    let time: Timestamp = moment.parse().ok()?;
    u64::try_from(time.as_nanosecond()).ok()
}

/// When a run began and when it ended, as far as that is known.
fn bounds(run: &Run) -> (u64, Option<u64>) {
    let start = nanos(&run.started).unwrap_or(0);
    let end = run.finished.as_deref().and_then(nanos);
    (start, end.filter(|end| *end >= start))
}
