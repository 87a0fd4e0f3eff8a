//! Drops what the retention policy does not keep, and gives the space back to the file system.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{
    Store, StoreError,
    backup::{Check, problems},
    keep::{Keep, Retention, kept},
    series::recount,
};

/// What compacting came to, or would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Points that were dropped.
    pub points: u64,
    /// Runs that were dropped, because no series has a point of theirs any more.
    pub runs: u64,
    /// Results whose samples were dropped.
    pub samples: u64,
    /// Size of the file before, bytes.
    pub bytes_before: u64,
    /// Size of the file after; the same as before when nothing was really done.
    pub bytes_after: u64,
}

/// Series, runs or results of one transaction, so that nobody who measures waits long.
const BATCH: usize = 500;

/// Pages given back in one go.
const VACUUM_PAGES: u32 = 4096;

impl Store {
    /// Drops points, runs and samples as `retention` says, counted from now. With `dry_run` it only counts.
    ///
    /// Works in many transactions: others may write meanwhile, and whatever ends it in the middle leaves a whole history.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file is not whole, nothing is dropped then; [`StoreError`] when the history cannot be
    /// read or written.
    pub fn compact(
        &mut self,
        retention: &Retention,
        dry_run: bool,
    ) -> Result<Compacted, StoreError> {
        self.compact_at(retention, dry_run, Timestamp::now().as_millisecond())
    }

    pub(super) fn compact_at(
        &mut self,
        retention: &Retention,
        dry_run: bool,
        now_ms: i64,
    ) -> Result<Compacted, StoreError> {
        let problems = self.read(|connection| problems(connection, Check::Quick))?;
        if !problems.is_empty() {
            return Err(StoreError::Damaged {
                path: self.path.clone(),
                detail: problems.join("; "),
            });
        }
        let mut done = Compacted {
            bytes_before: self.size()?,
            ..Compacted::default()
        };
        if retention.points != Keep::All {
            self.drop_points(retention.points, now_ms, dry_run, &mut done)?;
        }
        if let Some(age) = retention.drop_samples_after {
            let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            done.samples = self.drop_samples(now_ms.saturating_sub(age_ms), dry_run)?;
        }
        if !dry_run {
            self.give_back()?;
        }
        done.bytes_after = self.size()?;
        Ok(done)
    }

    fn drop_points(
        &mut self,
        keep: Keep,
        now_ms: i64,
        dry_run: bool,
        done: &mut Compacted,
    ) -> Result<(), StoreError> {
        let ids = self.ids("SELECT id FROM series ORDER BY id")?;
        let runs = self.ids("SELECT id FROM run ORDER BY id")?;
        let mut alive = HashSet::new();
        for batch in ids.chunks(BATCH) {
            let mut thin = |connection: &Connection| {
                let mut dropped = 0;
                for id in batch {
                    dropped += thin_series(connection, *id, keep, now_ms, dry_run, &mut alive)?;
                }
                Ok(dropped)
            };
            done.points += if dry_run {
                self.read(thin)?
            } else {
                self.write(|transaction| thin(transaction))?
            };
        }
        let dead: Vec<i64> = runs
            .into_iter()
            .filter(|run| !alive.contains(run))
            .collect();
        for batch in dead.chunks(BATCH) {
            done.runs += if dry_run {
                self.read(|connection| had_points(connection, batch))?
            } else {
                self.write(|transaction| drop_runs(transaction, batch))?
            };
        }
        Ok(())
    }

    fn drop_samples(&mut self, before_ms: i64, dry_run: bool) -> Result<u64, StoreError> {
        let condition = "samples IS NOT NULL AND run IN (SELECT id FROM run WHERE started_ms < ?1)";
        let results: Vec<i64> = self.read(|connection| {
            connection
                .prepare(&format!("SELECT id FROM result WHERE {condition}"))?
                .query_map([before_ms], |row| row.get(0))?
                .collect()
        })?;
        let mut dropped = results.len() as u64;
        if dry_run {
            let sql = "SELECT count(*) FROM point_samples WHERE time_ms < ?1";
            let imported: i64 =
                self.read(|connection| connection.query_row(sql, [before_ms], |row| row.get(0)))?;
            return Ok(dropped + imported.unsigned_abs());
        }
        for batch in results.chunks(BATCH) {
            self.write(|transaction| {
                let mut drop =
                    transaction.prepare("UPDATE result SET samples = NULL WHERE id = ?1")?;
                batch
                    .iter()
                    .try_for_each(|id| drop.execute([id]).map(|_| ()))
            })?;
        }
        dropped += self.write(|transaction| {
            transaction.execute("DELETE FROM point_samples WHERE time_ms < ?1", [before_ms])
        })? as u64;
        Ok(dropped)
    }

