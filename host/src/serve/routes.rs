//! Which address is answered by whom.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode, Uri},
    middleware,
    routing::get,
};
use benchhost_report::Report;

use super::{
    Gather, Past, Service, Shared, Wanted, answer::Problem, api, guard, health, kept::Kept,
    library::Library, login, metrics, page, stamp::Stamp, token::Access,
};
use crate::store::Store;

/// Pages that are kept: some MB each.
const PAGES: usize = 6;

/// Reports without their past that are kept.
const REPORTS: usize = 8;

/// The only body that is read holds a token, bytes.
const LARGEST_BODY: usize = 4096;

/// Everything that is answered.
pub(super) fn routes(service: Service, access: Option<Access>) -> Router {
    let shared = Arc::new(Shared {
        access,
        library: Library::new(service.store.clone()),
        pages: Kept::new(PAGES),
        reports: Kept::new(REPORTS),
        service,
    });
    Router::new()
        .route("/", get(page::page))
        .route("/report.md", get(page::page))
        .route("/report.csv", get(page::page))
        .route("/report.json", get(page::page))
        .route("/junit.xml", get(page::page))
        .route(page::LIBRARY, get(page::library))
        .route("/login", get(login::form).post(login::show))
        .route("/health", get(health::health))
        .route("/metrics", get(metrics::metrics))
        .route("/api/v1/runs", get(api::runs::list))
        .route("/api/v1/runs/{id}", get(api::runs::one))
        .route("/api/v1/runs/{id}/cases", get(api::runs::cases))
        .route("/api/v1/series", get(api::series::list))
        .route("/api/v1/series/{id}", get(api::series::one))
        .route("/api/v1/series/{id}/points", get(api::series::points))
        .route("/api/v1/changes", get(api::changes::list))
        .route("/api/v1/alerts", get(api::alerts::list))
        .route("/api/v1/verdicts", get(api::verdicts::list))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            guard::guard,
        ))
        .with_state(shared)
}

async fn nowhere(uri: Uri) -> Problem {
    Problem::missing(format!("there is nothing at {:?}", uri.path())).hint(
        "/, /report.md, /report.csv, /report.json, /junit.xml, /metrics, /health, and below /api/v1: runs, series, changes, \
         alerts, verdicts",
    )
}

async fn not_so(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not answered here, expected GET"),
    )
    .hint("the server only reads: `benchhost history` changes the history")
}

impl Shared {
    /// Looks at the files that a report is made from.
    pub(super) fn stamp(self: &Arc<Self>) -> impl Fn() -> Stamp + Send + use<> {
        let shared = Arc::clone(self);
        move || Stamp::of(&shared.service.store, &shared.service.files)
    }

    /// The report of a run without its past, with the living alerts of all machines; kept.
    pub(super) async fn report(self: &Arc<Self>, run: &str) -> Result<Arc<Report>, Problem> {
        let wanted = Wanted {
            run: run.to_owned(),
            cases: Vec::new(),
            metrics: Vec::new(),
            past: Past::None,
        };
        let shared = Arc::clone(self);
        let make = || async move { shared.gathered(wanted).await.map(Arc::new) };
        self.reports.get(run.to_owned(), self.stamp(), make).await
    }

    /// The report that is wanted, made now.
    pub(super) async fn gathered(self: &Arc<Self>, wanted: Wanted) -> Result<Report, Problem> {
        let shared = Arc::clone(self);
        let work = move || {
            let store = Store::open_existing(&shared.service.store)?;
            gathered(&store, wanted, &*shared.service.gather)
        };
        self.library.work(work).await
    }
}

/// The run is looked for here, among those of the history only: a name from outside must never become that of a file.
fn gathered(store: &Store, mut wanted: Wanted, gather: &Gather) -> Result<Report, Problem> {
    let has_runs = !store.runs_page(None, 1)?.rows.is_empty();
    let mut report = if has_runs || wanted.run != "last" {
        wanted.run = store.run_id(&wanted.run)?;
        found(gather, &wanted)?
    } else if store
        .series_page(&Default::default(), 0, 1)?
        .rows
        .is_empty()
    {
        // Nothing yet; who scrapes must not take that for a failure.
        Report {
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        }
    } else {
        found(gather, &wanted)?
    };
    if wanted.past == Past::None {
        report.alerts = store.alerts(true)?;
    }
    Ok(report)
}

fn found(gather: &Gather, wanted: &Wanted) -> Result<Report, Problem> {
    gather(wanted)?.ok_or_else(|| {
        let globs = wanted.cases.iter().map(|glob| format!("case={glob}"));
        let metrics = wanted.metrics.iter().map(|glob| format!("metric={glob}"));
        let globs: Vec<String> = globs.chain(metrics).collect();
        Problem::missing(format!("nothing of the run matches {}", globs.join("&")))
            .hint("/api/v1/series lists what is known; a glob matches a whole case id, `plugin/workload` or metric name")
    })
}
