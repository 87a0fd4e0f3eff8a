//! Runs, newest first; one of them; its cases in the order they were finished.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, http::Uri, response::Response};
use serde_json::{Value, json};

use super::{
    super::{Shared, answer::Problem, query::Parameters},
    Id, ROWS, moment, next,
};
use crate::store::{RunRow, Store};

const LIST: char = 'r';
const CASES: char = 'c';

/// Cases of a page when nothing is said, and at most; their samples may be large.
const CASE_ROWS: (usize, usize) = (50, 200);

/// `/api/v1/runs?limit=&cursor=`.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(&uri, &["cursor", "limit"])?;
    let limit = parameters.limit(ROWS.0, ROWS.1)?;
    let after = parameters
        .cursor(LIST)?
        .map(|[time, number]| (time, number));
    let look = move |store: &Store| {
        let page = store.runs_page(after, limit)?;
        let rows: Vec<Value> = page.rows.iter().map(about).collect();
        let next = next(LIST, page.next.map(|(time, number)| [time, number]));
        Ok(json!({ "runs": rows, "next": next }))
    };
    shared.library.json(look).await
}

/// `/api/v1/runs/{id}`: the run as in `run.json`, without its cases; `outcomes` counts these.
pub(in crate::serve) async fn one(
    State(shared): State<Arc<Shared>>,
    id: Id,
    uri: Uri,
) -> Result<Response, Problem> {
    Parameters::read(&uri, &[])?;
    let look = move |store: &Store| {
        let head = store.run_head(&id.0)?;
        let outcomes: BTreeMap<String, u64> = head.outcomes.into_iter().collect();
        Ok(json!({ "run": head.run, "outcomes": outcomes }))
    };
    shared.library.json(look).await
}

/// `/api/v1/runs/{id}/cases?samples=no|yes&limit=&cursor=`.
pub(in crate::serve) async fn cases(
    State(shared): State<Arc<Shared>>,
    id: Id,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(&uri, &["cursor", "limit", "samples"])?;
    let with_samples = parameters.word("samples", &["no", "yes"])? == "yes";
    let limit = parameters.limit(CASE_ROWS.0, CASE_ROWS.1)?;
    let cursor = parameters.cursor(CASES)?;
    let look = move |store: &Store| {
        let number = store.run_number(&id.0)?;
        let after = match cursor {
            Some([run, after]) if run == number => after,
            Some(_) => {
                return Err(Problem::gone(format!(
                    "{:?} is another run than when the first page was read",
                    id.0
                )));
            }
            None => 0,
        };
        let page = store.cases_page(number, after, limit, with_samples)?;
        let next = next(CASES, page.next.map(|key| [number, key]));
        Ok(json!({ "cases": page.rows, "next": next }))
    };
    shared.library.json(look).await
}

fn about(row: &RunRow) -> Value {
    json!({
        "id": row.id,
        "started": moment(row.started_ms),
        "finished": row.finished_ms.map(moment),
        "state": row.state,
        "suite": row.suite,
        "revision": row.revision,
        "branch": row.branch,
        "dirty": row.dirty,
        "machine": row.machine,
        "cases": row.cases,
        "failed": row.failed,
        "planned": row.planned,
    })
}
