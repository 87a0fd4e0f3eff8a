//! What a report is made from, gathered: a run, its verdicts, its past, what is made of them.
//!
//! Nothing is written: verdicts are those that `check` would give without a second look, alerts stay as they are.

mod before;
mod chosen;
mod opinion;
mod series;
mod thin;

use std::path::Path;

use benchhost_record::Run;
use benchhost_report::Report;
use jiff::Timestamp;

pub(super) use self::chosen::keep;
pub(super) use self::opinion::{By, Opinion, opinion};
use super::{Failure, check, stored};
use crate::{
    cli::SourceArguments,
    peaks,
    store::{self, SeriesFilter, Store},
};

/// Alerts that a report lists.
const ALERTS: usize = 500;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The run, as it was typed.
    pub(super) run: &'a str,
    /// What it is judged by.
    pub(super) source: &'a SourceArguments,
    /// Series that are shown.
    pub(super) filter: &'a SeriesFilter,
    /// Points of all series together, at most; 0 for a report without the past: its series have no points, and are those
    /// that the baseline says something of.
    pub(super) points: usize,
}

/// The report.
///
/// # Errors
/// [`Failure`] when there is neither run nor series, or the rules or the baseline cannot be read.
pub(super) fn report(asked: &Asked<'_>) -> Result<Report, Failure> {
    Ok(report_and_idle(asked)?.0)
}

/// The report, and which rules of recommendations ask for what nothing of its run has, as sentences.
///
/// # Errors
/// As [`report`].
pub(super) fn report_and_idle(asked: &Asked<'_>) -> Result<(Report, Vec<String>), Failure> {
    let path = store::located(asked.source.store.as_deref());
    let store = if asked.source.no_store {
        None
    } else {
        Store::open_if_any(&path)?
    };
    let run = run(asked.run, store.as_ref(), &path)?;
    let baseline = match &run {
        Some(run) => check::baseline(
            asked.source.baseline.as_deref(),
            run,
            asked.source.across_machines,
        )?,
        None => None,
    };
    let by = By {
        path: &path,
        store: store.as_ref(),
        baseline: baseline.as_ref(),
        gates: asked.source.gates.as_deref(),
        recommend: asked.source.advice.recommend.as_deref(),
        across_machines: asked.source.across_machines,
    };
    let opinion = match &run {
        Some(run) => opinion(run, &by)?,
        None => Opinion::default(),
    };
    let mut report = Report {
        made: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        exit_code: check::exit_code(&opinion.judged, false),
        judged: opinion.judged,
        recommendations: opinion.recommendations,
        ..Report::default()
    };
    if let Some(store) = &store {
        let shown = series::Shown {
            run: run.as_ref(),
            baseline: baseline.as_ref(),
            filter: asked.filter,
            points: asked.points,
            until_ms: until(store, run.as_ref())?,
        };
        (report.series, report.left_out) = match shown.points {
            0 => (series::expected(&shown), Vec::new()),
            _ => series::series(store, &shown)?,
        };
        report.alerts = store.alerts(false)?;
        if let Some(run) = &run {
            report.before = before::before(store, run)?;
            let machine = &run.environment.fingerprint;
            report.alerts.retain(|alert| &alert.machine == machine);
        }
        report.alerts.truncate(ALERTS);
    }
    if let Some(run) = &run {
        report.peaks = peaks::read(&peaks::beside(&path), &run.environment.fingerprint);
    }
    report.left_out.extend(opinion.unreadable);
    report.run = run;
    Ok((report, opinion.idle))
}

/// Start of `run`, ms since 1970, when the history has a newer one.
fn until(store: &Store, run: Option<&Run>) -> Result<Option<i64>, Failure> {
    let started = run.and_then(|run| run.started.parse::<Timestamp>().ok());
    let Some(started_ms) = started.map(Timestamp::as_millisecond) else {
        return Ok(None);
    };
    let newest = store.runs(Some(1))?;
    let is_old = newest.iter().any(|other| other.started_ms > started_ms);
    Ok(is_old.then_some(started_ms))
}

/// The run that is called `name`. A history of imported values has none, and `last` then means none.
fn run(name: &str, store: Option<&Store>, path: &Path) -> Result<Option<Run>, Failure> {
    if let Some(store) = store
        && name == "last"
        && store.runs(Some(1))?.is_empty()
        && !store.series(&SeriesFilter::default())?.is_empty()
    {
        return Ok(None);
    }
    stored::run(name, store, path).map(Some)
}
