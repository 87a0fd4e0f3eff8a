//! What the page knows, as JSON. Names that occur often stand in tables and are numbers elsewhere; columns of numbers are
//! packed.
//!
//! Histories come first: samples have the room that these leave, and where it is too small every second, third, …
//! is kept, which the page says. The data of runs of thousands of cases is deflated.

mod case;
mod contrast;
mod curve;
mod head;
mod judged;
mod output;
mod repetition;
mod samples;
mod search;
mod series;
mod table;

use std::collections::HashMap;

use benchhost_advice::Recommendation;
use benchhost_record::{Alert, MachinePeaks, Metric, Outcome};
use serde::Serialize;

use self::{
    case::CaseData,
    contrast::ContrastData,
    curve::CurveData,
    head::Head,
    judged::JudgedData,
    series::{Moments, SeriesData},
    table::Tables,
};
use super::{embed, pack::deflated};
use crate::{Report, differences};

/// Everything.
#[derive(Serialize)]
struct Data<'a> {
    made: &'a str,
    host_version: &'a str,
    exit_code: u8,
    run: Option<Head<'a>>,
    judged: Vec<JudgedData<'a>>,
    not_judged: usize,
    idle: &'a [String],
    alerts: &'a [Alert],
    recommendations: &'a [Recommendation],
    left_out: &'a [String],
    cases: Vec<CaseData<'a>>,
    curves: Vec<CurveData<'a>>,
    contrasts: Vec<ContrastData<'a>>,
    peaks: &'a Option<MachinePeaks>,
    before: Option<Earlier<'a>>,
    series: Vec<SeriesData>,
    moments: Moments,
    /// Tables that the numbers above count in.
    ids: Vec<&'a str>,
    metrics: Vec<&'a Metric>,
    machines: Vec<&'a str>,
    runs: Vec<&'a str>,
    revisions: Vec<&'a str>,
}

/// The run before, and what is not as it was then.
#[derive(Serialize)]
struct Earlier<'a> {
    run: &'a str,
    started: &'a str,
    /// What, how it was, how it is.
    differences: Vec<[String; 3]>,
}

/// The data as the page carries it.
pub(super) enum Embedded {
    /// Text that people can read in the source of the page.
    Json(String),
    /// The same, [`deflated`].
    Packed(String),
}

impl Embedded {
    /// What the script element says that it has.
    pub(super) fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Packed(_) => "application/octet-stream",
        }
    }

    /// What stands in the element.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Json(text) | Self::Packed(text) => text,
        }
    }
}

/// The data in `room` bytes or, where everything but samples is longer, in as many as it must have.
pub(super) fn embedded(report: &Report, room: usize) -> Embedded {
    let mut data = data(report);
    let json = embed::json(&data);
    let is_large = json.len() > room / 2;
    let length = if is_large {
        deflated(&json).len()
    } else {
        json.len()
    };
    let per_measurement = samples::most_of_one(report.cases(), room.saturating_sub(length));
    for (case, result) in data.cases.iter_mut().zip(report.cases()) {
        case.put_samples(result, per_measurement);
    }
    let json = embed::json(&data);
    if is_large {
        Embedded::Packed(deflated(&json))
    } else {
        Embedded::Json(json)
    }
}

fn data(report: &Report) -> Data<'_> {
    let mut tables = Tables::default();
    let outcomes: HashMap<&str, &Outcome> = report
        .cases()
        .iter()
        .map(|one| (one.case.id.as_str(), &one.outcome))
        .collect();
    let judged = report.judged.judged.iter();
    let judged = judged.map(|one| {
        let outcome = outcomes.get(one.case.as_str()).copied();
        JudgedData::of(one, outcome, &mut tables)
    });
    let judged = judged.collect();
    let cases = report.cases().iter();
    let cases = cases.map(|one| CaseData::of(one, &mut tables)).collect();
    let (series, moments) = series::all(&report.series, &mut tables);
    let run = report.run.as_ref();
    let contrasts = run.map_or_else(Vec::new, |run| contrast::all(run, &mut tables));
    Data {
        made: &report.made,
        host_version: &report.host_version,
        exit_code: report.exit_code,
        run: run.map(Head::of),
        judged,
        not_judged: report.judged.not_judged,
        idle: &report.judged.idle,
        alerts: &report.alerts,
        recommendations: &report.recommendations,
        left_out: &report.left_out,
        cases,
        curves: run.map_or_else(Vec::new, curve::all),
        contrasts,
        peaks: &report.peaks,
        before: earlier(report),
        series,
        moments,
        ids: tables.ids.items,
        metrics: tables.metrics,
        machines: tables.machines.items,
        runs: tables.runs.items,
        revisions: tables.revisions.items,
    }
}

fn earlier(report: &Report) -> Option<Earlier<'_>> {
    let (before, run) = (report.before.as_ref()?, report.run.as_ref()?);
    let found = differences(before, run).into_iter();
    Some(Earlier {
        run: &before.id,
        started: &before.started,
        differences: found.map(|one| [one.what, one.before, one.now]).collect(),
    })
}
