//! Alerts, newest first.

use std::sync::Arc;

use axum::{extract::State, http::Uri, response::Response};
use serde_json::json;

use super::{
    super::{Shared, answer::Problem, query::Parameters},
    ROWS, next,
};

const LIST: char = 'a';

/// `/api/v1/alerts?state=alive|all&case=&metric=&machine=&limit=&cursor=`.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known = ["case", "cursor", "limit", "machine", "metric", "state"];
    let parameters = Parameters::read(&uri, &known)?;
    let alive_only = parameters.word("state", &["alive", "all"])? == "alive";
    let limit = parameters.limit(ROWS.0, ROWS.1)?;
    let [before] = parameters.cursor(LIST)?.unwrap_or([i64::MAX]);
    let filter = parameters.filter()?;
    let look = move |store: &crate::store::Store| {
        let mut page = store.alerts_page(before, alive_only, limit)?;
        let is_meant = |alert: &benchhost_record::Alert| {
            filter.matches(&alert.case, &alert.metric, &alert.machine)
        };
        page.rows.retain(is_meant);
        Ok(json!({ "alerts": page.rows, "next": next(LIST, page.next.map(|key| [key])) }))
    };
    shared.library.json(look).await
}
