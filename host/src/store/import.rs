//! Many points from elsewhere, in large transactions; the same ones are never added twice.

use std::collections::HashMap;

use benchhost_record::Metric;
use rusqlite::{Connection, Statement, params};

use super::{
    Store, StoreError,
    document::{pack_values, unpack_values},
    names::revision_id,
    point::{INSERT, NewPoint, count_points, insert_point, next_seq},
    series::series_id,
};

/// A point from elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportPoint {
    /// The case, as [`CaseId`](benchhost_record::CaseId) writes it or as the other tool calls it.
    pub case: String,
    /// What is measured.
    pub metric: Metric,
    /// Fingerprint of the machine; empty when unknown.
    pub machine: String,
    /// When it was measured, ms since 1970 in UTC.
    pub time_ms: i64,
    /// The commit.
    pub revision: Option<String>,
    /// The value; NaN when there is none.
    pub value: f64,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Samples behind it.
    pub n: u64,
    /// The samples, where the other tool kept them.
    pub samples: Vec<f64>,
}

/// What an import came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Points that are new.
    pub added: u64,
    /// Points that were there already.
    pub known: u64,
    /// Series that the points belong to.
    pub series: u64,
}

/// Points of one transaction: enough that making it durable costs little, few enough that others need not wait long.
const BATCH_POINTS: usize = 50_000;

/// Samples of one transaction.
const BATCH_SAMPLES: usize = 1_000_000;

/// Equal points of one import that are at most this far apart are counted; a bound, so that memory stays small. Exports
/// are in the order of series and time, equal points next to each other.
const NEAR_POINTS: usize = 200_000;

impl Store {
    /// Adds points from elsewhere. A point with the time, value and revision of one that its series already has is not
    /// added again, so an import that ended early is simply repeated. Of several equal ones here, the k-th is known when
    /// the series already has k of them, provided that they are within [`NEAR_POINTS`] of each other.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written; whole batches before it are kept.
    pub fn import(
        &mut self,
        points: impl IntoIterator<Item = ImportPoint>,
    ) -> Result<ImportCounts, StoreError> {
        let mut import = Import::default();
        let (mut batch, mut samples) = (Vec::new(), 0);
        for point in points {
            samples += point.samples.len();
            batch.push(point);
            if batch.len() >= BATCH_POINTS || samples >= BATCH_SAMPLES {
                import.flush(self, &mut batch)?;
                samples = 0;
            }
        }
        import.flush(self, &mut batch)?;
        import.counts.series = import.series.len() as u64;
        Ok(import.counts)
    }

    /// The samples of imported points of `series`, with their times; points without samples are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn imported_samples(&self, series: i64) -> Result<Vec<(i64, Vec<f64>)>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT time_ms, samples FROM point_samples WHERE series = ?1 ORDER BY time_ms, seq",
                )?
                .query_map([series], |row| {
                    let bytes = row.get_ref(1)?.as_blob()?;
                    Ok((row.get(0)?, unpack_values(bytes)?))
                })?
                .collect()
        })
    }
}

#[derive(Default)]
struct Import {
    counts: ImportCounts,
    /// Numbers of series by their key.
    series: HashMap<String, i64>,
    revisions: HashMap<String, i64>,
    seen: Seen,
}

/// What makes points equal: series, time, the bits of the value, revision.
type Same = (i64, i64, Option<u64>, Option<i64>);

/// How many equal points this import has had so far: of the last [`NEAR_POINTS`] at least.
#[derive(Default)]
struct Seen {
    now: HashMap<Same, u32>,
    before: HashMap<Same, u32>,
}

impl Seen {
    /// Counts `row`; the how-manieth of its kind it is.
    fn count(&mut self, row: &Row) -> u32 {
        if self.now.len() >= NEAR_POINTS {
            self.before = std::mem::take(&mut self.now);
        }
        // SQLite holds 0 and -0 for equal.
        let bits = |value: f64| (value + 0.0).to_bits();
        let point = &row.point;
        let same = (
            row.series,
            point.time_ms,
            point.value.map(bits),
            point.revision,
        );
        let before = &self.before;
        let count = self
            .now
            .entry(same)
            .or_insert_with(|| before.get(&same).copied().unwrap_or(0));
        *count += 1;
        *count
    }
}

