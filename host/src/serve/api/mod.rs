//! `/api/v1`: the history as JSON, in pages. Keys are only ever added; what is no number is `null`.
//!
//! A list is `{"…":[…],"next":"…"}`; `next` is the `cursor` of the page after it, and `null` on the last.

pub(super) mod alerts;
pub(super) mod changes;
pub(super) mod runs;
pub(super) mod series;
pub(super) mod verdicts;

use jiff::Timestamp;

use super::cursor;

/// Rows of a page when nothing is said, and at most.
const ROWS: (usize, usize) = (100, 1000);

/// A moment as RFC 3339 in UTC, with its milliseconds when it has some.
fn moment(ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(ms).ok()?;
    Some(time.to_string())
}

/// The cursor of the next page.
fn next<const N: usize>(list: char, key: Option<[i64; N]>) -> Option<String> {
    key.map(|numbers| cursor::write(list, &numbers))
}
