//! Sends messages to a collector and reads its answers; what it takes only in part is told.

use std::{io::Write as _, time::Instant};

use flate2::{Compression, write::GzEncoder};
use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse},
        trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    },
    metrics::v1::{Metric, ResourceMetrics, ScopeMetrics, metric::Data},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;
use ureq::http::Method;

use super::{
    super::{
        http::{Answer, Repeat, Request, Retry},
        trust::Trust,
    },
    Client, Endpoint, Header, PublishError, Published,
    resource::scope,
};

/// What a collector says in the body of a refusal: `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct Refusal {
    #[prost(string, tag = "2")]
    message: String,
}

/// What was not taken of a request that was: how many, and why.
type Rejected = Option<(i64, String)>;

/// Sends one signal.
pub(super) struct Sender<'a> {
    retry: Retry,
    trust: &'a Trust,
    /// Since when patience counts: it is one for everything that is sent.
    began: Instant,
    endpoint: &'a Endpoint,
    resource: &'a Resource,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        (retry, trust): (Retry, &'a Trust),
        began: Instant,
        endpoint: &'a Endpoint,
        resource: &'a Resource,
    ) -> Self {
        Self {
            retry,
            trust,
            began,
            endpoint,
            resource,
        }
    }

    pub(super) fn metrics(&self, batches: Vec<Vec<Metric>>) -> Result<Published, PublishError> {
        let points = |metric: &Metric| match &metric.data {
            Some(Data::Gauge(gauge)) => gauge.data_points.len(),
            _ => 0,
        };
        let count = batches.iter().flatten().map(points).sum();
        let requests = batches.into_iter().map(|metrics| {
            let request = ExportMetricsServiceRequest {
                resource_metrics: vec![ResourceMetrics {
                    resource: Some(self.resource.clone()),
                    scope_metrics: vec![ScopeMetrics {
                        scope: Some(scope()),
                        metrics,
                        ..ScopeMetrics::default()
                    }],
                    ..ResourceMetrics::default()
                }],
            };
            request.encode_to_vec()
        });
        let rejected = |body: &[u8]| -> Rejected {
            let partial = ExportMetricsServiceResponse::decode(body)
                .ok()?
                .partial_success?;
            Some((partial.rejected_data_points, partial.error_message))
        };
        self.all("points", count, requests, rejected)
    }

    pub(super) fn traces<'s>(
        &self,
        batches: impl Iterator<Item = &'s [Span]>,
    ) -> Result<Published, PublishError> {
        let batches: Vec<&[Span]> = batches.collect();
        let count = batches.iter().map(|batch| batch.len()).sum();
        let requests = batches.into_iter().map(|spans| {
            let request = ExportTraceServiceRequest {
                resource_spans: vec![ResourceSpans {
                    resource: Some(self.resource.clone()),
                    scope_spans: vec![ScopeSpans {
                        scope: Some(scope()),
                        spans: spans.to_vec(),
                        ..ScopeSpans::default()
                    }],
                    ..ResourceSpans::default()
                }],
            };
            request.encode_to_vec()
        });
        let rejected = |body: &[u8]| -> Rejected {
            let partial = ExportTraceServiceResponse::decode(body)
                .ok()?
                .partial_success?;
            Some((partial.rejected_spans, partial.error_message))
        };
        self.all("spans", count, requests, rejected)
    }

    /// Sends the requests with `count` things called `what` altogether.
    fn all(
        &self,
        what: &str,
        count: usize,
        requests: impl Iterator<Item = Vec<u8>>,
        rejected: impl Fn(&[u8]) -> Rejected,
    ) -> Result<Published, PublishError> {
        let address = &self.endpoint.address;
        let mut published = Published::default();
        let mut refused = 0;
        for request in requests {
            let answer = self.post(what, request)?;
            let Some((n, why)) = rejected(&answer.body) else {
                continue;
            };
            let why = answer.told(&why);
            if n > 0 {
                refused += n;
                published.failed.push(PublishError::undelivered(format!(
                    "{address} took only part: it rejected {n} {what}{}{why}",
                    if why.is_empty() { "" } else { ": " }
                )));
            } else if !why.is_empty() {
                // Everything was taken, and something is to be said about it.
                published.done.push(format!("note: {address} says: {why}"));
            }
        }
        let taken = count.saturating_sub(usize::try_from(refused).unwrap_or(0));
        published
            .done
            .push(format!("{taken} {what} sent to {address}"));
        Ok(published)
    }

    fn post(&self, what: &str, request: Vec<u8>) -> Result<Answer, PublishError> {
        let address = &self.endpoint.address;
        let task = format!("send {what}");
        let mut headers = vec![plain("content-type", "application/x-protobuf")];
        let body = if self.endpoint.is_gzip {
            headers.push(plain("content-encoding", "gzip"));
            gzipped(&request)
        } else {
            request
        };
        headers.extend(self.endpoint.headers.iter().cloned());
        let request = Request {
            method: Method::POST,
            address,
            headers,
            body: Some(body),
            repeat: Repeat::Always,
        };
        let left = self.retry.whole.saturating_sub(self.began.elapsed());
        let retry = Retry {
            whole: left,
            ..self.retry
        };
        let client = Client::new(retry, self.trust.clone());
        let answer = client
            .send(&request)
            .map_err(|broken| broken.told(&task, address))?;
        if answer.is_ok() {
            return Ok(answer);
        }
        let error = match Refusal::decode(answer.body.as_slice()) {
            Ok(refusal) if !refusal.message.is_empty() => {
                let said = answer.told(&refusal.message);
                answer.refused_saying(&task, address, &said)
            }
            _ => answer.refused(&task, address),
        };
        Err(match answer.status {
            404 => error.with_hint(
                "the address is that of the collector; /v1/metrics and /v1/traces are added to it",
            ),
            401 | 403 => {
                error.with_hint("OTEL_EXPORTER_OTLP_HEADERS, or `headers` of [otlp], say who sends")
            }
            _ => error,
        })
    }
}

fn plain(name: &str, value: &str) -> (String, Header) {
    (name.to_owned(), Header::Plain(value.to_owned()))
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing into memory does not fail")
}
