//! Steps and drifts of series, found anew for each page.

use std::sync::Arc;

use axum::{extract::State, http::Uri, response::Response};
use benchhost_stats::{ChangeKind, ChangePoint, changes};
use serde_json::{Value, json};

use super::{
    super::{Shared, answer::Problem, query::Parameters},
    moment, next, series,
};
use crate::store::{PointRow, SeriesFilter, Store};

const LIST: char = 'd';

/// Series that are looked at for a page when nothing is said, and at most.
const ROWS: (usize, usize) = (200, 1000);

/// Points after which a page ends, whatever its limit.
const POINTS: u64 = 200_000;

/// `/api/v1/changes?case=&metric=&machine=&limit=&cursor=`: of the `looked_at` series of a page, those that changed.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known = ["case", "cursor", "limit", "machine", "metric"];
    let parameters = Parameters::read(&uri, &known)?;
    let limit = parameters.limit(ROWS.0, ROWS.1)?;
    let [after] = parameters.cursor(LIST)?.unwrap_or([0]);
    let filter = parameters.filter()?;
    let look = move |store: &Store| page(store, &filter, after, limit);
    shared.library.json(look).await
}

fn page(store: &Store, filter: &SeriesFilter, after: i64, limit: usize) -> Result<Value, Problem> {
    let rows = store.series_page(filter, after, limit)?;
    let (mut found, mut points_read) = (Vec::new(), 0);
    let mut looked_at = 0;
    let mut stopped_at = None;
    for row in &rows.rows {
        if points_read >= POINTS {
            break;
        }
        let points = store.points(row.id, None)?;
        points_read += points.len() as u64;
        looked_at += 1;
        stopped_at = Some(row.id);
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let changes = changes(&values);
        if !changes.is_empty() {
            let changes: Vec<Value> = changes.iter().map(|one| change(one, &points)).collect();
            found.push(json!({ "series": series::about(row), "changes": changes }));
        }
    }
    let is_whole = looked_at == rows.rows.len();
    let key = if is_whole { rows.next } else { stopped_at };
    Ok(json!({
        "changes": found,
        "looked_at": looked_at,
        "next": next(LIST, key.map(|key| [key])),
    }))
}

fn change(one: &ChangePoint, points: &[PointRow]) -> Value {
    let known = |value: f64| value.is_finite().then_some(value);
    let at = points.get(one.index);
    json!({
        "index": one.index,
        "time": at.map(|point| moment(point.time_ms)),
        "run": at.and_then(|point| point.run.as_deref()),
        "revision": at.and_then(|point| point.revision.as_deref()),
        "kind": match one.kind {
            ChangeKind::Step => "step",
            ChangeKind::Drift => "drift",
        },
        "before": known(one.before),
        "after": known(one.after),
        "interval": [one.interval.0, one.interval.1],
        "confidence": known(one.confidence),
    })
}
