//! A commit, checked out for a while in a git worktree of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::git::{Failure, git};
use crate::load::identity::sha256;

/// Enough digits of a hash to tell commits, or repositories, apart.
pub(super) const DIGITS: usize = 12;

/// The folder that commits are checked out in: `benchhost/revisions` in the user's cache. It is the user's own,
/// because cargo obeys whatever `.cargo/config.toml` lies above a crate; in `/tmp`, anybody could put one.
pub(super) fn checkouts() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(env::home_dir()?.join(".cache")))?;
    Some(cache.join("benchhost/revisions"))
}

/// A checked-out commit; it and git's note of it go when this is dropped.
pub(super) struct Worktree<'a> {
    root: &'a Path,
    /// Root of what was checked out, without links.
    pub(super) path: PathBuf,
}

impl<'a> Worktree<'a> {
    /// Checks out `commit` of the repository at `root` below `checkouts`, always at the same place for the same two,
    /// so that what a killed process left there is found and replaced. The caller sees to it that only one process
    /// does this at a time. On an error, a reason, nothing is left behind.
    pub(super) fn add(root: &'a Path, commit: &str, checkouts: &Path) -> Result<Self, String> {
        let refused = |error| format!("cannot create `{}`: {error}", checkouts.display());
        fs::create_dir_all(checkouts).map_err(refused)?;
        let repository = sha256(root.as_os_str().as_encoded_bytes());
        let name = format!("{}-{}", &repository[..DIGITS], &commit[..DIGITS]);
        let path = checkouts.canonicalize().map_err(refused)?.join(name);
        let tree = Self { root, path };
        tree.remove();
        git(
            root,
            &[
                &"worktree",
                &"add",
                &"--quiet",
                &"--detach",
                // Twice, because git locks a worktree while it fills it, and may have been killed then.
                &"--force",
                &"--force",
                &tree.path,
                &commit,
            ],
        )
        .map_err(|failure| match failure {
            Failure::Missing(reason) | Failure::Refused(reason) => reason,
        })?;
        Ok(tree)
    }

    /// Leaves neither folder nor note, whichever of the two is there. Has no way to report a failure, and need not:
    /// the next build of this commit tries again.
    fn remove(&self) {
        let forget = || {
            git(
                self.root,
                &[&"worktree", &"remove", &"--force", &"--force", &self.path],
            )
        };
        if forget().is_err() && fs::remove_dir_all(&self.path).is_ok() {
            drop(forget());
        }
    }
}

impl Drop for Worktree<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}
