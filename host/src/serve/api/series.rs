//! Series in the order they came into the history, and their points.

use std::sync::Arc;

use axum::{extract::State, http::Uri, response::Response};
use serde_json::{Value, json};

use super::{
    super::{Shared, answer::Problem, query::Parameters},
    Id, ROWS, moment, next,
};
use crate::store::{Order, PointRow, SeriesRow, Store};

const LIST: char = 's';
const POINTS: char = 'p';

/// Points of a page when nothing is said, and at most.
const POINT_ROWS: (usize, usize) = (1000, 10_000);

/// `/api/v1/series?case=&metric=&machine=&limit=&cursor=`.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known = ["case", "cursor", "limit", "machine", "metric"];
    let parameters = Parameters::read(&uri, &known)?;
    let limit = parameters.limit(ROWS.0, ROWS.1)?;
    let [after] = parameters.cursor(LIST)?.unwrap_or([0]);
    let filter = parameters.filter()?;
    let look = move |store: &Store| {
        let page = store.series_page(&filter, after, limit)?;
        let rows: Vec<Value> = page.rows.iter().map(about).collect();
        Ok(json!({ "series": rows, "next": next(LIST, page.next.map(|key| [key])) }))
    };
    shared.library.json(look).await
}

/// `/api/v1/series/{id}`.
pub(in crate::serve) async fn one(
    State(shared): State<Arc<Shared>>,
    id: Id,
    uri: Uri,
) -> Result<Response, Problem> {
    Parameters::read(&uri, &[])?;
    let look = move |store: &Store| Ok(about(&numbered(store, &id.0)?));
    shared.library.json(look).await
}

/// `/api/v1/series/{id}/points?order=oldest|newest&limit=&cursor=`.
pub(in crate::serve) async fn points(
    State(shared): State<Arc<Shared>>,
    id: Id,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(&uri, &["cursor", "limit", "order"])?;
    let order = match parameters.word("order", &["oldest", "newest"])? {
        "newest" => Order::NewestFirst,
        _ => Order::OldestFirst,
    };
    let limit = parameters.limit(POINT_ROWS.0, POINT_ROWS.1)?;
    let after = parameters.cursor(POINTS)?.map(|[time, seq]| (time, seq));
    let look = move |store: &Store| {
        let series = numbered(store, &id.0)?;
        let page = store.points_page(series.id, after, order, limit)?;
        let rows: Vec<Value> = page.rows.iter().map(point).collect();
        let next = next(POINTS, page.next.map(|(time, seq)| [time, seq]));
        Ok(json!({ "series": about(&series), "points": rows, "next": next }))
    };
    shared.library.json(look).await
}

fn numbered(store: &Store, id: &str) -> Result<SeriesRow, Problem> {
    let found = match id.parse() {
        Ok(number) => store.series_numbered(number)?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        Problem::missing(format!("the history has no series {id:?}"))
            .hint("/api/v1/series lists them with their `id`")
    })
}

/// A series without its points.
pub(super) fn about(row: &SeriesRow) -> Value {
    let has_points = row.points > 0;
    json!({
        "id": row.id,
        "case": row.case,
        "metric": row.metric,
        "machine": row.machine,
        "points": row.points,
        "first": has_points.then(|| moment(row.first_ms)),
        "last": has_points.then(|| moment(row.last_ms)),
    })
}

/// A point; one of a case that failed has no value.
fn point(row: &PointRow) -> Value {
    json!({
        "time": moment(row.time_ms),
        "value": row.value.is_finite().then_some(row.value),
        "low": row.low,
        "high": row.high,
        "n": row.n,
        "run": row.run.as_deref(),
        "revision": row.revision.as_deref(),
    })
}
