//! Points of series.

use std::sync::Arc;

use rusqlite::{Connection, Row, Statement, Transaction, params};

use super::{Store, StoreError, names::Names};

/// One point of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRow {
    /// Start of its run, or the time it was imported with; ms since 1970 in UTC.
    pub time_ms: i64,
    /// The run it comes from; absent for what was imported, or whose run was compacted away.
    pub run: Option<Arc<str>>,
    /// The commit, with `-dirty` when the work tree differed from it.
    pub revision: Option<Arc<str>>,
    /// The value in the metric's unit; NaN when the case failed.
    pub value: f64,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Samples behind it.
    pub n: u64,
}

/// A point as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewPoint {
    pub(super) time_ms: i64,
    pub(super) run: Option<i64>,
    pub(super) revision: Option<i64>,
    pub(super) value: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) n: i64,
}

/// What [`PointRow::read`] expects.
pub(super) const COLUMNS: &str = "time_ms, run, revision, value, low, high, n";

impl PointRow {
    /// A row of [`COLUMNS`], which begin at `at`.
    pub(super) fn read(
        row: &Row<'_>,
        at: usize,
        runs: &mut Names<'_>,
        revisions: &mut Names<'_>,
    ) -> rusqlite::Result<Self> {
        let value: Option<f64> = row.get(at + 3)?;
        let n: i64 = row.get(at + 6)?;
        Ok(Self {
            time_ms: row.get(at)?,
            run: runs.get(row.get(at + 1)?)?,
            revision: revisions.get(row.get(at + 2)?)?,
            value: value.unwrap_or(f64::NAN),
            low: row.get(at + 4)?,
            high: row.get(at + 5)?,
            n: n.unsigned_abs(),
        })
    }
}

impl Store {
    /// The points of `series` in the order of time, all or only the last.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn points(&self, series: i64, last: Option<usize>) -> Result<Vec<PointRow>, StoreError> {
        self.read(|connection| {
            let mut runs = Names::of_runs(connection);
            let mut revisions = Names::of_revisions(connection);
            let sql = format!(
                "SELECT {COLUMNS} FROM point WHERE series = ?1
                 ORDER BY series DESC, time_ms DESC, seq DESC LIMIT ?2"
            );
            let limit = last.map_or(-1, |last| i64::try_from(last).unwrap_or(-1));
            let mut statement = connection.prepare_cached(&sql)?;
            let mut points = statement
                .query_map(params![series, limit], |row| {
                    PointRow::read(row, 0, &mut runs, &mut revisions)
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            points.reverse();
            Ok(points)
        })
    }
}

/// Adds a point at the end of those of its time, and counts it.
pub(super) fn add_point(
    transaction: &Transaction<'_>,
    series: i64,
    point: &NewPoint,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(INSERT)?;
    if !insert_point(&mut insert, series, point, 0)? {
        let seq = next_seq(transaction, series, point.time_ms)?;
        insert_point(&mut insert, series, point, seq)?;
    }
    count_points(transaction, series, 1, point.time_ms, point.time_ms)
}

/// Counts `added` points between two times.
pub(super) fn count_points(
    connection: &Connection,
    series: i64,
    added: i64,
    first_ms: i64,
    last_ms: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE series SET points = points + ?2, first_ms = min(ifnull(first_ms, ?3), ?3),
             last_ms = max(ifnull(last_ms, ?4), ?4) WHERE id = ?1",
        )?
        .execute(params![series, added, first_ms, last_ms])?;
    Ok(())
}

/// What [`insert_point`] needs, prepared.
pub(super) const INSERT: &str =
    "INSERT OR IGNORE INTO point (series, time_ms, seq, run, revision, value, low, high, n)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Whether the place `seq` was free, and has the point now.
pub(super) fn insert_point(
    insert: &mut Statement<'_>,
    series: i64,
    point: &NewPoint,
    seq: i64,
) -> rusqlite::Result<bool> {
    let added = insert.execute(params![
        series,
        point.time_ms,
        seq,
        point.run,
        point.revision,
        point.value,
        point.low,
        point.high,
        point.n
    ])?;
    Ok(added > 0)
}

/// The first free place among the points of one time.
pub(super) fn next_seq(
    connection: &Connection,
    series: i64,
    time_ms: i64,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "SELECT ifnull(max(seq) + 1, 0) FROM point WHERE series = ?1 AND time_ms = ?2",
        )?
        .query_row(params![series, time_ms], |row| row.get(0))
}
