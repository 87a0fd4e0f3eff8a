//! The folder of one worker: gone with the worker, and with the next run when the host itself was killed.

use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

/// How the names of these folders begin.
const PREFIX: &str = "benchhost-scratch-";

/// A folder younger than this may have an owner that has not locked it yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A folder that is removed with everything in it when this is dropped. Its owner holds a lock on it; the kernel lets go of that
/// however the owner ends, so that others can tell what was left behind, also across containers with a common folder.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// A new folder below `TMPDIR`.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = File::open(folder.path())?;
        // A file system without locks keeps what a killed host leaves behind; that is no reason not to measure.
        let _ = flock(&lock, FlockOperation::NonBlockingLockExclusive);
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes folders below `TMPDIR` that hosts left behind when they were killed.
pub fn sweep() {
    sweep_below(&env::temp_dir(), SystemTime::now());
}

fn sweep_below(folder: &Path, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let age = entry.metadata().and_then(|about| about.modified());
        let age = age.ok().and_then(|then| now.duration_since(then).ok());
        if is_ours && age.is_some_and(|age| age > YOUNG) && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds the lock. Where there are no locks nobody can tell.
fn is_abandoned(folder: &Path) -> bool {
    File::open(folder)
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_swept_and_only_when_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("benchhost-scratch-left");
        let held = folder.path().join("benchhost-scratch-held");
        let foreign = folder.path().join("other");
        for path in [&left, &held, &foreign] {
            fs::create_dir(path).unwrap();
            fs::write(path.join("file"), "x").unwrap();
        }
        let lock = File::open(&held).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        let now = SystemTime::now();

        sweep_below(folder.path(), now);
        assert!(left.exists(), "it may be about to be locked");
        sweep_below(folder.path(), now + Duration::from_secs(120));

        assert!(!left.exists() && held.exists() && foreign.exists());
    }

    #[test]
    fn a_folder_goes_with_its_owner() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "x").unwrap();

        assert!(!is_abandoned(&path));
        drop(scratch);

        assert!(!path.exists());
    }
}
