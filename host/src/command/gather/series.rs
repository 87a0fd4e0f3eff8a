//! The series of a report: those of its run first, with their changes, thinned to what a page can hold.

use std::collections::{HashMap, HashSet};

use benchhost_gate::Class;
use benchhost_record::{Direction, Metric, Run};
use benchhost_report::{Band, Point, Series, share};
use benchhost_stats::{ChangePoint, changes};
use rayon::prelude::*;

use super::thin::thinned;
use crate::{
    baseline::{Baseline, BaselineMetric},
    store::{PointRow, SeriesFilter, SeriesRow, Store, StoreError},
};

/// Series that a report holds at most.
const SERIES: usize = 4000;

/// Points of one series, at most: more than a screen is wide, and a browser draws so many in a moment.
const MOST_OF_ONE: u64 = 10_000;

/// Parts of the history for each thread: small enough that none waits long for the last.
const PARTS_A_THREAD: usize = 8;

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    /// The run of the report.
    pub(super) run: Option<&'a Run>,
    /// What it should be.
    pub(super) baseline: Option<&'a Baseline>,
    /// Which series are wanted.
    pub(super) filter: &'a SeriesFilter,
    /// Points of all series together, at most.
    pub(super) points: usize,
    /// Points that are later than this are not shown: the run is not the newest.
    pub(super) until_ms: Option<i64>,
}

/// The series, and what was left out, as sentences.
pub(super) fn series(
    store: &Store,
    shown: &Shown<'_>,
) -> Result<(Vec<Series>, Vec<String>), StoreError> {
    let mut left_out = Vec::new();
    let mut rows = store.series(shown.filter)?;
    if shown
        .until_ms
        .is_some_and(|end| rows.iter().any(|row| row.last_ms > end))
    {
        left_out
            .push("the run is not the newest: what was measured after it is not shown".to_owned());
    }
    let places = places(shown.run);
    let machine = shown.run.map_or("", |run| &run.environment.fingerprint);
    let place = |row: &SeriesRow| match places.get(row.case.as_str()) {
        Some(place) if row.machine == machine => *place,
        _ => usize::MAX,
    };
    if rows.len() > SERIES {
        rows.sort_by_key(|row| (place(row), std::cmp::Reverse(row.last_ms), row.id));
        left_out.push(format!(
            "{} of {} series are left out, those without a value for the longest time; --case and --metric choose",
            rows.len() - SERIES,
            rows.len()
        ));
        rows.truncate(SERIES);
    }
    let sizes = || rows.iter().map(|row| row.points);
    let most = share(sizes(), shown.points as u64).min(MOST_OF_ONE);
    let thin = sizes().filter(|size| *size > most).count();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if thin > 0 {
        left_out.push(format!(
            "{thin} of {} series are thinned to about {} points: ends, extremes and changes stay",
            rows.len(),
            most.max(4)
        ));
    }
    let wanted: HashSet<i64> = rows.iter().map(|row| row.id).collect();
    let path = store.path();
    let parts = store.parts(PARTS_A_THREAD * rayon::current_num_threads())?;
    let found: Result<Vec<Vec<(usize, Series)>>, StoreError> = parts
        .into_par_iter()
        .map(|ids| {
            let mut found = Vec::new();
            // A connection for each thread: one cannot be shared.
            let store = Store::open_existing(path)?;
            store.for_each_chosen(ids, &wanted, |row, points| {
                let is_shown =
                    |point: &PointRow| shown.until_ms.is_none_or(|end| point.time_ms <= end);
                let points = &points[..points.partition_point(is_shown)];
                if points.is_empty() && row.points > 0 {
                    return;
                }
                found.push((place(row), one(row, points, shown.baseline, most)));
            })?;
            Ok(found)
        })
        .collect();
    let mut found: Vec<(usize, Series)> = found?.into_iter().flatten().collect();
    found.sort_by(|(a, one), (b, other)| {
        let key = |one: &Series| {
            (
                one.case.clone(),
                one.metric.name.clone(),
                one.machine.clone(),
            )
        };
        a.cmp(b).then_with(|| key(one).cmp(&key(other)))
    });
    Ok((found.into_iter().map(|(_, one)| one).collect(), left_out))
}

