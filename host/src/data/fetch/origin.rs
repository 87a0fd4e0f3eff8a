//! What `--from` names: a file, a folder, a package or an address.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{DataError, Entry, WantedFile};

/// Where the user has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file or folder.
    Path(PathBuf),
    /// An address that curl understands.
    Url(String),
}

impl Origin {
    /// What `typed` means.
    ///
    /// # Errors
    /// [`DataError::Origin`] for a file that is not there, a pipe or device, and an address of another kind than http, https and file.
    pub fn of(typed: &str) -> Result<Self, DataError> {
        if let Some((scheme, _)) = typed.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "file" => Ok(Self::Url(typed.to_owned())),
                _ => Err(DataError::Origin(format!(
                    "--from is \"{typed}\", expected a file, a folder, or an address with http://, https:// or file://"
                ))),
            };
        }
        let path = Path::new(typed);
        let found = match path.metadata() {
            Ok(found) if found.is_file() || found.is_dir() => {
                return Ok(Self::Path(path.to_owned()));
            }
            // Opening a pipe would wait for somebody to write into it.
            Ok(_) => "which is neither a file nor a folder".to_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                "and there is no such file or folder".to_owned()
            }
            Err(error) => format!("which cannot be looked at: {error}"),
        };
        Err(DataError::Origin(format!("--from is \"{typed}\", {found}")))
    }

    /// Whether it lies on this machine, so that it is the same at every try.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Path(_) => true,
            Self::Url(url) => url.to_ascii_lowercase().starts_with("file:"),
        }
    }

    /// Whether several entries can come from it.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Path(path) if path.is_dir())
    }
}

/// The files `missing` of `entry` in `folder`, or in its folder of the entry's name; `None` when one is nowhere.
pub(super) fn files_in(
    folder: &Path,
    entry: &Entry,
    missing: &[&WantedFile],
) -> Option<Vec<PathBuf>> {
    let places = [folder.join(&entry.name), folder.to_owned()];
    let place_of = |wanted: &&WantedFile| {
        let files = places.iter().map(|place| place.join(&wanted.file));
        let mut files = files.filter(|path| path.is_file());
        files.next()
    };
    missing.iter().map(place_of).collect()
}

/// The package of `entry` in `folder`: the file whose name begins with the package's and holds its version.
pub(super) fn archive_in(folder: &Path, entry: &Entry) -> Option<PathBuf> {
    let package = entry.package()?;
    let plain = |text: &str| text.replace(['_', '.', '@', '/', ':'], "-").to_lowercase();
    let start = plain(package.package.trim_start_matches('@'));
    let version = plain(&package.version);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .filter_map(|found| Some(found.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files.into_iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = plain(&name.replace("%3a", ":"));
        name.starts_with(&start) && name[start.len()..].contains(&version)
    })
}

/// Bytes that the transfer of `url` will have, for a bar: those of the package when the address ends as packages do.
pub(super) fn expected_bytes(entry: &Entry, url: &str) -> Option<u64> {
    let endings = [".whl", ".zip", ".tgz", ".tar.gz", ".deb"];
    let path = url.split(['?', '#']).next().unwrap_or(url);
    match entry.package() {
        Some(package) if endings.iter().any(|ending| path.ends_with(ending)) => {
            package.archive.bytes
        }
        _ => match &entry.files[..] {
            [file] => Some(file.bytes),
            _ => None,
        },
    }
}

/// The sentence for a folder without anything of use.
pub(super) fn nothing_in(folder: &Path, entry: &Entry) -> DataError {
    let files: Vec<&str> = entry.files.iter().map(|file| file.file.as_str()).collect();
    let package = entry.package().map_or_else(String::new, |package| {
        format!(", nor the package {} {}", package.package, package.version)
    });
    DataError::Origin(format!(
        "the folder `{}` has neither {} nor a folder `{}` with {}{package}",
        folder.display(),
        files.join(", "),
        entry.name,
        if files.len() == 1 { "it" } else { "them" }
    ))
}

/// The sentence for a file that is no package where one is needed.
pub(super) fn no_archive(path: &Path, entry: &Entry) -> DataError {
    DataError::Wrong {
        what: path.display().to_string(),
        expected: match entry.package() {
            Some(package) => format!(
                "the package {} {}, or a folder with its {} files",
                package.package,
                package.version,
                entry.files.len()
            ),
            None => format!("a folder with its {} files", entry.files.len()),
        },
        found: "a file that is no zip, gzip or Debian package".to_owned(),
    }
}
