//! `/metrics`: the last run as text for a scrape, in the form that is asked for.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse as _, Response},
};
use benchhost_report::openmetrics::{Form, render_as};

use super::{Shared, answer::Problem, query::Parameters};

/// The last run, its verdicts, and the alerts of all machines.
pub(super) async fn metrics(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    Parameters::read(&uri, &[])?;
    let report = shared.report("last").await?;
    let form = form(&headers);
    let text = shared.library.work(move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_s = now.map_or(f64::NAN, |since| since.as_secs_f64());
        Ok(render_as(&report, now_s, form))
    });
    let content_type = [
        (header::CONTENT_TYPE, form.content_type()),
        (header::VARY, "Accept"),
    ];
    Ok((content_type, text.await?).into_response())
}

/// OpenMetrics for those who name it.
fn form(headers: &HeaderMap) -> Form {
    let lines = headers.get_all(header::ACCEPT).iter();
    let names_it = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some("application/openmetrics-text")
                && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "version=0.0.1"))
        });
    if names_it {
        Form::OpenMetrics
    } else {
        Form::Prometheus
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn open_metrics_goes_to_those_who_name_it() {
        for (accept, expected) in [
            ("", Form::Prometheus),
            ("*/*", Form::Prometheus),
            ("text/plain;version=0.0.4", Form::Prometheus),
            (
                "application/openmetrics-text;q=0,text/plain",
                Form::Prometheus,
            ),
            (
                "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
                Form::OpenMetrics,
            ),
            (
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                Form::OpenMetrics,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(form(&headers), expected, "{accept}");
        }
    }
}
