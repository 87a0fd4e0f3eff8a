//! Lists in pages, for those who ask over a network: each call does a bounded amount of work and says where the next begins.
//!
//! A place in a list is a key of its rows, never a count of them: what is added meanwhile moves nothing, so that who walks from
//! the first page to the last sees everything that was there when they began, and nothing twice.

use benchhost_record::{Alert, CaseResult, Run};
use rusqlite::{Connection, params};

use super::{
    PointRow, RunRow, SeriesFilter, SeriesRow, Store, StoreError, alert,
    document::{unpack, unpack_samples},
    names::Names,
    point::COLUMNS,
    run::{RUNS, run_row},
    series::{SERIES, meant_by, series_row},
};

/// Series that are looked at for one page, whether the filter means them or not.
const SCANNED: usize = 20_000;

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, K> {
    /// Rows, at most as many as were asked for. There may be none although there is a next page.
    pub rows: Vec<T>,
    /// After which key the next page begins; `None` at the end of the list.
    pub next: Option<K>,
}

/// Time, and the place among points of the same time.
pub type PointKey = (i64, i64);

/// Start, and number of the run.
pub type RunKey = (i64, i64);

/// Which end of a series comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The oldest point.
    OldestFirst,
    /// The newest point.
    NewestFirst,
}

/// A run without its cases.
#[derive(Debug, Clone, PartialEq)]
pub struct RunHead {
    /// The run; it has no cases.
    pub run: Run,
    /// How many cases ended how, by the word of the outcome.
    pub outcomes: Vec<(String, u64)>,
}

