//! Verdicts on a run, the worst first, as `check --format json` has them.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use axum::{extract::State, http::Uri, response::Response};
use benchhost_report::{Report, json as forms};
use serde_json::{Map, Value, json};

use super::{
    super::{Shared, answer::Problem, library, query::Parameters},
    ROWS, next,
};

const LIST: char = 'v';

/// `/api/v1/verdicts?run=last&limit=&cursor=`.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(&uri, &["cursor", "limit", "run"])?;
    let limit = parameters.limit(ROWS.0, ROWS.1)?;
    let cursor = parameters.cursor(LIST)?;
    let report = shared.report(parameters.one("run").unwrap_or("last"));
    let report = report.await?;
    let page = shared
        .library
        .work(move || Ok(page(&report, cursor, limit)?.to_string()));
    page.await.map(library::written)
}

fn page(report: &Report, cursor: Option<[i64; 2]>, limit: usize) -> Result<Value, Problem> {
    let mark = mark(report);
    let from = match cursor {
        Some([known, from]) if known == mark => usize::try_from(from).unwrap_or(0),
        Some(_) => {
            return Err(Problem::gone(
                "the verdicts changed since the first page was read",
            ));
        }
        None => 0,
    };
    let all = &report.judged.judged;
    let rows = all.iter().skip(from).take(limit);
    let rows: Vec<Value> = rows.map(forms::verdict).collect();
    let end = from + rows.len();
    let key = (end < all.len()).then(|| [mark, i64::try_from(end).unwrap_or(i64::MAX)]);
    let run = report.run.as_ref();
    let counts = report.judged.counts().into_iter();
    let counts: Map<String, Value> = counts
        .map(|(word, count)| (word.to_owned(), count.into()))
        .collect();
    Ok(json!({
        "run": run.map(|run| &run.id),
        "machine": run.map(|run| &run.environment.fingerprint),
        "exit_code": report.exit_code,
        "counts": counts,
        "not_judged": report.judged.not_judged,
        "verdicts": rows,
        "next": next(LIST, key),
    }))
}

/// Tells one list of verdicts from another: they are in the order of what they say, and have no key of their own.
fn mark(report: &Report) -> i64 {
    let mut hasher = DefaultHasher::new();
    report.run.as_ref().map(|run| &run.id).hash(&mut hasher);
    for one in &report.judged.judged {
        (&one.case, &one.metric.name, one.verdict.word()).hash(&mut hasher);
    }
    hasher.finish().cast_signed()
}
