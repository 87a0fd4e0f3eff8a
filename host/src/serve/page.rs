//! The dashboard and the other forms of a report, made when something changed and kept until it changes again.

use std::sync::{Arc, LazyLock};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use benchhost_report::{
    Report, csv,
    html::{self, Script},
    json, junit, markdown,
};
use sha2::{Digest as _, Sha256};

use super::{
    Past, Shared, Wanted,
    answer::{Problem, wants_html},
    query::Parameters,
    sheet,
};

/// Where the dashboard finds its plotting library.
pub(super) const LIBRARY: &str = "/assets/plotly.js";

/// What the dashboard may do. It names the hashes of its own scripts itself, and a browser heeds both.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Markdown,
    Csv,
    Json,
    Junit,
}

impl Form {
    fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Junit => "application/xml",
        }
    }
}

/// What a page is kept by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    form: Form,
    wanted: Wanted,
}

/// A page, written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    content: Bytes,
    tag: HeaderValue,
}

/// The form that a path asks for.
fn form(path: &str) -> Option<Form> {
    Some(match path {
        "/" => Form::Html,
        "/report.md" => Form::Markdown,
        "/report.csv" => Form::Csv,
        "/report.json" => Form::Json,
        "/junit.xml" => Form::Junit,
        _ => return None,
    })
}

/// `/`, `/report.md`, …: `?run=ID&case=GLOB&metric=GLOB`.
pub(super) async fn page(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    match written(&shared, &uri).await {
        Ok((form, written)) => {
            let mut response = answer(form.content_type(), written, &headers);
            if form == Form::Html {
                let policy = HeaderValue::from_static(POLICY);
                let own = response.headers_mut();
                own.insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        Err(problem) if wants_html(&headers) => sheet::problem(&problem),
        Err(problem) => problem.into_response(),
    }
}

async fn written(shared: &Arc<Shared>, uri: &Uri) -> Result<(Form, Written), Problem> {
    let form = form(uri.path()).ok_or_else(|| Problem::missing("there is no such page"))?;
    let parameters = Parameters::read(uri, &["case", "metric", "run"])?;
    parameters.filter()?;
    let key = Key {
        form,
        wanted: Wanted {
            run: parameters.one("run").unwrap_or("last").to_owned(),
            cases: parameters.all("case"),
            metrics: parameters.all("metric"),
            past: Past::Whole,
        },
    };
    let made = {
        let (shared, wanted) = (Arc::clone(shared), key.wanted.clone());
        move || async move {
            let report = shared.gathered(wanted).await?;
            shared.library.work(move || Ok(write(form, &report))).await
        }
    };
    let made = shared.pages.get(key, shared.stamp(), made);
    Ok((form, made.await?))
}

fn write(form: Form, report: &Report) -> Written {
    let content = match form {
        Form::Html => html::page_with(report, Script::At(LIBRARY)),
        Form::Markdown => markdown::render(report),
        Form::Csv => csv::metrics(report),
        Form::Json => json::report(report),
        Form::Junit => junit::render(report),
    };
    tagged(content.into())
}

fn tagged(content: Bytes) -> Written {
    let digest = Sha256::digest(&content);
    let tag: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Written {
        content,
        tag: HeaderValue::from_str(&format!("\"{tag}\"")).expect("digits and letters"),
    }
}

/// The plotting library, once for all pages: most of what the dashboard would weigh.
pub(super) async fn library(headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    static LIBRARY: LazyLock<Written> =
        LazyLock::new(|| tagged(Bytes::from_static(html::plotly_js().as_bytes())));
    Parameters::read(&uri, &[])?;
    Ok(answer(
        "text/javascript; charset=utf-8",
        LIBRARY.clone(),
        &headers,
    ))
}

fn answer(content_type: &'static str, written: Written, headers: &HeaderMap) -> Response {
    let is_known = has_tag(headers, &written.tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        written.content.into_response()
    };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    own.insert(header::ETAG, written.tag);
    // Kept by the browser, and asked for again every time: whether it changed is a short question.
    let private = HeaderValue::from_static("private, no-cache");
    own.insert(header::CACHE_CONTROL, private);
    response
}

/// Whether who asks has what the tag stands for.
fn has_tag(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || Some(one) == tag.to_str().ok())
}
