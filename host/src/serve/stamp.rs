//! Whether files are as they were, by what the file system says of them.
//!
//! A file that changed a moment ago may change again within the same tick of the file system's clock, so that nobody could tell:
//! such a state is never taken for known.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Longer than any tick of a file system's clock.
const TICK: Duration = Duration::from_millis(50);

/// State of some files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    files: Vec<Option<File>>,
    is_settled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    device: u64,
    number: u64,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Stamp {
    /// Of a history with its log, and of other files. A few questions to the system, no waiting.
    pub(super) fn of(history: &Path, others: &[PathBuf]) -> Self {
        let mut log = history.as_os_str().to_owned();
        log.push("-wal");
        let log = file(Path::new(&log)).filter(|log| log.bytes > 0);
        let mut files = vec![file(history), log];
        files.extend(others.iter().map(|path| file(path)));
        let now = SystemTime::now();
        let is_old = |file: &File| {
            let changed = file.changed.unwrap_or(SystemTime::UNIX_EPOCH);
            now.duration_since(changed).is_ok_and(|age| age > TICK)
        };
        Self {
            is_settled: files.iter().flatten().all(is_old),
            files,
        }
    }

    /// Whether nothing changed from this state to the other.
    pub(super) fn is_still(&self, other: &Self) -> bool {
        self.is_settled && self.files == other.files
    }
}

fn file(path: &Path) -> Option<File> {
    let about = fs::metadata(path).ok()?;
    Some(File {
        device: about.dev(),
        number: about.ino(),
        bytes: about.len(),
        changed: about.modified().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_file_is_seen_and_a_fresh_one_never_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let [history, rules] = ["h.db", "gates.toml"].map(|name| folder.path().join(name));
        let of = || Stamp::of(&history, std::slice::from_ref(&rules));
        let dated = |path: &Path, text: &str, age_s| {
            fs::write(path, text).unwrap();
            let time = SystemTime::now() - Duration::from_secs(age_s);
            fs::File::options()
                .append(true)
                .open(path)
                .and_then(|file| file.set_modified(time))
                .unwrap();
        };
        dated(&history, "a", 10);
        let first = of();
        assert!(first.is_still(&of()));

        dated(&rules, "b", 10);
        let second = of();
        assert!(!first.is_still(&second) && second.is_still(&of()));

        dated(&folder.path().join("h.db-wal"), "c", 9);
        assert!(!second.is_still(&of()));

        dated(&history, "a", 0);
        let fresh = of();
        assert!(!fresh.is_still(&fresh));
    }
}