    /// Gives free pages back, some at a time, and empties the log.
    fn give_back(&mut self) -> Result<(), StoreError> {
        self.read(|connection| {
            let free = |connection: &Connection| {
                connection.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0))
            };
            let mut left = free(connection)?;
            while left > 0 {
                // One step for each page.
                let mut vacuum =
                    connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
                let mut rows = vacuum.query([])?;
                while rows.next()?.is_some() {}
                let now = free(connection)?;
                if now >= left {
                    break;
                }
                left = now;
            }
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let number =
                |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            Ok((number("page_count")? * number("page_size")?).unsigned_abs())
        })
    }

    fn ids(&self, sql: &str) -> Result<Vec<i64>, StoreError> {
        self.read(|connection| {
            connection
                .prepare(sql)?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }
}

/// Drops what is not kept of one series; how many points. Runs of points that stay become `alive`.
fn thin_series(
    connection: &Connection,
    id: i64,
    keep: Keep,
    now_ms: i64,
    dry_run: bool,
    alive: &mut HashSet<i64>,
) -> rusqlite::Result<u64> {
    let mut points: Vec<(i64, bool)> = Vec::new();
    let mut origins: Vec<(i64, Option<i64>)> = Vec::new();
    let mut select = connection.prepare_cached(
        "SELECT time_ms, value IS NOT NULL, seq, run FROM point WHERE series = ?1
         ORDER BY series, time_ms, seq",
    )?;
    let mut rows = select.query([id])?;
    while let Some(row) = rows.next()? {
        points.push((row.get(0)?, row.get(1)?));
        origins.push((row.get(2)?, row.get(3)?));
    }
    let stays = kept(&points, keep, now_ms);
    let mut dropped = 0;
    for (index, stays) in stays.into_iter().enumerate() {
        let (time_ms, (seq, run)) = (points[index].0, origins[index]);
        if stays {
            alive.extend(run);
            continue;
        }
        dropped += 1;
        if !dry_run {
            for table in ["point", "point_samples"] {
                let sql =
                    format!("DELETE FROM {table} WHERE series = ?1 AND time_ms = ?2 AND seq = ?3");
                connection
                    .prepare_cached(&sql)?
                    .execute(params![id, time_ms, seq])?;
            }
        }
    }
    if dropped > 0 && !dry_run {
        recount(connection, id)?;
    }
    Ok(dropped)
}

/// A run that once put points into series: one with a case that was not skipped.
const HAD_POINTS: &str =
    "EXISTS (SELECT 1 FROM result WHERE result.run = run.id AND outcome <> 'skipped')";

fn had_points(connection: &Connection, runs: &[i64]) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM run WHERE id = ?1 AND {HAD_POINTS}");
    let mut count = connection.prepare(&sql)?;
    let mut found = 0;
    for run in runs {
        found += count
            .query_row([run], |row| row.get::<_, i64>(0))?
            .unsigned_abs();
    }
    Ok(found)
}

/// Drops those of `runs` that had points and have none now. Looked at again in this transaction, because a run may have
/// stored a case since.
fn drop_runs(transaction: &Transaction<'_>, runs: &[i64]) -> rusqlite::Result<u64> {
    let sql = format!(
        "DELETE FROM run WHERE id = ?1 AND {HAD_POINTS} AND NOT EXISTS (
             SELECT 1 FROM result JOIN series ON series.name = result.name
                 JOIN point ON point.series = series.id AND point.time_ms = run.started_ms
             WHERE result.run = run.id AND point.run = run.id)"
    );
    let mut delete = transaction.prepare(&sql)?;
    let mut dropped = 0;
    for run in runs {
        dropped += delete.execute([run])? as u64;
    }
    Ok(dropped)
}
