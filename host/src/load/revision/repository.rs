//! The repository around a crate: where it begins, and which commits it has.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use super::git::{Failure, git};
use crate::load::{FOLDER_FILE, LoadError};

/// A crate inside a git repository.
pub(super) struct Repository {
    /// Directory of the crate in the work tree.
    pub(super) crate_dir: PathBuf,
    /// Root of the work tree.
    pub(super) root: PathBuf,
    /// Folder of the crate below the root; empty when it is the root.
    pub(super) folder: PathBuf,
}

impl Repository {
    /// The repository that holds `crate_dir`.
    ///
    /// # Errors
    /// [`LoadError::GitMissing`], [`LoadError::NotInGit`].
    pub(super) fn around(crate_dir: &Path) -> Result<Self, LoadError> {
        let path = crate_dir.to_owned();
        let answer = git(
            crate_dir,
            &[&"rev-parse", &"--show-toplevel", &"--show-prefix"],
        )
        .map_err(|failure| match failure {
            Failure::Missing(reason) => LoadError::GitMissing { path, reason },
            Failure::Refused(reason) => LoadError::NotInGit { path, reason },
        })?;
        let mut lines = answer
            .split(|byte| *byte == b'\n')
            .map(|line| PathBuf::from(OsStr::from_bytes(line)));
        Ok(Self {
            crate_dir: crate_dir.to_owned(),
            root: lines.next().unwrap_or_default(),
            folder: lines.next().unwrap_or_default(),
        })
    }

    /// The whole hash of the commit that `revision` means.
    ///
    /// # Errors
    /// [`LoadError::UnknownRevision`].
    pub(super) fn commit(&self, revision: &str) -> Result<String, LoadError> {
        let commit = format!("{revision}^{{commit}}");
        let answer = git(
            &self.root,
            &[&"rev-parse", &"--verify", &"--end-of-options", &commit],
        )
        .map_err(|_| LoadError::UnknownRevision {
            path: self.crate_dir.clone(),
            revision: revision.to_owned(),
        })?;
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    /// Makes sure that the crate is part of `commit`, which was asked for as `revision`.
    ///
    /// # Errors
    /// [`LoadError::NotInRevision`].
    pub(super) fn require_crate(&self, commit: &str, revision: &str) -> Result<(), LoadError> {
        let has = |file: &str| {
            let mut object = OsString::from(format!("{commit}:"));
            object.push(self.folder.join(file));
            git(&self.root, &[&"cat-file", &"-e", &object]).is_ok()
        };
        if has("Cargo.toml") || has(FOLDER_FILE) {
            return Ok(());
        }
        Err(LoadError::NotInRevision {
            path: self.crate_dir.clone(),
            revision: revision.to_owned(),
        })
    }
}
