//! `benchhost serve`: the history over HTTP until Ctrl-C.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use benchhost_report::Report;

use super::{Failure, check, gather, report::PAGE_POINTS};
use crate::{
    baseline,
    cli::{ServeArguments, SourceArguments},
    judge::{self, ACCEPTED_FILE, GATES_FILE},
    peaks,
    serve::{self, Past, Service, Token, Wanted},
    store::{self, SeriesFilter, Store},
    terminal,
};

/// Environment variable with the token, when no file has it.
const TOKEN_VARIABLE: &str = "BENCHHOST_TOKEN";

/// File of rules of recommendations that is read when none is named.
const RECOMMEND_FILE: &str = "recommend.toml";

/// Serves until it is asked to stop.
///
/// # Errors
/// [`Failure`] when there is no history, nothing to listen at, or what is served is judged by something that cannot be read.
pub fn execute(arguments: &ServeArguments) -> Result<u8, Failure> {
    let token = token(arguments.token_file.as_deref())?;
    let address = serve::address(&arguments.listen, token.is_some())
        .map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
    let path = store::located(arguments.source.store.as_deref());
    look_first(&path, &arguments.source)?;
    let source = arguments.source.clone();
    if !address.ip().to_canonical().is_loopback() {
        terminal::remark(
            "note: others can read along, token and all: a proxy with TLS before it keeps both to those they are for",
        );
    }
    let service = Service {
        address,
        token,
        files: files(&path, &source),
        store: path,
        gather: Arc::new(move |wanted| gathered(wanted, &source)),
    };
    serve::serve(service, |address| {
        let line = format!("listening at http://{address}/\n");
        Ok(terminal::show(&line).context("cannot print")?)
    })
}

fn token(file: Option<&Path>) -> Result<Option<Token>, Failure> {
    let variable = || std::env::var_os(TOKEN_VARIABLE).filter(|value| !value.is_empty());
    let found = match (file, variable()) {
        (Some(path), _) => Token::of_file(path),
        (None, Some(value)) => Token::new(&value.to_string_lossy(), TOKEN_VARIABLE),
        (None, None) => return Ok(None),
    };
    let found = found.map_err(|error| {
        Failure::usage(error.to_string()).hint("`openssl rand -hex 24` makes a good one")
    })?;
    Ok(Some(found))
}

/// What would be wrong with every report is said before the first one is asked for.
fn look_first(path: &Path, source: &SourceArguments) -> Result<(), Failure> {
    let store = Store::open_existing(path)?;
    let last = store.runs(Some(1))?;
    judge::rules(&[], source.gates.as_deref())
        .map_err(|error| Failure::usage(error.to_string()))?;
    judge::Accepted::read(Path::new(ACCEPTED_FILE))
        .map_err(|error| Failure::usage(error.to_string()))?;
    if let [_] = last.as_slice() {
        let run = store.run("last")?;
        check::baseline(source.baseline.as_deref(), &run, source.across_machines)?;
    }
    Ok(())
}

/// What a report is made from besides the history.
fn files(history: &Path, source: &SourceArguments) -> Vec<PathBuf> {
    let baseline = source.baseline.as_deref();
    let named =
        |typed: &Option<PathBuf>, usual: &str| typed.clone().unwrap_or_else(|| usual.into());
    vec![
        peaks::beside(history),
        named(&source.gates, GATES_FILE),
        named(&source.advice.recommend, RECOMMEND_FILE),
        baseline::path(baseline.unwrap_or(baseline::DEFAULT_NAME)),
        ACCEPTED_FILE.into(),
    ]
}

/// The report; nothing where the run has no case and no metric that is wanted.
fn gathered(wanted: &Wanted, source: &SourceArguments) -> Result<Option<Report>, Failure> {
    let filter = SeriesFilter::new(&wanted.cases, &wanted.metrics, None)?;
    let mut report = gather::report(&gather::Asked {
        run: &wanted.run,
        source,
        filter: &filter,
        points: match wanted.past {
            Past::Whole => PAGE_POINTS,
            Past::None => 0,
        },
    })?;
    let has_some = gather::keep(&mut report, &wanted.cases, &wanted.metrics)?;
    Ok(has_some.then_some(report))
}
