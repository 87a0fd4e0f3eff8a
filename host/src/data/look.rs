//! What of an entry lies where: by length, which is quick, or by sha256, which is sure.

use std::path::{Path, PathBuf};

use super::{Checksum, DataError, Entry, Folders, WantedFile};

/// What there is of a file, in the first folder that has something of that name, as workloads find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Its path below the folders, `ENTRY/FILE`.
    pub name: String,
    /// Where it is; `None` when it is nowhere.
    pub path: Option<PathBuf>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// What there is of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything, of the right length.
    Here,
    /// Something has another length.
    Damaged,
    /// A part of the files.
    Incomplete,
    /// Nothing.
    Absent,
}

impl State {
    /// One word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Damaged => "damaged",
            Self::Incomplete => "incomplete",
            Self::Absent => "absent",
        }
    }
}

/// What there is of `entry`, by length.
#[must_use]
pub fn look(entry: &Entry, folders: &Folders) -> (State, Vec<FileState>) {
    let files: Vec<FileState> = entry
        .files
        .iter()
        .map(|wanted| look_at(entry, wanted, folders))
        .collect();
    let there = files.iter().filter(|file| file.path.is_some()).count();
    let state = if files.iter().any(|file| file.fault.is_some()) {
        State::Damaged
    } else if there == files.len() {
        State::Here
    } else if there > 0 {
        State::Incomplete
    } else {
        State::Absent
    };
    (state, files)
}

/// What there is of the file `wanted` of `entry`, by length.
#[must_use]
pub fn look_at(entry: &Entry, wanted: &WantedFile, folders: &Folders) -> FileState {
    let name = format!("{}/{}", entry.name, wanted.file);
    let path = folders
        .all()
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file());
    let fault = path.as_deref().and_then(|path| match path.metadata() {
        Ok(meta) if meta.len() == wanted.bytes => None,
        Ok(meta) => Some(format!(
            "it has {} bytes, expected {}",
            meta.len(),
            wanted.bytes
        )),
        Err(error) => Some(format!("it cannot be read: {error}")),
    });
    FileState { name, path, fault }
}

/// As [`look_at`], by length and sha256.
#[must_use]
pub fn verify(entry: &Entry, wanted: &WantedFile, folders: &Folders) -> FileState {
    let mut state = look_at(entry, wanted, folders);
    if let (Some(path), None) = (&state.path, &state.fault) {
        state.fault = match Checksum::of_file(path) {
            Ok(found) if found == wanted.sha256 => None,
            Ok(found) => Some(format!("its sha256 is {found}, expected {}", wanted.sha256)),
            Err(error) => Some(format!("it cannot be read: {error}")),
        };
    }
    state
}

/// Whether the file at `path` is the one that is wanted.
pub(super) fn is_right(path: &Path, wanted: &WantedFile) -> Result<bool, DataError> {
    let Ok(meta) = path.metadata() else {
        return Ok(false);
    };
    if !meta.is_file() || meta.len() != wanted.bytes {
        return Ok(false);
    }
    let found = Checksum::of_file(path).map_err(|error| DataError::file("read", path, error))?;
    Ok(found == wanted.sha256)
}
