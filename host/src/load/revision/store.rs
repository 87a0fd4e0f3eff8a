//! Where the builds of revisions are kept, and who may write there.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::worktree::DIGITS;

/// What is kept of revisions.
#[derive(Debug)]
pub(super) struct Store {
    /// Whoever builds has this file locked.
    pub(super) lock: PathBuf,
    /// Cargo's target directory of all revisions: what they have in common is compiled once.
    pub(super) target: PathBuf,
    /// Libraries of the one commit.
    pub(super) libraries: PathBuf,
}

/// Where `commit` is kept: made if need be, and hidden from `git status` even where `target` is not.
pub(super) fn store(root: &Path, commit: &str) -> Result<Store, String> {
    let ours = root.join("target/benchhost");
    let all = ours.join("revisions");
    let store = Store {
        lock: all.join("lock"),
        target: all.join("target"),
        libraries: all.join(&commit[..DIGITS]),
    };
    let ignore = ours.join(".gitignore");
    fs::create_dir_all(&store.libraries)
        .and_then(|()| {
            if ignore.exists() {
                return Ok(());
            }
            fs::write(&ignore, "*\n")
        })
        .map_err(|error| format!("cannot write to `{}`: {error}", ours.display()))?;
    Ok(store)
}

/// Waits until no other process, or thread, has the file at `path` locked. Closing the file unlocks it, and so does
/// the end of the process.
pub(super) fn lock(path: &Path, progress: &mut dyn FnMut(&str)) -> Result<File, String> {
    let mut wait = || -> io::Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress("waiting for another benchhost that builds a revision");
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(file)
    };
    wait().map_err(|error| format!("cannot lock `{}`: {error}", path.display()))
}
