//! Series: which there are, and a stream over many of them.

use std::{collections::HashSet, ops::RangeInclusive};

use benchhost_record::Metric;
use globset::{Glob, GlobSet, GlobSetBuilder};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Store, StoreError,
    names::{Names, meant, word},
    point::{COLUMNS, PointRow},
};

/// Which series are meant. An empty filter means all.
#[derive(Debug, Clone, Default)]
pub struct SeriesFilter {
    cases: Option<GlobSet>,
    metrics: Option<GlobSet>,
    machine: Option<String>,
}

/// A series: the values of one metric of one case on one machine, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRow {
    /// Number in the store.
    pub id: i64,
    /// [`CaseId`](benchhost_record::CaseId) as text.
    pub case: String,
    /// What is measured.
    pub metric: Metric,
    /// Fingerprint of the machine; empty when unknown.
    pub machine: String,
    /// How many points there are.
    pub points: u64,
    /// Time of the first one, ms since 1970 in UTC; 0 without points.
    pub first_ms: i64,
    /// Time of the last one.
    pub last_ms: i64,
}

impl SeriesFilter {
    /// Cases whose id or `plugin/workload` matches one of `cases`, metrics whose name matches one of `metrics`, on
    /// `machine`. What is empty or absent means all.
    ///
    /// # Errors
    /// [`StoreError::BadGlob`].
    pub fn new(
        cases: &[String],
        metrics: &[String],
        machine: Option<String>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            cases: globs(cases)?,
            metrics: globs(metrics)?,
            machine,
        })
    }

    /// Whether a series of this case, metric and machine is meant.
    #[must_use]
    pub fn matches(&self, case: &str, metric: &str, machine: &str) -> bool {
        self.means_case(case)
            && self.means_metric(metric)
            && self.machine.as_ref().is_none_or(|wanted| wanted == machine)
    }

    /// Whether a case is meant, by its id or its `plugin/workload`.
    #[must_use]
    pub fn means_case(&self, case: &str) -> bool {
        let workload = case.split_once('?').map_or(case, |(workload, _)| workload);
        let of_case = |globs: &GlobSet| globs.is_match(case) || globs.is_match(workload);
        self.cases.as_ref().is_none_or(of_case)
    }

    /// Whether a metric is meant.
    #[must_use]
    pub fn means_metric(&self, metric: &str) -> bool {
        let of_metric = |globs: &GlobSet| globs.is_match(metric);
        self.metrics.as_ref().is_none_or(of_metric)
    }
}

