//! From what somebody typed to the `.so`, building it when it is a crate.

use std::path::{Path, PathBuf};

use super::{
    Built, Candidate, LoadError, Reference, SearchPath,
    build::{build, build_to_compare},
    folder::{self, FOLDER_FILE, is_folder_file},
};

/// A shared library, found but not looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Canonical path of the library.
    pub path: PathBuf,
    /// What was done to make it; `None` when it was named as a file.
    pub built: Option<Built>,
}

impl Located {
    /// Whether it is a shared library, not a process.
    #[must_use]
    pub fn is_library(&self) -> bool {
        !is_folder_file(&self.path)
    }
}

/// Finds the library that `reference` means. A crate directory is built with cargo; `progress` is told before.
///
/// # Errors
/// [`LoadError::NotFound`], [`LoadError::Missing`], [`LoadError::NotRegular`], or what building reports.
pub fn locate(
    reference: &Reference,
    search: &SearchPath,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    find(reference, search, &mut |path| {
        if path.join(FOLDER_FILE).is_file() {
            folder::build(path, progress)
        } else {
            build(path, progress)
        }
    })
}

/// As [`locate`], with crates built so that they can be compared: both sides with the same flags, apart from the
/// author's own builds.
///
/// # Errors
/// As [`locate`].
pub fn locate_to_compare(
    reference: &Reference,
    search: &SearchPath,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    find(reference, search, &mut |path| {
        if path.join(FOLDER_FILE).is_file() {
            folder::build(path, progress)
        } else {
            build_to_compare(path, progress)
        }
    })
}

fn find(
    reference: &Reference,
    search: &SearchPath,
    build: &mut dyn FnMut(&Path) -> Result<Located, LoadError>,
) -> Result<Located, LoadError> {
    match reference {
        Reference::Path(path) => at(path, build),
        Reference::Name(name) => match search.find(name) {
            Some(Candidate::Library(path) | Candidate::Crate(path)) => at(&path, build),
            None => Err(LoadError::NotFound {
                name: name.clone(),
                looked: search.folders(),
                near: search.near(name),
            }),
        },
    }
}

fn at(
    path: &Path,
    build: &mut dyn FnMut(&Path) -> Result<Located, LoadError>,
) -> Result<Located, LoadError> {
    // The file stands for its folder.
    let path = match path.parent() {
        Some(folder) if is_folder_file(path) && path.is_file() => canonical(folder)?,
        _ => canonical(path)?,
    };
    if [FOLDER_FILE, "Cargo.toml"]
        .iter()
        .any(|file| path.join(file).is_file())
    {
        return build(&path);
    }
    if path.is_dir() {
        return Err(LoadError::NotRegular {
            path,
            found: format!("a directory without a Cargo.toml or a {FOLDER_FILE}"),
        });
    }
    Ok(Located { path, built: None })
}

/// Absolute path without links, or the error that says why there is none. `benchhost.toml` may be a link itself: it speaks of
/// the folder it is found in.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, LoadError> {
    let found = match path.parent() {
        Some(folder) if is_folder_file(path) => folder.canonicalize().and_then(|folder| {
            let path = folder.join(FOLDER_FILE);
            path.metadata().map(|_| path)
        }),
        _ => path.canonicalize(),
    };
    found.map_err(|error| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        match error.kind() {
            std::io::ErrorKind::NotFound => LoadError::Missing { path },
            _ => LoadError::Unreadable {
                path,
                reason: error.to_string(),
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nowhere_says_where_it_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("libcontrastive.so"), "").unwrap();
        let search = SearchPath::new(folder.path().as_os_str(), folder.path(), None);
        let reference = Reference::Name("contrastiv".to_owned());

        let error = locate(&reference, &search, &mut |_| ()).unwrap_err();

        assert!(
            error
                .to_string()
                .contains(&*folder.path().to_string_lossy())
        );
        assert_eq!(error.hint().unwrap(), "did you mean `contrastive`?");
    }

    #[test]
    fn a_directory_and_a_missing_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let search = SearchPath::default();
        let at = |path: PathBuf| locate(&Reference::Path(path), &search, &mut |_| ()).unwrap_err();

        assert!(matches!(
            at(folder.path().to_owned()),
            LoadError::NotRegular { .. }
        ));
        assert!(matches!(
            at(folder.path().join("libx.so")),
            LoadError::Missing { .. }
        ));
    }
}
