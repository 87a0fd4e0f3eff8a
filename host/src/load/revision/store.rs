//! Where the builds of a revision are kept, and who may write there.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::worktree::DIGITS;

/// Folder of what is kept of `commit`, made if need be, and hidden from `git status` even where `target` is not.
pub(super) fn store(root: &Path, commit: &str) -> Result<PathBuf, String> {
    let ours = root.join("target/benchhost");
    let store = ours.join("revisions").join(&commit[..DIGITS]);
    let ignore = ours.join(".gitignore");
    fs::create_dir_all(&store)
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
pub(super) fn lock(
    path: &Path,
    revision: &str,
    progress: &mut dyn FnMut(&str),
) -> Result<File, String> {
    let mut wait = || -> io::Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress(&format!(
                    "waiting for another benchhost that builds revision {revision}"
                ));
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(file)
    };
    wait().map_err(|error| format!("cannot lock `{}`: {error}", path.display()))
}
