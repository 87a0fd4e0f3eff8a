//! What of an entry lies where: by length, which is quick, or by sha256, which is sure.

use std::path::{Path, PathBuf};

use super::{
    Checksum, DataError, Entry, Folders, WantedFile,
    content::{self, Content},
};

/// What there is of a file, in the first folder that has something of that name, as workloads find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Its path below the folders: `ENTRY/FILE`, or the other place of the catalogue where it was found.
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
    state(entry, wanted, folders, content::fault_of_length)
}

/// As [`look_at`], by length and sha256.
#[must_use]
pub fn verify(entry: &Entry, wanted: &WantedFile, folders: &Folders) -> FileState {
    state(entry, wanted, folders, |path, content| {
        content::fault_of_length(path, content)
            .or_else(|| content::fault_of_checksum(path, content))
    })
}

/// The first folder counts that has the file at any of its places. Where it has several, the first one that `fault` finds
/// something wrong with: which of them is read is up to the workload.
fn state(
    entry: &Entry,
    wanted: &WantedFile,
    folders: &Folders,
    fault: impl Fn(&Path, Content<'_>) -> Option<String>,
) -> FileState {
    let places = wanted.places(entry);
    let mut first = None;
    for folder in folders.all() {
        for (name, content) in &places {
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            let fault = fault(&path, *content);
            let is_wrong = fault.is_some();
            let found = FileState {
                name: name.clone(),
                path: Some(path),
                fault,
            };
            if is_wrong {
                return found;
            }
            first.get_or_insert(found);
        }
        if let Some(first) = first {
            return first;
        }
    }
    FileState {
        name: entry.path_of(wanted),
        path: None,
        fault: None,
    }
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
