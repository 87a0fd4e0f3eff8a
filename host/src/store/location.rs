//! Where the history is: what was typed, else the environment, else `.benchhost/history.db` in the current folder.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use super::StoreError;

/// The history of the current folder.
pub const DEFAULT_PATH: &str = ".benchhost/history.db";

/// Environment variable that names another one.
pub const STORE_VARIABLE: &str = "BENCHHOST_STORE";

/// What git should not see of our folder; baselines and accepted alerts lie there too, and belong into git.
const IGNORED: &str = "history.db*\npeaks.json\n";

/// The history that is meant: `typed`, else the one in the environment, else the one of the current folder.
#[must_use]
pub fn path(typed: Option<&Path>) -> PathBuf {
    let variable = std::env::var_os(STORE_VARIABLE).filter(|value| !value.is_empty());
    typed
        .map(Path::to_owned)
        .or(variable.map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
}

/// Makes the folder of the history at `path`, and tells git what to leave alone when the folder is one of ours.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) else {
        return Ok(());
    };
    let io = |what, path: &Path, source| StoreError::Io {
        what,
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(|error| io("make the folder", folder, error))?;
    if folder.file_name().is_none_or(|name| name != ".benchhost") {
        return Ok(());
    }
    let ignore = folder.join(".gitignore");
    match fs::File::create_new(&ignore).and_then(|mut file| file.write_all(IGNORED.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io("write", &ignore, error)),
    }
}
