//! Where data and models lie: the folders of `BENCHHOST_DATA`.
//!
//! The host adds its cache, which `benchhost data fetch` fills, to the variable before it starts a worker. Nothing is
//! downloaded here.

use std::{
    env,
    path::{Path, PathBuf},
};

use benchhost_plugin_api::Error;

/// Folders separated as in `PATH`, looked through in their order.
pub const DATA_VARIABLE: &str = "BENCHHOST_DATA";

/// The first of `candidates` (paths inside a folder of `BENCHHOST_DATA`, like `"mnist/train-images-idx3-ubyte.gz"`)
/// that is a file. `entry` is the name under which `benchhost data fetch` knows it.
///
/// # Errors
/// [`Error::unsupported`] (the case is skipped) naming what was looked for and the command that fetches it.
pub fn find(entry: &str, candidates: &[&str]) -> Result<PathBuf, Error> {
    let folders = env::var_os(DATA_VARIABLE).unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&folders)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    find_in(&folders, entry, candidates)
}

/// The file at `path` where the user named one, else [`find`].
///
/// # Errors
/// [`Error::config`] when the named file is not there; else those of [`find`].
pub fn named_or_find(path: &str, entry: &str, candidates: &[&str]) -> Result<PathBuf, Error> {
    if path.is_empty() {
        return find(entry, candidates);
    }
    let named = Path::new(path);
    if named.is_file() {
        return Ok(named.to_owned());
    }
    Err(Error::config(format!("{path} is not a file")))
}

/// Where the file that a suite calls `path` is: there, when there is such a file, else below the first folder of
/// `BENCHHOST_DATA` that has it. `path` itself when it is nowhere, for a message.
#[must_use]
pub fn located(path: &str) -> PathBuf {
    let folders = env::var_os(DATA_VARIABLE).unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&folders).collect();
    located_in(&folders, path)
}

fn located_in(folders: &[PathBuf], path: &str) -> PathBuf {
    let there = Path::new(path);
    if there.is_absolute() || there.exists() {
        return there.to_owned();
    }
    let mut below = folders.iter().map(|folder| folder.join(path));
    below
        .find(|path| path.is_file())
        .unwrap_or_else(|| there.to_owned())
}

fn find_in(folders: &[PathBuf], entry: &str, candidates: &[&str]) -> Result<PathBuf, Error> {
    let places = folders
        .iter()
        .flat_map(|folder| candidates.iter().map(|file| folder.join(file)));
    if let Some(found) = places.into_iter().find(|path| path.is_file()) {
        return Ok(found);
    }
    let looked = match folders {
        [] => "no folder of data is known".to_owned(),
        _ => {
            let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
            format!("looked in {}", folders.join(", "))
        }
    };
    Err(Error::unsupported(format!(
        "{} is not here ({looked}); `benchhost data fetch {entry}` fetches it, or let {DATA_VARIABLE} name the folder \
         that holds it",
        candidates.first().unwrap_or(&entry)
    )))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    #[test]
    fn the_first_folder_and_the_first_candidate_win() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = [a.path().to_owned(), b.path().to_owned()];
        std::fs::write(b.path().join("x.raw"), "").unwrap();
        std::fs::write(b.path().join("x.gz"), "").unwrap();

        let found = |candidates: &[&str]| find_in(&folders, "x", candidates).unwrap();

        assert_eq!(found(&["x.raw", "x.gz"]), b.path().join("x.raw"));
        std::fs::write(a.path().join("x.gz"), "").unwrap();
        assert_eq!(found(&["x.raw", "x.gz"]), a.path().join("x.gz"));
    }

    #[test]
    fn what_is_missing_names_the_command_that_fetches_it() {
        let error = find_in(&["/nowhere".into()], "mnist", &["mnist/t10k.gz"]).unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "mnist/t10k.gz is not here (looked in /nowhere); `benchhost data fetch mnist` fetches it, or let \
             BENCHHOST_DATA name the folder that holds it"
        );
    }

    #[test]
    fn a_path_that_is_not_there_is_looked_for_in_the_folders() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.h5"), "").unwrap();
        let folders = [PathBuf::from("/nowhere"), folder.path().to_owned()];

        assert_eq!(located_in(&folders, "x.h5"), folder.path().join("x.h5"));
        assert_eq!(located_in(&folders, "y.h5"), Path::new("y.h5"));
        assert_eq!(located_in(&folders, "/x.h5"), Path::new("/x.h5"));
    }

    #[test]
    fn a_named_file_that_is_not_there_is_a_mistake_of_the_suite() {
        let error = named_or_find("/nowhere/x", "mnist", &["x"]).unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
