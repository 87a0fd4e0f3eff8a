//! `/api/v1`: the history as JSON, in pages. Keys are only ever added; what is no number is `null`.
//!
//! A list is `{"…":[…],"next":"…"}`; `next` is the `cursor` of the page after it, and `null` on the last.

pub(super) mod alerts;
pub(super) mod changes;
pub(super) mod runs;
pub(super) mod series;
pub(super) mod verdicts;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use jiff::Timestamp;

use super::{answer::Problem, cursor};

/// Rows of a page when nothing is said, and at most.
const ROWS: (usize, usize) = (100, 1000);

/// The part of an address that names something.
pub(super) struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::bad(format!(
                "the name in {:?} is no text",
                parts.uri.path()
            ))),
        }
    }
}

/// A moment as RFC 3339 in UTC, with its milliseconds when it has some.
fn moment(ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(ms).ok()?;
    Some(time.to_string())
}

/// The cursor of the next page.
fn next<const N: usize>(list: char, key: Option<[i64; N]>) -> Option<String> {
    key.map(|numbers| cursor::write(list, &numbers))
}
