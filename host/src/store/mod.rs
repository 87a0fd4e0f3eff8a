//! The history store: every run, result, point and alert in one SQLite file that many hosts may write at once.
//!
//! Write-ahead log, `synchronous = FULL`, one `BEGIN IMMEDIATE` transaction for each finished case: what was said to be
//! stored survives `kill -9` and a power cut; writers wait for each other instead of failing. No verdicts here: rules
//! and change points read series through [`Store::points`] and [`Store::for_each_series`].

mod alert;
mod backup;
mod begin;
mod compact;
mod document;
mod error;
mod import;
mod keep;
mod location;
mod names;
mod page;
mod point;
mod restore;
mod run;
mod series;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    backup::Integrity,
    compact::Compacted,
    error::StoreError,
    import::{ImportCounts, ImportPoint},
    keep::{Keep, Retention},
    location::{DEFAULT_PATH, STORE_VARIABLE, path as located},
    page::{Order, Page, PointKey, RunHead, RunKey},
    point::PointRow,
    run::RunRow,
    series::{SeriesFilter, SeriesRow},
};

/// Tells a history from other SQLite files: "bhhs".
const APPLICATION_ID: i32 = 0x6268_6873;

/// An open history. One connection: threads that read side by side open one each.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does `work` with the connection; errors get the file's name.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.connection).map_err(|error| StoreError::from_sql(&self.path, error))
    }

    /// Does `work` in one transaction that holds the right to write from its beginning, so that it waits at its start or
    /// not at all.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let path = &self.path;
        let attempt = || {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        attempt().map_err(|error| StoreError::from_sql(path, error))
    }
}
