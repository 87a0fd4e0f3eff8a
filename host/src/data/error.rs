//! What can go wrong with data, in sentences, each with a way out.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use benchhost_record::Bytes;

use super::{Checksum, Entry};

/// Why data cannot be fetched or looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A catalogue is malformed.
    #[error("{file}:{line}: {message}")]
    Catalogue {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The user's catalogue cannot be read.
    #[error("cannot read the catalogue `{}`: {source}", path.display())]
    CatalogueFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The catalogue has no such entry.
    #[error("the catalogue has no `{name}`{}", way_out(near.as_deref(), known))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        near: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// Nobody knows where the cache is.
    #[error(
        "there is no folder for data: BENCHHOST_CACHE is not set, and neither XDG_CACHE_HOME nor HOME is an absolute path"
    )]
    NoFolder,
    /// `--from` cannot be used in this way.
    #[error("{0}")]
    Origin(String),
    /// A file or folder cannot be read or written.
    #[error("cannot {what} `{}`: {}", path.display(), reason(source))]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program that is needed is not there.
    #[error("there is no {program} here to fetch it with")]
    NoClient {
        /// The program.
        program: &'static str,
        /// How to get it.
        remedy: &'static str,
    },
    /// An entry without package was to be fetched without saying where from.
    #[error("{0}")]
    NoPackage(String),
    /// The registry has no such package or version.
    #[error("{program} finds no {what}: {said}")]
    NotFound {
        /// The program.
        program: &'static str,
        /// Package and version, or address.
        what: String,
        /// What it said.
        said: String,
        /// What may help.
        remedy: &'static str,
    },
    /// The other side cannot be reached.
    #[error("{program} cannot reach the source of {what}: {said}")]
    NoNetwork {
        /// The program.
        program: &'static str,
        /// Package and version, or address.
        what: String,
        /// What it said.
        said: String,
    },
    /// The program failed for a reason of its own.
    #[error("{program} failed to fetch {what} ({status}): {said}")]
    ClientFailed {
        /// The program.
        program: &'static str,
        /// Package and version, or address.
        what: String,
        /// How it ended.
        status: String,
        /// What it said.
        said: String,
    },
    /// A transfer ended early, again and again.
    #[error("the transfer of {what} broke off after {}: {said}", Bytes(*kept))]
    BrokeOff {
        /// The address.
        what: String,
        /// What has come.
        kept: u64,
        /// What curl said.
        said: String,
    },
    /// The user ended it.
    #[error("interrupted")]
    Interrupted,
    /// An archive is damaged, or none.
    #[error("the package `{}` is damaged: {source}", path.display())]
    Damaged {
        /// The archive.
        path: PathBuf,
        /// What was found.
        source: io::Error,
    },
    /// An archive does not hold what the catalogue says.
    #[error("the package `{}` has no file `{inside}`", path.display())]
    Lacks {
        /// The archive.
        path: PathBuf,
        /// What was looked for.
        inside: String,
    },
    /// An archive wants to write elsewhere.
    #[error("the package `{}` is refused: it holds `{inside}`, a path that leaves its folder", path.display())]
    Escapes {
        /// The archive.
        path: PathBuf,
        /// The path.
        inside: String,
    },
    /// Another content than the catalogue says.
    #[error(
        "`{what}` is not what the catalogue says: expected {expected}, found {found}; nothing was kept of it"
    )]
    Wrong {
        /// The file.
        what: String,
        /// Its length or checksum.
        expected: String,
        /// What came.
        found: String,
    },
}

/// ` (did you mean `x`?)`, else what there is.
fn way_out(near: Option<&str>, known: &[String]) -> String {
    let Some(near) = near else {
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        return format!(" (there are: {})", known.join(", "));
    };
    format!(" (did you mean `{near}`?)")
}

/// What the system said, in words for what people meet most.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::QuotaExceeded => "the quota is used up".to_owned(),
        ErrorKind::FileTooLarge => "the limit on the size of files is reached".to_owned(),
        _ => error.to_string(),
    }
}

