//! What went wrong, for who asked: a status, a sentence, a way out.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{command::Failure, exit, store::StoreError};

/// Seconds after which one may ask again when there was no place.
const PAUSE_S: u32 = 2;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) error: String,
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            hint: None,
        }
    }

    /// What was asked for cannot be understood.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// There is no such thing.
    pub(super) fn missing(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// The list is another one than when its first page was read.
    pub(super) fn gone(error: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, error).hint("ask without `cursor` for the first page")
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (status, hint) = match &error {
            StoreError::NoRun { .. } => (
                StatusCode::NOT_FOUND,
                Some("/api/v1/runs lists the runs".to_owned()),
            ),
            StoreError::Ambiguous { .. } => (
                StatusCode::BAD_REQUEST,
                Some("/api/v1/runs lists the runs".to_owned()),
            ),
            StoreError::BadGlob { .. } => (StatusCode::BAD_REQUEST, error.hint()),
            _ => (StatusCode::SERVICE_UNAVAILABLE, error.hint()),
        };
        Self {
            status,
            error: error.to_string(),
            hint,
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        // The history cannot be read, or what the server was started with is wrong; nothing that who asks could mend.
        let status = if failure.code == exit::FAILED {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self {
            status,
            error: failure.message,
            hint: failure.hints.into_iter().next(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "hint": self.hint }));
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let pause = HeaderValue::from(PAUSE_S);
            response.headers_mut().insert(header::RETRY_AFTER, pause);
        }
        response
    }
}

/// Whether a person looks at it: a browser asks for HTML before anything else.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("text/html")
}
