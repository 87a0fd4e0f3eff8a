//! Runs: which there are, and one of them whole.

use benchhost_record::{CaseResult, Run, RunState};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Store, StoreError,
    document::{unpack, unpack_samples},
    names::meant,
};

/// A run as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Name of the run.
    pub id: String,
    /// Start, ms since 1970 in UTC.
    pub started_ms: i64,
    /// End; absent while running, or after a crash.
    pub finished_ms: Option<i64>,
    /// Whether it came to its end.
    pub state: RunState,
    /// The suite, when there is one.
    pub suite: Option<String>,
    /// The commit.
    pub revision: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// Whether the work tree differed from the commit.
    pub dirty: bool,
    /// Fingerprint of the machine; empty when unknown.
    pub machine: String,
    /// Cases that are finished.
    pub cases: u64,
    /// Cases that failed.
    pub failed: u64,
    /// Cases that the plan had.
    pub planned: u64,
}

/// What [`run_row`] expects, and the number of the run.
pub(super) const RUNS: &str =
    "SELECT name, started_ms, finished_ms, state, suite, revision, branch, dirty, machine, planned,
         (SELECT count(*) FROM result WHERE run = run.id),
         (SELECT ifnull(sum(failed), 0) FROM result WHERE run = run.id), id
     FROM run";

impl Store {
    /// The runs, newest first; all or only the last.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn runs(&self, last: Option<usize>) -> Result<Vec<RunRow>, StoreError> {
        let limit = last.map_or(-1, |last| i64::try_from(last).unwrap_or(-1));
        self.read(|connection| {
            let sql = format!("{RUNS} ORDER BY started_ms DESC, id DESC LIMIT ?1");
            connection
                .prepare_cached(&sql)?
                .query_map([limit], run_row)?
                .collect()
        })
    }

    /// The run called `name`: its id, the unmistakable beginning of one, `last`, or `last~N` for the N-th before it.
    /// Samples that were dropped are missing.
    ///
    /// # Errors
    /// [`StoreError::NoRun`], [`StoreError::Ambiguous`], and when the history cannot be read.
    pub fn run(&self, name: &str) -> Result<Run, StoreError> {
        let id = self.run_number(name)?;
        self.read(|connection| read_run(connection, id))
    }

    /// What is known of the last runs of `machine` as wholes, newest first: without their cases.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn heads(&self, machine: &str, last: usize) -> Result<Vec<Run>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT document FROM run WHERE document IS NOT NULL AND machine = ?1
                     ORDER BY started_ms DESC, id DESC LIMIT ?2",
                )?
                .query_map(
                    params![machine, i64::try_from(last).unwrap_or(i64::MAX)],
                    |row| unpack(row.get_ref(0)?.as_blob()?),
                )?
                .collect()
        })
    }

    /// The id of the run called `name`, as [`run`](Self::run) understands it.
    ///
    /// # Errors
    /// [`StoreError::NoRun`], [`StoreError::Ambiguous`], and when the history cannot be read.
    pub fn run_id(&self, name: &str) -> Result<String, StoreError> {
        let number = self.run_number(name)?;
        self.read(|connection| {
            connection.query_row("SELECT name FROM run WHERE id = ?1", [number], |row| {
                row.get(0)
            })
        })
    }

    /// The number of the run called `name`, as [`run`](Self::run) understands it.
    ///
    /// # Errors
    /// [`StoreError::NoRun`], [`StoreError::Ambiguous`], and when the history cannot be read.
    pub fn run_number(&self, name: &str) -> Result<i64, StoreError> {
        let found = self.read(|connection| match steps_back(name) {
            Some(back) => connection
                .prepare(
                    "SELECT id, name FROM run ORDER BY started_ms DESC, id DESC LIMIT 1 OFFSET ?1",
                )?
                .query_map([back], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>(),
            None => beginning_with(connection, name),
        })?;
        match found.as_slice() {
            [(id, _)] => Ok(*id),
            [] => Err(StoreError::NoRun {
                path: self.path.clone(),
                name: name.to_owned(),
                near: self.similar(name)?,
            }),
            all => match all.iter().find(|(_, id)| id == name) {
                Some((id, _)) => Ok(*id),
                None => Err(StoreError::Ambiguous {
                    name: name.to_owned(),
                    count: all.len(),
                    first: all[0].1.clone(),
                    second: all[1].1.clone(),
                }),
            },
        }
    }

    fn similar(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut names: Vec<String> = self.read(|connection| {
            connection
                .prepare("SELECT name FROM run ORDER BY started_ms DESC, id DESC LIMIT 1000")?
                .query_map([], |row| row.get(0))?
                .collect()
        })?;
        names.push("last".to_owned());
        Ok(benchhost_plan::closest(name, &names))
    }
}

pub(super) fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
    Ok(RunRow {
        id: row.get(0)?,
        started_ms: row.get(1)?,
        finished_ms: row.get(2)?,
        state: meant(row.get(3)?)?,
        suite: row.get(4)?,
        revision: row.get(5)?,
        branch: row.get(6)?,
        dirty: row.get(7)?,
        machine: row.get(8)?,
        planned: count(9)?,
        cases: count(10)?,
        failed: count(11)?,
    })
}

/// `last` is 0, `last~2` is 2.
fn steps_back(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("last")?;
    if rest.is_empty() {
        return Some(0);
    }
    let back: u32 = rest.strip_prefix('~')?.parse().ok()?;
    Some(i64::from(back))
}

fn beginning_with(connection: &Connection, name: &str) -> rusqlite::Result<Vec<(i64, String)>> {
    if name.is_empty() {
        return Ok(Vec::new());
    }
    connection
        .prepare("SELECT id, name FROM run WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name")?
        .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn read_run(connection: &Connection, id: i64) -> rusqlite::Result<Run> {
    let moment = connection.unchecked_transaction()?;
    let head: Option<Vec<u8>> = moment
        .query_row("SELECT document FROM run WHERE id = ?1", [id], |row| {
            row.get(0)
        })
        .optional()?;
    let mut run: Run = unpack(&head.unwrap_or_default())?;
    let mut statement = moment.prepare(
        "SELECT document, samples FROM result WHERE run = ?1 ORDER BY place IS NULL, place, id",
    )?;
    let mut rows = statement.query(params![id])?;
    while let Some(row) = rows.next()? {
        let mut result: CaseResult = unpack(row.get_ref(0)?.as_blob()?)?;
        if let Some(samples) = row.get_ref(1)?.as_blob_or_null()? {
            let all = unpack_samples(samples)?;
            for (measurement, samples) in result.measurements.iter_mut().zip(all) {
                measurement.samples = samples;
            }
        }
        run.cases.push(result);
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::steps_back;

    #[test]
    fn last_counts_backwards_and_nothing_else_does() {
        assert_eq!(steps_back("last"), Some(0));
        assert_eq!(steps_back("last~12"), Some(12));
        assert_eq!(steps_back("last~"), None);
        assert_eq!(steps_back("lasting"), None);
        assert_eq!(steps_back("20261121"), None);
    }
}
