//! Histories: points that share the moments they were measured at.

use std::{collections::HashMap, sync::Arc};

use benchhost_stats::{ChangeKind, ChangePoint};
use serde::Serialize;

use super::{
    super::pack::{figures, floats, stretches, wholes, widths},
    table::{Table, Tables},
};
use crate::{Point, Series};

/// A history.
#[derive(Serialize)]
pub(super) struct SeriesData {
    case: usize,
    metric: usize,
    machine: usize,
    /// Moments of the points, as [`stretches`].
    at: Vec<usize>,
    value: String,
    /// How far the interval reaches below and above the value; absent where no point has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<String>,
    /// Points of the history, those that were thinned out too.
    all: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<[Option<f64>; 3]>,
}

/// A change of a history.
#[derive(Serialize)]
struct ChangeData {
    index: usize,
    kind: &'static str,
    before: Option<f64>,
    after: Option<f64>,
    from: usize,
    to: usize,
    confidence: Option<f64>,
}

/// When points were measured, by which run, at which revision: columns, each a moment's.
#[derive(Serialize)]
pub(super) struct Moments {
    /// The earliest, ms since 1970.
    from_ms: i64,
    /// Units of `time`, ms.
    tick_ms: i64,
    /// Ticks since `from_ms`.
    time: String,
    /// Numbers of runs, counted from 1; 0 for none.
    run: String,
    /// Numbers of revisions, counted from 1; 0 for none.
    revision: String,
}

/// All series, and their moments in the order in which they first occur: a history that has moments of its own finds them
/// next to one another.
pub(super) fn all<'a>(series: &'a [Series], tables: &mut Tables<'a>) -> (Vec<SeriesData>, Moments) {
    let mut moments = MomentTable::default();
    let packed = series.iter().map(|one| of(one, &mut moments, tables));
    let packed = packed.collect();
    (packed, moments.into_columns(tables))
}

type Moment<'a> = (i64, Option<&'a str>, Option<&'a str>);

/// Moments and their numbers.
#[derive(Default)]
struct MomentTable<'a> {
    places: HashMap<Moment<'a>, usize>,
    items: Vec<Moment<'a>>,
}

impl<'a> MomentTable<'a> {
    /// Number of the moment of `point`; above `last`, so that the numbers of a series rise.
    fn place(&mut self, point: &'a Point, last: Option<usize>) -> usize {
        let text = |text: &'a Option<Arc<str>>| text.as_deref();
        let moment = (point.time_ms, text(&point.run), text(&point.revision));
        let known = self.places.get(&moment).copied();
        if let Some(place) = known.filter(|place| last.is_none_or(|last| *place > last)) {
            return place;
        }
        self.items.push(moment);
        self.places.insert(moment, self.items.len() - 1);
        self.items.len() - 1
    }

    fn into_columns(self, tables: &mut Tables<'a>) -> Moments {
        let times = || self.items.iter().map(|(time, ..)| *time);
        let from_ms = times().min().unwrap_or(0);
        let span = times().max().unwrap_or(0).saturating_sub(from_ms);
        // Milliseconds while 32 bits hold them, that is for seven weeks; then what fits.
        let tick_ms = span / i64::from(u32::MAX) + 1;
        let ticks = times().map(|time| u64::try_from((time - from_ms) / tick_ms).unwrap_or(0));
        let number = |table: &mut Table<'a>, name: Option<&'a str>| table.place_of(name);
        Moments {
            from_ms,
            tick_ms,
            time: wholes(ticks),
            run: wholes(
                self.items
                    .iter()
                    .map(|(_, run, _)| number(&mut tables.runs, *run)),
            ),
            revision: wholes(
                self.items
                    .iter()
                    .map(|(.., revision)| number(&mut tables.revisions, *revision)),
            ),
        }
    }
}

fn of<'a>(
    series: &'a Series,
    moments: &mut MomentTable<'a>,
    tables: &mut Tables<'a>,
) -> SeriesData {
    let points = &series.points;
    let mut last = None;
    let places: Vec<usize> = points
        .iter()
        .map(|point| {
            let place = moments.place(point, last);
            last = Some(place);
            place
        })
        .collect();
    let width = |reach: fn(f64, (f64, f64)) -> f64| {
        let each = |point: &Point| {
            point
                .interval
                .map_or(f64::NAN, |ends| reach(point.value, ends))
        };
        let has_some = points.iter().any(|point| point.interval.is_some());
        has_some.then(|| widths(points.iter().map(each)))
    };
    let band = |band: &crate::Band| [band.value, band.low, band.high].map(figures);
    SeriesData {
        case: tables.ids.place(&series.case),
        metric: tables.metric(&series.metric),
        machine: tables.machines.place(&series.machine),
        at: stretches(places),
        value: floats(points.iter().map(|point| point.value)),
        below: width(|value, (low, _)| value - low),
        above: width(|value, (_, high)| high - value),
        all: series.all_points,
        changes: series.changes.iter().map(change).collect(),
        baseline: series.baseline.as_ref().map(band),
    }
}

fn change(change: &ChangePoint) -> ChangeData {
    ChangeData {
        index: change.index,
        kind: match change.kind {
            ChangeKind::Step => "step",
            ChangeKind::Drift => "drift",
        },
        before: figures(change.before),
        after: figures(change.after),
        from: change.interval.0,
        to: change.interval.1,
        confidence: figures(change.confidence),
    }
}