fn globs(texts: &[String]) -> Result<Option<GlobSet>, StoreError> {
    if texts.is_empty() {
        return Ok(None);
    }
    let bad = |glob: &str, error: &globset::Error| StoreError::BadGlob {
        glob: glob.to_owned(),
        detail: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for text in texts {
        set.add(Glob::new(text).map_err(|error| bad(text, &error))?);
    }
    set.build()
        .map(Some)
        .map_err(|error| bad(&texts.join(" "), &error))
}

/// What [`series_row`] expects.
pub(super) const SERIES: &str = "SELECT id, name, metric, unit, direction, kind, machine, points, first_ms, last_ms FROM series";

impl Store {
    /// The series that `filter` means, by case, metric and machine.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn series(&self, filter: &SeriesFilter) -> Result<Vec<SeriesRow>, StoreError> {
        self.read(|connection| {
            let sql = format!("{SERIES} ORDER BY name, metric, machine, id");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                if meant_by(filter, row)? {
                    found.push(series_row(row)?);
                }
            }
            Ok(found)
        })
    }

    /// The series of one case, metric and machine with the most recent point.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn series_of(
        &self,
        case: &str,
        metric: &Metric,
        machine: &str,
    ) -> Result<Option<SeriesRow>, StoreError> {
        self.read(|connection| {
            let sql = format!(
                "{SERIES} WHERE name = ?1 AND metric = ?2 AND machine = ?3 AND unit = ?4 AND direction = ?5
                 ORDER BY last_ms DESC LIMIT 1"
            );
            connection
                .prepare_cached(&sql)?
                .query_row(
                    params![case, metric.name, machine, metric.unit, word(&metric.direction)?],
                    series_row,
                )
                .optional()
        })
    }

    /// The series of one case and metric, on one machine or on all, whatever direction they had.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn series_like(
        &self,
        case: &str,
        metric: &Metric,
        machine: Option<&str>,
    ) -> Result<Vec<SeriesRow>, StoreError> {
        self.read(|connection| {
            let sql = format!(
                "{SERIES} WHERE name = ?1 AND metric = ?2 AND unit = ?3 AND (?4 IS NULL OR machine = ?4) ORDER BY id"
            );
            connection
                .prepare_cached(&sql)?
                .query_map(params![case, metric.name, metric.unit, machine], series_row)?
                .collect()
        })
    }

    /// Ranges of series numbers that hold about the same number of points each, for as many threads. Each opens the
    /// history itself and asks [`for_each_series`](Self::for_each_series) for its range.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn parts(&self, count: usize) -> Result<Vec<RangeInclusive<i64>>, StoreError> {
        let sizes = self.read(|connection| {
            connection
                .prepare("SELECT id, points FROM series ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        })?;
        let share = sizes.iter().map(|(_, points)| points).sum::<i64>() / count.max(1) as i64 + 1;
        let mut parts: Vec<RangeInclusive<i64>> = Vec::new();
        let (mut first, mut held) = (None, 0);
        for (id, points) in &sizes {
            let from = *first.get_or_insert(*id);
            held += points;
            if held >= share {
                parts.push(from..=*id);
                (first, held) = (None, 0);
            }
        }
        if let (Some(from), Some((id, _))) = (first, sizes.last()) {
            parts.push(from..=*id);
        }
        Ok(parts)
    }

    /// Hands every series of `ids` that `filter` means to `work`, with all its points in the order of time. One scan
    /// over the file; memory holds the points of one series.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn for_each_series(
        &self,
        ids: RangeInclusive<i64>,
        filter: &SeriesFilter,
        work: impl FnMut(&SeriesRow, &[PointRow]),
    ) -> Result<(), StoreError> {
        self.scan(ids, |row| meant_by(filter, row), work)
    }

    /// As [`for_each_series`](Self::for_each_series), of the series with these numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn for_each_chosen(
        &self,
        ids: RangeInclusive<i64>,
        chosen: &HashSet<i64>,
        work: impl FnMut(&SeriesRow, &[PointRow]),
    ) -> Result<(), StoreError> {
        self.scan(ids, |row| Ok(chosen.contains(&row.get(0)?)), work)
    }

    fn scan(
        &self,
        ids: RangeInclusive<i64>,
        is_wanted: impl Fn(&Row<'_>) -> rusqlite::Result<bool>,
        mut work: impl FnMut(&SeriesRow, &[PointRow]),
    ) -> Result<(), StoreError> {
        self.read(|connection| {
            // One moment of the history for all of them.
            let moment = connection.unchecked_transaction()?;
            let mut runs = Names::of_runs(&moment);
            let mut revisions = Names::of_revisions(&moment);
            let sql = format!("{SERIES} WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
            let mut list = moment.prepare(&sql)?;
            let mut rows = list.query(params![ids.start(), ids.end()])?;
            let sql = format!(
                "SELECT {COLUMNS} FROM point WHERE series = ?1 ORDER BY series, time_ms, seq"
            );
            let mut of_series = moment.prepare(&sql)?;
            let mut points = Vec::new();
            while let Some(row) = rows.next()? {
                if !is_wanted(row)? {
                    continue;
                }
                let series = series_row(row)?;
                points.clear();
                let mut found = of_series.query([series.id])?;
                while let Some(point) = found.next()? {
                    points.push(PointRow::read(point, 0, &mut runs, &mut revisions)?);
                }
                work(&series, &points);
            }
            Ok(())
        })
    }
}

/// Whether `filter` means the series of `row`, before anything is copied.
pub(super) fn meant_by(filter: &SeriesFilter, row: &Row<'_>) -> rusqlite::Result<bool> {
    let text = |index| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str()?);
    Ok(filter.matches(text(1)?, text(2)?, text(6)?))
}

pub(super) fn series_row(row: &Row<'_>) -> rusqlite::Result<SeriesRow> {
    let points: i64 = row.get(7)?;
    Ok(SeriesRow {
        id: row.get(0)?,
        case: row.get(1)?,
        metric: Metric {
            name: row.get(2)?,
            unit: row.get(3)?,
            direction: meant(row.get(4)?)?,
            kind: meant(row.get(5)?)?,
        },
        machine: row.get(6)?,
        points: points.unsigned_abs(),
        first_ms: row.get::<_, Option<i64>>(8)?.unwrap_or(0),
        last_ms: row.get::<_, Option<i64>>(9)?.unwrap_or(0),
    })
}

/// Number of the series, given to it if need be.
pub(super) fn series_id(
    connection: &Connection,
    case: &str,
    metric: &Metric,
    machine: &str,
) -> rusqlite::Result<i64> {
    let (direction, kind) = (word(&metric.direction)?, word(&metric.kind)?);
    let key = params![case, metric.name, machine, metric.unit, direction, kind];
    let known = connection
        .prepare_cached(
            "SELECT id FROM series WHERE name = ?1 AND metric = ?2 AND machine = ?3 AND unit = ?4
             AND direction = ?5 AND kind = ?6",
        )?
        .query_row(key, |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached(
            "INSERT INTO series (name, metric, machine, unit, direction, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .insert(key)
}

/// Counts the points of a series anew.
pub(super) fn recount(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE series SET (points, first_ms, last_ms) =
             (SELECT count(*), min(time_ms), max(time_ms) FROM point WHERE series = ?1) WHERE id = ?1",
        )?
        .execute([id])?;
    Ok(())
}
