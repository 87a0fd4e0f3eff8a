//! What can go wrong with a history: a sentence that names the file, and the way out.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such file.
    #[error("there is no history at `{}`", path.display())]
    Missing {
        /// The history.
        path: PathBuf,
    },
    /// A file of no bytes.
    #[error("there is no history at `{}`: the file is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A folder or file around the history cannot be made, moved or read.
    #[error("cannot {what} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `make the folder`.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be opened at all.
    #[error("cannot open the history `{}`: {detail}", path.display())]
    CannotOpen {
        /// The history.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// An SQLite file of another program.
    #[error("`{}` is an SQLite file, but no history of benchhost", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error(
        "the history `{}` was written by a newer benchhost: its format is {found}, this version knows up to {known}",
        path.display()
    )]
    Newer {
        /// The history.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest format that is known here.
        known: i64,
    },
    /// Not an SQLite file, or one with wrong content.
    #[error("the history `{}` is damaged: {detail}", path.display())]
    Damaged {
        /// The history.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// No space, or no right to make the file larger.
    #[error("cannot write the history `{}`: {detail}", path.display())]
    Full {
        /// The history.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The file or its folder may not be written.
    #[error("cannot write the history `{}`: it is read-only", path.display())]
    ReadOnly {
        /// The history.
        path: PathBuf,
    },
    /// Others did not let go of it.
    #[error("the history `{}` is in use by another program: {detail}", path.display())]
    InUse {
        /// The history.
        path: PathBuf,
        /// How long was waited, or what was tried.
        detail: String,
    },
    /// No run of that name.
    #[error("the history `{}` has no run `{name}`{}", path.display(), near.as_ref().map_or_else(String::new, |near| format!(" (did you mean `{near}`?)")))]
    NoRun {
        /// The history.
        path: PathBuf,
        /// As it was typed.
        name: String,
        /// A run with a similar name.
        near: Option<String>,
    },
    /// Several runs begin like that.
    #[error("`{name}` is the beginning of {count} runs, {first} and {second} among them")]
    Ambiguous {
        /// As it was typed.
        name: String,
        /// How many.
        count: usize,
        /// One of them.
        first: String,
        /// Another one.
        second: String,
    },
    /// A pattern that is none.
    #[error("`{glob}` is no pattern: {detail}")]
    BadGlob {
        /// As it was typed.
        glob: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Backups never replace a file.
    #[error("`{}` exists already, a backup does not replace it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// What should be restored is not whole.
    #[error("`{}` is not restored: {detail}", path.display())]
    BadBackup {
        /// The backup.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Anything else SQLite said.
    #[error("the history `{}`: {detail}", path.display())]
    Other {
        /// The history.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
}

impl StoreError {
    /// The error of SQLite in our words.
    pub(super) fn from_sql(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let detail = words(&error);
        if matches!(error, rusqlite::Error::FromSqlConversionFailure(..)) {
            return Self::Damaged { path, detail };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, detail }
            }
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::TooBig) => {
                Self::Full { path, detail }
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::CannotOpen) => Self::CannotOpen { path, detail },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                let detail = format!("waited {} s", super::begin::PATIENCE.as_secs());
                Self::InUse { path, detail }
            }
            _ => Self::Other { path, detail },
        }
    }

    /// Whether what was typed is the cause, rather than the state of the world.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Missing { .. }
            | Self::Empty { .. }
            | Self::Foreign { .. }
            | Self::Newer { .. }
            | Self::NoRun { .. }
            | Self::Ambiguous { .. }
            | Self::BadGlob { .. }
            | Self::Exists { .. }
            | Self::BadBackup { .. } => true,
            Self::Io { .. }
            | Self::CannotOpen { .. }
            | Self::Damaged { .. }
            | Self::Full { .. }
            | Self::ReadOnly { .. }
            | Self::InUse { .. }
            | Self::Other { .. } => false,
        }
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { .. } | Self::Empty { .. } => {
                "`benchhost run` makes one; --store PATH or BENCHHOST_STORE names another".to_owned()
            }
            Self::Io { .. } | Self::CannotOpen { .. } | Self::ReadOnly { .. } => {
                "--store PATH or BENCHHOST_STORE names another place, `run --no-store` keeps run.json only".to_owned()
            }
            Self::Foreign { .. } => "name another file with --store PATH".to_owned(),
            Self::Newer { .. } => {
                "use that version of benchhost, or name another file with --store PATH".to_owned()
            }
            Self::Damaged { path, .. } => format!(
                "`benchhost history restore BACKUP --store {0}` brings back a backup; without one, move {0} away and the \
                 next run begins a new history",
                path.display()
            ),
            Self::Full { .. } => {
                "make room (`benchhost history compact` helps), or name another place with --store PATH".to_owned()
            }
            Self::InUse { .. } => "end the other program, or try again later".to_owned(),
            Self::NoRun { .. } | Self::Ambiguous { .. } => {
                "`benchhost history list` shows the runs; `last` and `last~1` are names, too".to_owned()
            }
            Self::BadGlob { .. } => "`*` stands for anything: `--case 'contrastive/*batch=32*'`".to_owned(),
            Self::Exists { .. } => "name a file that does not exist yet".to_owned(),
            Self::BadBackup { .. } => "nothing was changed; try an older backup".to_owned(),
            Self::Other { .. } => return None,
        };
        Some(hint)
    }
}

/// What SQLite said, without rusqlite's words around it.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::FromSqlConversionFailure(_, _, cause) => cause.to_string(),
        other => other.to_string(),
    }
}
