//! Whether the server can do its work: the history is there and can be read.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Shared, answer::Problem, guard::may, query::Parameters};

/// `/health`: answered without a token, and then without a word about what the history holds.
pub(super) async fn health(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if let Err(problem) = Parameters::read(&uri, &[]) {
        return problem.into_response();
    }
    let found = shared.library.look(|store| {
        let runs = store.runs_page(None, 1)?;
        let age_ms = runs.rows.first().map(|run| {
            let last_ms = run.finished_ms.unwrap_or(run.started_ms);
            Timestamp::now().as_millisecond() - last_ms
        });
        Ok((store.format()?, age_ms))
    });
    match found.await {
        Ok((format, age_ms)) => Json(json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "format": format,
            "last_run_age_s": age_ms.map(|ms| ms as f64 / 1e3),
        }))
        .into_response(),
        Err(problem) => {
            let port = shared.service.address.port();
            let is_known = match &shared.access {
                Some(access) => may(access, &headers, port),
                None => true,
            };
            if is_known {
                return problem.into_response();
            }
            // Where the history lies is nobody's business.
            Problem::new(problem.status, "the history cannot be read").into_response()
        }
    }
}