impl DataError {
    /// A file or folder that cannot be read or written.
    pub(super) fn file(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// Content with another checksum.
    pub(super) fn checksum(what: &str, expected: &Checksum, found: &Checksum) -> Self {
        Self::Wrong {
            what: what.to_owned(),
            expected: format!("sha256 {expected}"),
            found: found.to_string(),
        }
    }

    /// As it is, with `address` in place of the file that what came from there is in.
    pub(super) fn of_address(mut self, address: &str) -> Self {
        match &mut self {
            Self::Damaged { path, .. } | Self::Lacks { path, .. } | Self::Escapes { path, .. } => {
                *path = address.into();
            }
            Self::Wrong { what, .. } => *what = address.to_owned(),
            _ => {}
        }
        self
    }

    /// Whether it is the content that is wrong, so that what came is of no use for another try.
    pub(super) fn is_wrong_content(&self) -> bool {
        matches!(
            self,
            Self::Wrong { .. } | Self::Damaged { .. } | Self::Lacks { .. } | Self::Escapes { .. }
        )
    }

    /// Whether what was typed or written is wrong, rather than what was found.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Catalogue { .. }
                | Self::CatalogueFile { .. }
                | Self::Unknown { .. }
                | Self::NoFolder
                | Self::Origin(_)
        )
    }

    /// The way out for a fetch of `entry` from what lies on this machine: fetching the same again does not help.
    #[must_use]
    pub fn hint_of_local(&self, entry: &Entry) -> Option<String> {
        if !self.is_wrong_content() {
            return self.hint();
        }
        let name = &entry.name;
        let own = "another one can have a name of its own with --catalogue FILE";
        Some(match entry.package() {
            Some(_) => format!("without --from, `benchhost data fetch {name}` brings it; {own}"),
            None => format!("`{name}` is exactly the one of the catalogue; {own}"),
        })
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let from = "`--from FILE|FOLDER|URL` takes it from where you have it";
        let hint = match self {
            Self::Unknown { .. } => "`benchhost data list` shows what there is".to_owned(),
            Self::NoFolder => "name one with --cache DIR or BENCHHOST_CACHE".to_owned(),
            Self::NoClient { remedy, .. } => format!("{remedy}; or {from}"),
            Self::NoPackage(_) => from.to_owned(),
            Self::NotFound { remedy: "", .. } => from.to_owned(),
            Self::NotFound { remedy, .. } => format!("{remedy}; or {from}"),
            Self::NoNetwork { .. } => {
                format!("is there a network, and does it need a proxy? Without one, {from}")
            }
            Self::ClientFailed { .. } => from.to_owned(),
            Self::BrokeOff { .. } | Self::Interrupted => {
                "what has come is kept; the same command goes on from there".to_owned()
            }
            Self::File { what, source, .. } => return room(what, source),
            Self::Damaged { .. } | Self::Wrong { .. } => format!(
                "fetch it again; if it comes the same, the source has changed what it offers, and {from}"
            ),
            Self::Lacks { .. } | Self::Escapes { .. } => {
                format!("this is not the package that the catalogue was written for; {from}")
            }
            Self::Catalogue { .. } | Self::CatalogueFile { .. } | Self::Origin(_) => return None,
        };
        Some(hint)
    }
}

/// The way out where a file system did not let us do `what`.
fn room(what: &str, error: &io::Error) -> Option<String> {
    let another = "choose another folder with --cache DIR or BENCHHOST_CACHE";
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            format!("make room, or {another}; what has come of a transfer is kept")
        }
        // A file that is to be read is the user's own.
        _ if what == "read" => return None,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            format!("make it writable, or {another}")
        }
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            format!("something that is no folder lies there or above: remove it, or {another}")
        }
        ErrorKind::IsADirectory | ErrorKind::NotFound => {
            format!("what lies there is no ordinary file: remove it, or {another}")
        }
        _ => return None,
    };
    Some(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_cannot_be_written_to_has_a_way_out() {
        let hint = |what, kind: ErrorKind| {
            DataError::file(what, Path::new("x"), io::Error::from(kind)).hint()
        };
        let another = "choose another folder with --cache DIR or BENCHHOST_CACHE";

        for kind in [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied] {
            assert_eq!(
                hint("write", kind),
                Some(format!("make it writable, or {another}"))
            );
            assert_eq!(hint("read", kind), None);
        }
        let full = hint("write", ErrorKind::StorageFull).unwrap();
        assert!(full.starts_with(&format!("make room, or {another}; ")));
        assert_eq!(hint("write", ErrorKind::Other), None);
    }
}