/// A point whose names have become numbers.
struct Row {
    series: i64,
    point: NewPoint,
    samples: Vec<f64>,
}

impl Import {
    fn flush(&mut self, store: &mut Store, batch: &mut Vec<ImportPoint>) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let points = std::mem::take(batch);
        let before = points.len() as u64;
        let added = store.write(|transaction| {
            let mut key = String::new();
            let mut rows = Vec::with_capacity(points.len());
            for point in points {
                rows.push(self.row(transaction, point, &mut key)?);
            }
            // In the order of the file; whatever has the same time stays in the order it came in.
            rows.sort_by_key(|row| (row.series, row.point.time_ms));
            add(transaction, &rows, &mut self.seen)
        })?;
        self.counts.added += added;
        self.counts.known += before - added;
        Ok(())
    }

    fn row(
        &mut self,
        connection: &Connection,
        point: ImportPoint,
        key: &mut String,
    ) -> rusqlite::Result<Row> {
        let metric = &point.metric;
        key.clear();
        for part in [&point.case, &metric.name, &point.machine, &metric.unit] {
            key.push_str(part);
            key.push('\0');
        }
        key.push(char::from(b'0' + metric.direction as u8));
        key.push(char::from(b'0' + metric.kind as u8));
        let series = match self.series.get(key) {
            Some(series) => *series,
            None => {
                let series = series_id(connection, &point.case, metric, &point.machine)?;
                self.series.insert(key.clone(), series);
                series
            }
        };
        let revision = match point.revision {
            None => None,
            Some(name) => Some(match self.revisions.get(&name) {
                Some(id) => *id,
                None => {
                    let id = revision_id(connection, &name)?;
                    self.revisions.insert(name, id);
                    id
                }
            }),
        };
        Ok(Row {
            series,
            point: NewPoint {
                time_ms: point.time_ms,
                run: None,
                revision,
                value: Some(point.value).filter(|value| !value.is_nan()),
                low: point.low.filter(|low| !low.is_nan()),
                high: point.high.filter(|high| !high.is_nan()),
                n: i64::try_from(point.n).unwrap_or(i64::MAX),
            },
            samples: point.samples,
        })
    }
}

/// Adds rows that are sorted by series and time; how many were new.
fn add(connection: &Connection, rows: &[Row], seen: &mut Seen) -> rusqlite::Result<u64> {
    let mut insert = connection.prepare_cached(INSERT)?;
    let mut total = 0;
    for series in rows.chunk_by(|a, b| a.series == b.series) {
        let (mut added, mut first, mut last) = (0, i64::MAX, i64::MIN);
        for row in series {
            if add_one(connection, &mut insert, row, seen.count(row))? {
                added += 1;
                first = first.min(row.point.time_ms);
                last = last.max(row.point.time_ms);
            }
        }
        if added > 0 {
            count_points(connection, series[0].series, added, first, last)?;
        }
        total += added.unsigned_abs();
    }
    Ok(total)
}

fn add_one(
    connection: &Connection,
    insert: &mut Statement<'_>,
    row: &Row,
    turn: u32,
) -> rusqlite::Result<bool> {
    let time_ms = row.point.time_ms;
    let mut seq = 0;
    if !insert_point(insert, row.series, &row.point, 0)? {
        if is_known(connection, row, turn)? {
            return Ok(false);
        }
        seq = next_seq(connection, row.series, time_ms)?;
        insert_point(insert, row.series, &row.point, seq)?;
    }
    if !row.samples.is_empty() {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO point_samples (series, time_ms, seq, samples) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![row.series, time_ms, seq, pack_values(&row.samples)?])?;
    }
    Ok(true)
}

/// Whether the series has `turn` points equal to `row`. Those that this import added count as well: before the k-th there
/// are k - 1 of them at most, so k means that they were there.
fn is_known(connection: &Connection, row: &Row, turn: u32) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT count(*) >= ?5 FROM point WHERE series = ?1 AND time_ms = ?2 AND value IS ?3 AND revision IS ?4",
        )?
        .query_row(
            params![row.series, row.point.time_ms, row.point.value, row.point.revision, turn],
            |found| found.get(0),
        )
}
