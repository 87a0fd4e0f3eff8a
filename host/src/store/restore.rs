//! A backup takes the place of the history; what was there is kept aside.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    Store, StoreError,
    backup::{Check, beside, copy, finish, io, problems},
    begin, location,
};

/// How long restoring waits for programs that have the history open.
const PATIENCE: Duration = Duration::from_secs(2);

impl Store {
    /// Puts the backup `from` in the place of the history at `path`, after having seen that it is whole and of a known
    /// format. What was there, whole or damaged, is kept as `PATH.before-restore` (or `.before-restore-2`, …); its name
    /// is returned when there was something.
    ///
    /// # Errors
    /// [`StoreError::BadBackup`], [`StoreError::InUse`] while others have the history open, and when files cannot be
    /// written. Nothing is changed then.
    pub fn restore(path: &Path, from: &Path) -> Result<Option<PathBuf>, StoreError> {
        let backup = checked(from)?;
        location::make_folder(path)?;
        let new = beside(path)?;
        copy(&backup, new.path()).map_err(|error| StoreError::from_sql(path, error))?;
        finish(&new, path)?;
        let mut aside = None;
        if path.symlink_metadata().is_ok() {
            quiesce(path)?;
            aside = Some(keep_aside(path)?);
        }
        new.persist(path)
            .map_err(|error| io("write", path, error.error))?;
        Ok(aside)
    }
}

/// The backup, open, after having been read to its end.
fn checked(from: &Path) -> Result<Connection, StoreError> {
    let bad = |detail: String| StoreError::BadBackup {
        path: from.to_owned(),
        detail,
    };
    let metadata = fs::metadata(from).map_err(|error| io("read the backup", from, error))?;
    if !metadata.is_file() {
        return Err(bad("it is no file".to_owned()));
    }
    let backup = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|error| StoreError::from_sql(from, error))?;
    match begin::check(&backup, from) {
        Ok(0) => return Err(bad("it is empty".to_owned())),
        Ok(_) => {}
        Err(StoreError::Damaged { detail, .. }) => return Err(bad(detail)),
        Err(other) => return Err(other),
    }
    match problems(&backup, Check::Full) {
        Ok(found) if found.is_empty() => Ok(backup),
        Ok(found) => Err(bad(found.join("; "))),
        Err(error) => Err(bad(error.to_string())),
    }
}

/// Brings everything of a healthy history into its one file, and makes sure that nobody has it open. One that cannot be
/// read is left as it is.
fn quiesce(path: &Path) -> Result<(), StoreError> {
    let attempt = || -> rusqlite::Result<()> {
        let mut old = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        old.busy_handler(Some(begin::patient(PATIENCE)))?;
        // In this mode SQLite wants the file alone; every other connection, even an idle one, is in the way.
        old.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let whole = old.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
        whole.rollback()?;
        old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    };
    match attempt().map_err(|error| StoreError::from_sql(path, error)) {
        Err(StoreError::InUse { path, .. }) => Err(StoreError::InUse {
            path,
            detail: "a restore needs it alone".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Gives what is at `path` a second name, and moves its log away.
fn keep_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let free = (1..).map(|number| match number {
        1 => ".before-restore".to_owned(),
        _ => format!(".before-restore-{number}"),
    });
    for suffix in free {
        // A second name instead of another one: there is no moment without a history.
        match fs::hard_link(path, named(&suffix)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(io("keep a copy of", path, error)),
        }
        for log in ["-wal", "-shm"] {
            if named(log).exists() {
                fs::rename(named(log), named(&format!("{suffix}{log}")))
                    .map_err(|error| io("move", &named(log), error))?;
            }
        }
        return Ok(named(&suffix));
    }
    unreachable!("there is always a free number")
}
