//! `run.json`: written after every worker, replaced in one step, so that a crash loses only what was unfinished.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use benchhost_record::Run;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

/// The result file of a run.
#[derive(Debug)]
pub struct RunFile {
    path: PathBuf,
    failure: Option<String>,
    /// Held as long as the run lasts; released by the kernel however it ends.
    _lock: File,
}

impl RunFile {
    /// A result file in `dir`, which is made if need be. A `run.json` of an earlier run is kept under the name of
    /// that run.
    ///
    /// # Errors
    /// When the folder cannot be made or written to: better known before than after measuring.
    pub fn create(dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir)
            .with_context(|| format!("cannot make the folder for results `{}`", dir.display()))?;
        let lock = lock(dir)?;
        let path = dir.join("run.json");
        if path.exists() {
            let kept = dir.join(format!("{}.json", earlier_name(&path)));
            fs::rename(&path, &kept).with_context(|| {
                format!("cannot move the earlier result to `{}`", kept.display())
            })?;
        }
        // Tried now, with nothing in it yet.
        let probe = tempfile::NamedTempFile::new_in(dir);
        probe.with_context(|| format!("cannot write into the folder `{}`", dir.display()))?;
        Ok(Self {
            path,
            failure: None,
            _lock: lock,
        })
    }

    /// Writes the run as it stands. A failure (disk full) leaves the last good file in place and is remembered.
    pub fn write(&mut self, run: &Run) {
        match write_atomically(&self.path, run) {
            Ok(()) => self.failure = None,
            Err(error) => self.failure = Some(error.to_string()),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why the last write failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// Keeps other runs out of the folder `dir`.
fn lock(dir: &Path) -> anyhow::Result<File> {
    let file = File::open(dir)
        .with_context(|| format!("cannot open the folder for results `{}`", dir.display()))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        // A file system without locks cannot keep anybody out; that is no reason not to measure.
        Ok(()) | Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) => Ok(file),
        Err(_) => Err(anyhow::anyhow!(
            "another run is writing into the folder `{}`; name another one with --out",
            dir.display()
        )),
    }
}

fn write_atomically(path: &Path, run: &Run) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".run-")
        .suffix(".json")
        .tempfile_in(dir)?;
    let mut writer = BufWriter::new(file);
    serde_json::to_writer(&mut writer, run)?;
    writer.write_all(b"\n")?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    set_usual_mode(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

/// Temporary files are private to their owner; results are like any other file.
fn set_usual_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

/// The id of the run in `path`, or a name that says that it could not be read.
fn earlier_name(path: &Path) -> String {
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    let text = fs::read_to_string(path).unwrap_or_default();
    match serde_json::from_str::<Id>(&text) {
        Ok(run) if !run.id.is_empty() && !run.id.contains('/') => format!("run-{}", run.id),
        _ => format!("run-unreadable-{}", std::process::id()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_takes_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = RunFile::create(folder.path()).unwrap();

        let second = RunFile::create(folder.path()).unwrap_err().to_string();
        drop(first);

        assert!(second.contains("another run is writing"), "{second}");
        assert!(RunFile::create(folder.path()).is_ok());
    }

    #[test]
    fn an_earlier_result_is_kept_under_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("run.json"),
            r#"{"id":"2026-x","schema":1}"#,
        )
        .unwrap();

        RunFile::create(folder.path()).unwrap();

        let kept = fs::read_to_string(folder.path().join("run-2026-x.json")).unwrap();
        assert!(kept.contains("2026-x"));
        assert!(!folder.path().join("run.json").exists());
    }
}