impl Store {
    /// Format of the file: how many steps its schema has seen.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn format(&self) -> Result<i64, StoreError> {
        self.read(|connection| {
            connection.pragma_query_value(None, "user_version", |row| row.get(0))
        })
    }

    /// Runs, newest first, after `after`.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn runs_page(
        &self,
        after: Option<RunKey>,
        limit: usize,
    ) -> Result<Page<RunRow, RunKey>, StoreError> {
        let (started, number) = after.unwrap_or((i64::MAX, i64::MAX));
        self.read(|connection| {
            let sql = format!(
                "{RUNS} WHERE (started_ms, id) < (?1, ?2) ORDER BY started_ms DESC, id DESC LIMIT ?3"
            );
            let rows = connection
                .prepare_cached(&sql)?
                .query_map(params![started, number, one_more(limit)], |row| {
                    let found = run_row(row)?;
                    let key = (found.started_ms, row.get(12)?);
                    Ok((found, key))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(page(rows, limit))
        })
    }

    /// The run called `name`, as [`run`](Self::run) understands it, without its cases.
    ///
    /// # Errors
    /// [`StoreError::NoRun`], [`StoreError::Ambiguous`], and when the history cannot be read.
    pub fn run_head(&self, name: &str) -> Result<RunHead, StoreError> {
        let number = self.run_number(name)?;
        self.read(|connection| {
            let moment = connection.unchecked_transaction()?;
            let run = moment.query_row(
                "SELECT document FROM run WHERE id = ?1",
                [number],
                |row| unpack(row.get_ref(0)?.as_blob()?),
            )?;
            let outcomes = moment
                .prepare_cached(
                    "SELECT outcome, count(*) FROM result WHERE run = ?1 GROUP BY outcome ORDER BY outcome",
                )?
                .query_map([number], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(RunHead { run, outcomes })
        })
    }

    /// Cases of the run `number` in the order they were finished, after `after`; with or without their samples.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn cases_page(
        &self,
        number: i64,
        after: i64,
        limit: usize,
        with_samples: bool,
    ) -> Result<Page<CaseResult, i64>, StoreError> {
        self.read(|connection| {
            let rows = connection
                .prepare_cached(
                    "SELECT id, document, CASE WHEN ?4 THEN samples END FROM result
                     WHERE run = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                )?
                .query_map(
                    params![number, after, one_more(limit), with_samples],
                    |row| {
                        let mut result: CaseResult = unpack(row.get_ref(1)?.as_blob()?)?;
                        if let Some(samples) = row.get_ref(2)?.as_blob_or_null()? {
                            let all = unpack_samples(samples)?;
                            for (measurement, samples) in result.measurements.iter_mut().zip(all) {
                                measurement.samples = samples;
                            }
                        }
                        Ok((result, row.get(0)?))
                    },
                )?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(page(rows, limit))
        })
    }

    /// The series that `filter` means, in the order they came into the history, after the one with the number `after`.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn series_page(
        &self,
        filter: &SeriesFilter,
        after: i64,
        limit: usize,
    ) -> Result<Page<SeriesRow, i64>, StoreError> {
        self.read(|connection| {
            let sql = format!("{SERIES} WHERE id > ?1 ORDER BY id LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![after, one_more(SCANNED)])?;
            let (mut found, mut last, mut scanned) = (Vec::new(), after, 0);
            while let Some(row) = rows.next()? {
                if found.len() >= limit || scanned >= SCANNED {
                    return Ok(Page {
                        rows: found,
                        next: Some(last),
                    });
                }
                scanned += 1;
                last = row.get(0)?;
                if meant_by(filter, row)? {
                    found.push(series_row(row)?);
                }
            }
            Ok(Page {
                rows: found,
                next: None,
            })
        })
    }

    /// The series with this number.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn series_numbered(&self, number: i64) -> Result<Option<SeriesRow>, StoreError> {
        self.read(|connection| {
            let sql = format!("{SERIES} WHERE id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([number])?;
            rows.next()?.map(series_row).transpose()
        })
    }

    /// Points of the series `number` after `after`.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn points_page(
        &self,
        number: i64,
        after: Option<PointKey>,
        order: Order,
        limit: usize,
    ) -> Result<Page<PointRow, PointKey>, StoreError> {
        let (than, word, edge) = match order {
            Order::OldestFirst => (">", "ASC", i64::MIN),
            Order::NewestFirst => ("<", "DESC", i64::MAX),
        };
        let (time, seq) = after.unwrap_or((edge, edge));
        self.read(|connection| {
            let mut runs = Names::of_runs(connection);
            let mut revisions = Names::of_revisions(connection);
            let sql = format!(
                "SELECT seq, {COLUMNS} FROM point WHERE series = ?1 AND (time_ms, seq) {than} (?2, ?3)
                 ORDER BY series {word}, time_ms {word}, seq {word} LIMIT ?4"
            );
            let rows = connection
                .prepare_cached(&sql)?
                .query_map(params![number, time, seq, one_more(limit)], |row| {
                    let point = PointRow::read(row, 1, &mut runs, &mut revisions)?;
                    let key = (point.time_ms, row.get(0)?);
                    Ok((point, key))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(page(rows, limit))
        })
    }

    /// Alerts, newest first, all or those that still ask for attention, with numbers below `before`.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn alerts_page(
        &self,
        before: i64,
        alive_only: bool,
        limit: usize,
    ) -> Result<Page<Alert, i64>, StoreError> {
        self.read(|connection| {
            let rows = alerts(connection, before, alive_only, limit)?;
            Ok(page(rows, limit))
        })
    }
}

fn alerts(
    connection: &Connection,
    before: i64,
    alive_only: bool,
    limit: usize,
) -> rusqlite::Result<Vec<(Alert, i64)>> {
    let sql = format!(
        "{} WHERE id < ?1 AND (NOT ?2 OR state IN ('opened', 'confirmed')) ORDER BY id DESC LIMIT ?3",
        alert::ALERTS
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![before, alive_only, one_more(limit)], |row| {
            Ok((alert::read(row)?, row.get(0)?))
        })?
        .collect()
}

/// One row more than asked for tells whether there is a next page.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// The first `limit` of `rows`.
fn page<T, K: Copy>(mut rows: Vec<(T, K)>, limit: usize) -> Page<T, K> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    Page {
        next: rows.last().filter(|_| has_more).map(|(_, key)| *key),
        rows: rows.into_iter().map(|(row, _)| row).collect(),
    }
}
