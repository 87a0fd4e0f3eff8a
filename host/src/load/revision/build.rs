//! From a revision's name to its library: lock, check out, build, keep a copy, tidy up.

use std::path::{Path, PathBuf};

use super::{
    repository::Repository,
    store::{lock, store},
    worktree::{DIGITS, Worktree, checkouts},
};
use crate::load::{
    Built, FOLDER_FILE, LoadError, Located, build::build_into, folder, locate::canonical, snapshot,
};

/// Builds the crate in `crate_dir` as it is in `revision` of its repository, in the release profile. Changes that are
/// not committed have no influence, and nothing in the work tree changes but `target/benchhost`.
///
/// `revision`: whatever git understands as a commit. The library that comes back is a copy named by its content; no
/// later build replaces it. `progress` is told what is being built or waited for: one process at a time builds
/// revisions, and the second one waits for as long as the first takes.
///
/// Dependencies that were built before, for whichever revision, are reused; the crate itself and others of its repository are compiled each time,
/// because git gives every file that it checks out a new date. A path that was compiled into the plugin, with
/// `env!("CARGO_MANIFEST_DIR")` for example, leads to the check-out and is gone afterwards.
///
/// # Errors
/// [`LoadError::Missing`], [`LoadError::RevisionOfFile`], [`LoadError::GitMissing`], [`LoadError::NotInGit`],
/// [`LoadError::UnknownRevision`], [`LoadError::NotInRevision`]; [`LoadError::RevisionFailed`] when it cannot be
/// checked out or kept; [`LoadError::AtRevision`] around whatever building reports.
pub fn build_revision(
    crate_dir: &Path,
    revision: &str,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    build_below(checkouts().as_deref(), crate_dir, revision, progress)
}

pub(super) fn build_below(
    checkouts: Option<&Path>,
    crate_dir: &Path,
    revision: &str,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    let (crate_dir, repository, commit) = find(crate_dir, revision)?;
    let failed = |reason| LoadError::RevisionFailed {
        path: crate_dir.clone(),
        revision: revision.to_owned(),
        reason,
    };
    let checkouts = checkouts
        .ok_or_else(|| failed("there is neither XDG_CACHE_HOME nor a home folder".to_owned()))?;

    let store = store(&repository.root, &commit).map_err(failed)?;
    // Declared before the worktree, so it is let go after the worktree is gone.
    let _lock = lock(&store.lock, progress).map_err(failed)?;
    progress(&format!(
        "building {} at revision {revision} ({}) with cargo",
        crate_dir.display(),
        &commit[..DIGITS]
    ));
    let tree = Worktree::add(&repository.root, &commit, checkouts).map_err(failed)?;
    let there = canonical(&tree.path.join(&repository.folder))?;
    let located = if there.join(FOLDER_FILE).is_file() {
        folder::build(&there, &mut |_| ())
    } else {
        build_into(&there, &store.target)
    };
    let located = located.map_err(|cause| LoadError::AtRevision {
        revision: revision.to_owned(),
        cause: Box::new(about(&crate_dir, cause)),
    })?;
    if !located.is_library() {
        return Err(failed(
            "a plugin that is a process is its folder, of which no copy is kept: check the revision out into a \
             folder of its own and name both"
                .to_owned(),
        ));
    }
    let (path, _) = snapshot(&located.path, &store.libraries)
        .map_err(|error| failed(format!("cannot copy its library: {error}")))?;
    Ok(Located {
        path,
        built: located.built.map(|built| Built { crate_dir, ..built }),
    })
}

/// Makes sure that `revision` exists and has the crate, before anything is built.
///
/// # Errors
/// As [`build_revision`], before its build.
pub fn check_revision(crate_dir: &Path, revision: &str) -> Result<(), LoadError> {
    find(crate_dir, revision).map(drop)
}

/// The crate's folder, its repository, and the commit.
fn find(crate_dir: &Path, revision: &str) -> Result<(PathBuf, Repository, String), LoadError> {
    let crate_dir = canonical(crate_dir)?;
    if !crate_dir.is_dir() {
        return Err(LoadError::RevisionOfFile { path: crate_dir });
    }
    let repository = Repository::around(&crate_dir)?;
    let commit = repository.commit(revision)?;
    repository.require_crate(&commit, revision)?;
    Ok((crate_dir, repository, commit))
}

/// The same error about the crate that was asked for, not about its check-out, which is gone.
fn about(crate_dir: &Path, error: LoadError) -> LoadError {
    let path = crate_dir.to_owned();
    match error {
        LoadError::CargoMissing { reason, .. } => LoadError::CargoMissing { path, reason },
        LoadError::BuildFailed { status, .. } => LoadError::BuildFailed { path, status },
        LoadError::NoCdylib { .. } => LoadError::NoCdylib { path },
        LoadError::FolderBuild { command, how, .. } => {
            LoadError::FolderBuild { path, command, how }
        }
        other => other,
    }
}
