//! The past of every metric: how many values, where they lay, when they last changed.

use benchhost_stats::ChangeKind;
use jiff::Timestamp;

use super::{
    escape::{cell_code, text},
    section::{Section, Table},
};
use crate::{Report, Series, facts::quantity};

/// Series of which a table is made; a report of imported values can have thousands.
const MOST: usize = 500;

const NOTHING: &str = "–";

const HEADERS: &[&str] = &[
    "case",
    "metric",
    ">values",
    ">latest",
    ">mean ± s. d.",
    ">min",
    ">max",
    "last change",
];

pub(super) fn sections(report: &Report) -> Option<Section> {
    let machine = report
        .run
        .as_ref()
        .map(|run| run.environment.fingerprint.as_str());
    let cases: std::collections::HashSet<&str> = report
        .cases()
        .iter()
        .map(|one| one.case.id.as_str())
        .collect();
    let is_of_run = |one: &&Series| {
        machine.is_none_or(|machine| one.machine == machine && cases.contains(one.case.as_str()))
    };
    let of_run: Vec<&Series> = report
        .series
        .iter()
        .filter(is_of_run)
        .filter(|one| one.all_points > 1)
        .collect();
    if of_run.is_empty() {
        return None;
    }
    let more = of_run.len().saturating_sub(MOST);
    let others = report.series.len() - of_run.len();
    let mut tail = String::new();
    if more > 0 {
        tail.push_str(&format!(
            "{more} more series are left out; the JSON report has them.\n"
        ));
    }
    if others > 0 && machine.is_some() {
        tail.push_str(&format!(
            "{others} series of other cases, other machines or a single value are left out; the JSON report has them.\n"
        ));
    }
    Some(Section {
        name: "the history".to_owned(),
        head: "<details><summary>History of each metric</summary>\n\n".to_owned(),
        table: Some(Table {
            headers: HEADERS,
            rows: of_run.iter().take(MOST).map(|one| row(one)).collect(),
        }),
        tail: match tail.is_empty() {
            true => "</details>\n".to_owned(),
            false => format!("{tail}\n</details>\n"),
        },
    })
}

fn row(series: &Series) -> Vec<String> {
    let metric = &series.metric;
    let shown = |value: f64| {
        if value.is_finite() {
            text(&quantity(value, &metric.unit, metric.kind))
        } else {
            NOTHING.to_owned()
        }
    };
    let known: Vec<f64> = series
        .points
        .iter()
        .map(|point| point.value)
        .filter(|value| value.is_finite())
        .collect();
    let latest = series.points.last().map_or(f64::NAN, |point| point.value);
    vec![
        cell_code(&series.case),
        cell_code(&metric.name),
        values(series, known.len()),
        shown(latest),
        spread(series, &known, &shown),
        shown(known.iter().copied().fold(f64::NAN, f64::min)),
        shown(known.iter().copied().fold(f64::NAN, f64::max)),
        change(series, &shown),
    ]
}

/// How many values; `0 of 2` where runs gave none. Of a history that was thinned out not all are here to be counted.
fn values(series: &Series, known: usize) -> String {
    let (all, here) = (series.all_points, series.points.len());
    match here.saturating_sub(known) as u64 {
        0 => all.to_string(),
        _ if (here as u64) < all => format!("{all}, some without a value"),
        missing => format!("{} of {all}", all.saturating_sub(missing)),
    }
}

/// Standard deviations below this share of the mean are rounding.
const ROUNDING: f64 = 1e-12;

/// Mean and standard deviation; none of a thinned series, of which the extremes are left.
fn spread(series: &Series, known: &[f64], shown: &dyn Fn(f64) -> String) -> String {
    if series.all_points != series.points.len() as u64 || known.len() < 2 {
        return NOTHING.to_owned();
    }
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let variance = known
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    let deviation = variance.sqrt();
    let is_rounding = deviation <= ROUNDING * mean.abs();
    let deviation = if is_rounding { 0.0 } else { deviation };
    format!("{} ± {}", shown(mean), shown(deviation))
}

fn change(series: &Series, shown: &dyn Fn(f64) -> String) -> String {
    let Some(last) = series.changes.last() else {
        return NOTHING.to_owned();
    };
    let kind = match last.kind {
        ChangeKind::Step => "step",
        ChangeKind::Drift => "drift",
    };
    let when = series
        .points
        .get(last.index)
        .and_then(|point| Timestamp::from_millisecond(point.time_ms).ok())
        .map_or_else(String::new, |time| {
            format!(", {}", time.strftime("%Y-%m-%d"))
        });
    format!(
        "{kind} {} → {}{when}",
        shown(last.before),
        shown(last.after)
    )
}
