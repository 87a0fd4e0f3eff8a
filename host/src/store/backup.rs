//! A copy of the history while others write it, and the question whether one is whole.

use std::path::Path;

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{Store, StoreError};

/// Pages copied before others get a chance; all of them are of one moment, because a reader of the log holds that moment.
const ALL_PAGES: i32 = -1;

/// Whether a history is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// What SQLite found wrong; empty when the file is whole.
    pub problems: Vec<String>,
}

impl Integrity {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Store {
    /// Copies the history to the new file `to`, of one moment, while others may write. The file appears when it is whole.
    ///
    /// # Errors
    /// [`StoreError::Exists`], and when either file cannot be read or written.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let exists = || StoreError::Exists {
            path: to.to_owned(),
        };
        if to.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let new = beside(to)?;
        copy(&self.connection, new.path()).map_err(|error| StoreError::from_sql(to, error))?;
        finish(&new, to)?;
        match new.persist_noclobber(to) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
            Err(error) => Err(io("write", to, error.error)),
        }
    }

    /// Reads the whole file and looks for damage, and whether the counts of points are right.
    ///
    /// # Errors
    /// [`StoreError`] when not even that can be done.
    pub fn integrity(&self) -> Result<Integrity, StoreError> {
        self.read(|connection| {
            let mut problems = problems(connection, Check::Full)?;
            let wrong: i64 = connection.query_row(
                "SELECT count(*) FROM series LEFT JOIN
                     (SELECT series, count(*) AS counted FROM point GROUP BY series) ON series = id
                 WHERE points <> ifnull(counted, 0)",
                [],
                |row| row.get(0),
            )?;
            if wrong > 0 {
                problems.push(format!(
                    "{wrong} series have another number of points than they say"
                ));
            }
            Ok(Integrity { problems })
        })
    }
}

/// How thoroughly to look for damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Every page.
    Quick,
    /// Whether indexes agree with their tables, too.
    Full,
}

/// What `PRAGMA integrity_check` says beyond `ok`.
pub(super) fn problems(connection: &Connection, check: Check) -> rusqlite::Result<Vec<String>> {
    let sql = match check {
        Check::Quick => "PRAGMA quick_check(5)",
        Check::Full => "PRAGMA integrity_check(20)",
    };
    let mut found: Vec<String> = connection
        .prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    found.retain(|line| line != "ok");
    for line in &mut found {
        *line = line.replace('\n', " ");
    }
    Ok(found)
}

/// A file that will become `path`, in the same folder, so that it can take the name in one step.
pub(super) fn beside(path: &Path) -> Result<tempfile::NamedTempFile, StoreError> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".history-")
        .suffix(".db")
        .tempfile_in(folder)
        .map_err(|error| io("write into the folder", folder, error))
}

/// Copies all pages of `from` into the file `to`.
pub(super) fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open(to)?;
    {
        let backup = Backup::new(from, &mut target)?;
        let mut wait = super::begin::patient(super::begin::PATIENCE);
        for attempt in 0.. {
            match backup.step(ALL_PAGES)? {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked if !wait(attempt) => {
                    return Err(rusqlite::Error::SqliteFailure(
                        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                        None,
                    ));
                }
                _ => {}
            }
        }
    }
    // One file without a log beside it, until it is opened as a history.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)
}

/// Makes the copy durable, with the mode of any other file.
pub(super) fn finish(new: &tempfile::NamedTempFile, path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = new.as_file();
    file.sync_all()
        .and_then(|()| file.set_permissions(std::fs::Permissions::from_mode(0o644)))
        .map_err(|error| io("write", path, error))
}

pub(super) fn io(what: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