/// The run's metrics that the baseline says something of, as series without points.
pub(super) fn expected(shown: &Shown<'_>) -> Vec<Series> {
    let cases = shown.run.map_or(&[][..], |run| &run.cases);
    let machine = shown.run.map_or("", |run| &run.environment.fingerprint);
    let metrics = cases.iter().flat_map(|case| {
        let of_case = case.measurements.iter();
        of_case.map(move |one| (case.case.id.as_str(), &one.metric))
    });
    let expected = metrics.filter_map(|(case, metric)| {
        Some(Series {
            case: case.to_owned(),
            metric: metric.clone(),
            machine: machine.to_owned(),
            points: Vec::new(),
            all_points: 0,
            changes: Vec::new(),
            baseline: Some(of_baseline(shown.baseline, case, metric)?),
        })
    });
    expected.collect()
}

/// Where each case stands in the run.
fn places(run: Option<&Run>) -> HashMap<&str, usize> {
    let cases = run.map_or(&[][..], |run| &run.cases);
    let ids = cases.iter().map(|case| case.case.id.as_str());
    ids.enumerate().map(|(place, id)| (id, place)).collect()
}

fn one(row: &SeriesRow, points: &[PointRow], baseline: Option<&Baseline>, most: usize) -> Series {
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let found = changes(&values);
    let kept: Vec<usize> = found
        .iter()
        .flat_map(|change| [change.index.saturating_sub(1), change.index])
        .collect();
    let stay = thinned(&values, &kept, most);
    Series {
        case: row.case.clone(),
        metric: row.metric.clone(),
        machine: row.machine.clone(),
        all_points: points.len() as u64,
        changes: moved(&found, &stay),
        points: stay.iter().map(|i| point(&points[*i])).collect(),
        baseline: of_baseline(baseline, &row.case, &row.metric),
    }
}

fn point(row: &PointRow) -> Point {
    Point {
        time_ms: row.time_ms,
        value: row.value,
        interval: row.low.zip(row.high),
        run: row.run.clone(),
        revision: row.revision.clone(),
    }
}

/// Changes whose indices count the points that stay.
fn moved(found: &[ChangePoint], stay: &[usize]) -> Vec<ChangePoint> {
    let place = |index: usize| {
        stay.partition_point(|i| *i < index)
            .min(stay.len().saturating_sub(1))
    };
    let moved = found.iter().map(|change| ChangePoint {
        index: place(change.index),
        interval: (place(change.interval.0), place(change.interval.1)),
        ..*change
    });
    moved.collect()
}

/// What the baseline expects of a metric of a case.
fn of_baseline(baseline: Option<&Baseline>, case: &str, metric: &Metric) -> Option<Band> {
    let expected = baseline?.case.get(case)?.metrics.get(&metric.name)?;
    band(expected, metric)
}

/// What a baseline expects, in the unit of the series; `None` when the two do not measure the same thing.
fn band(expected: &BaselineMetric, metric: &Metric) -> Option<Band> {
    let factor = match expected.unit.as_str() {
        "" => 1.0,
        unit => benchhost_record::conversion(unit, &metric.unit)?,
    };
    let value = expected.value * factor;
    let by_class = || {
        Class::of(metric)
            .threshold()
            .map(|share| share * value.abs())
    };
    let written = expected.allowed().map(|allowed| allowed * factor);
    let slack = written.or_else(by_class).unwrap_or(0.0);
    let (below, above) = match metric.direction {
        Direction::Lower => (0.0, slack),
        Direction::Higher => (slack, 0.0),
        Direction::Neither => (slack, slack),
    };
    Some(Band {
        value,
        low: value - below,
        high: value + above,
    })
}
