//! Opens a history: creates it, brings older formats forward, refuses what it does not know.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{APPLICATION_ID, Store, StoreError, location};

/// How long a writer waits for others.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Steps from one format to the next; the format of a file is the number of steps it has seen.
const STEPS: [&str; 1] = [include_str!("schema/001.sql")];

/// Newest format that is known.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// Pages of the cache, in KiB as SQLite wants it: negative.
const CACHE_KIB: i64 = -16 * 1024;

/// The log is cut to this after a checkpoint, so that one large import does not leave a large file for ever.
const LOG_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

impl Store {
    /// Opens the history at `path`, makes it when there is none, and brings an older format forward.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be made, or the file is damaged, another program's, of a newer format, or
    /// cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        location::make_folder(path)?;
        match Self::connect(path, OpenFlags::SQLITE_OPEN_CREATE) {
            Err(StoreError::CannotOpen { .. }) if is_readable(path) => Err(StoreError::ReadOnly {
                path: path.to_owned(),
            }),
            other => other,
        }
    }

    /// Opens the history at `path`, which must exist. Where nothing may be written, on a read-only file system for
    /// example, it can be read, and writing is refused as [`StoreError::ReadOnly`].
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Empty`], and as [`open`](Self::open).
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        let path_of = || path.to_owned();
        match fs::metadata(path) {
            Err(_) => return Err(StoreError::Missing { path: path_of() }),
            // SQLite would take it for a new one and write into it, for somebody who only reads.
            Ok(about) if about.is_file() && about.len() == 0 && !has_log(path) => {
                return Err(StoreError::Empty { path: path_of() });
            }
            Ok(_) => {}
        }
        match Self::connect(path, OpenFlags::empty()) {
            Err(refused @ (StoreError::CannotOpen { .. } | StoreError::ReadOnly { .. }))
                if is_readable(path) && !has_log(path) =>
            {
                Self::connect_still(path).map_err(|error| match error {
                    StoreError::CannotOpen { .. } => refused,
                    other => other,
                })
            }
            other => other,
        }
    }

    /// Opens the history at `path` where there is one: a file without a byte is none yet.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_if_any(path: &Path) -> Result<Option<Self>, StoreError> {
        match Self::open_existing(path) {
            Err(StoreError::Missing { .. } | StoreError::Empty { .. }) => Ok(None),
            opened => opened.map(Some),
        }
    }

    fn connect(path: &Path, more: OpenFlags) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let sql = |error| StoreError::from_sql(path, error);
        let mut connection = Connection::open_with_flags(path, flags).map_err(sql)?;
        connection
            .busy_handler(Some(patient(PATIENCE)))
            .map_err(sql)?;
        let started = Instant::now();
        loop {
            // SQLite does not wait where waiting could be for ever, as when several make one file: wait here.
            match begin(&mut connection, path) {
                Err(StoreError::InUse { .. }) if started.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(2));
                }
                done => break done?,
            }
        }
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// Opens a file that nobody can write, as it is: SQLite makes no log beside it and locks nothing.
    fn connect_still(path: &Path) -> Result<Self, StoreError> {
        let sql = |error| StoreError::from_sql(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(still_uri(path), flags).map_err(sql)?;
        if check(&connection, path)? < NEWEST {
            // To be brought forward, it would have to be written.
            return Err(StoreError::ReadOnly {
                path: path.to_owned(),
            });
        }
        settle(&connection).map_err(sql)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }
}

/// Whether it is a file whose content we may see.
fn is_readable(path: &Path) -> bool {
    fs::File::open(path)
        .and_then(|file| file.metadata())
        .is_ok_and(|about| about.is_file())
}

/// Whether something of the history is in the log beside it only.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|about| about.len() > 0)
}

/// The file in SQLite's words for one that does not change.
fn still_uri(path: &Path) -> OsString {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = b"file://".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(*byte),
            other => uri.extend(format!("%{other:02X}").bytes()),
        }
    }
    uri.extend(b"?mode=ro&immutable=1");
    OsString::from_vec(uri)
}

/// Looks what the file is, and makes it a history of the newest format.
fn begin(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = check(connection, path)?;
    let mut attempt = || {
        if found == 0 {
            // Only a file without any page takes this over; it lets `compact` give space back piece by piece.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        prepare(connection, found)
    };
    attempt().map_err(|error| StoreError::from_sql(path, error))
}

/// The format of the file; 0 for an empty one.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let look = || -> rusqlite::Result<(i32, i64, i64)> {
        // All three of one moment: another host may be making this very file.
        let moment = connection.unchecked_transaction()?;
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get(0));
        let tables = "SELECT count(*) FROM sqlite_schema";
        let seen = (
            connection.pragma_query_value(None, "application_id", |row| row.get(0))?,
            number("user_version")?,
            connection.query_row(tables, [], |row| row.get(0))?,
        );
        moment.finish()?;
        Ok(seen)
    };
    let path = path.to_owned();
    match look() {
        Err(error) => Err(StoreError::from_sql(&path, error)),
        Ok((APPLICATION_ID, found, _)) if found > NEWEST => Err(StoreError::Newer {
            path,
            found,
            known: NEWEST,
        }),
        Ok((APPLICATION_ID, found, _)) => Ok(found),
        Ok((0, 0, 0)) => Ok(0),
        Ok(_) => Err(StoreError::Foreign { path }),
    }
}

/// Sets what every connection needs and brings the format forward.
fn prepare(connection: &mut Connection, found: i64) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    }
    settle(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if found < NEWEST {
        migrate(connection)?;
    }
    Ok(())
}

/// Sets what readers need as well.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    for (name, value) in [
        ("foreign_keys", 1),
        ("cache_size", CACHE_KIB),
        ("journal_size_limit", LOG_LIMIT_BYTES),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// All missing steps in one transaction: a file is of one format or the other, never between.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another host may have been faster.
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", NEWEST.max(found))?;
    transaction.commit()
}

/// Whether to try again, asked by SQLite while another connection holds the lock. Short, uneven naps: SQLite's own
/// handler sleeps 100 ms at a time, which starves one of many writers.
pub(super) fn patient(patience: Duration) -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    move |attempt| {
        if attempt == 0 {
            since = Instant::now();
        }
        let salt = std::process::id() ^ attempt.unsigned_abs().wrapping_mul(0x9E37);
        thread::sleep(Duration::from_micros(300 + 400 * u64::from(salt % 8)));
        since.elapsed() < patience
    }
}
