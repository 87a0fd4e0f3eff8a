//! The file that the textfile collector of node_exporter reads.

use std::{
    fs::{self, Permissions},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use super::{PublishError, Published};

/// Refuses what the collector would not read.
pub(super) fn check(path: &Path) -> Result<(), PublishError> {
    if path.extension().is_some_and(|ending| ending == "prom") {
        return Ok(());
    }
    Err(PublishError::usage(format!(
        "the textfile collector reads files that end in .prom, and `{}` does not",
        path.display()
    )))
}

/// Replaces the file in one step: the collector never sees half of it, and what was there stays when this fails.
pub(super) fn write(path: &Path, text: &str) -> Result<Published, PublishError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let failed = |error: &dyn std::fmt::Display| {
        PublishError::undelivered(format!(
            "cannot write the metrics to `{}`: {error}",
            path.display()
        ))
    };
    // Its name ends in no .prom until it is whole.
    let begun = fs::create_dir_all(folder).and_then(|()| {
        tempfile::Builder::new()
            .prefix(".benchhost-")
            .tempfile_in(folder)
    });
    let mut file = begun.map_err(|error| {
        failed(&error).with_hint(
            "the folder must be writable: it is the collector's --collector.textfile.directory",
        )
    })?;
    // A temporary file is its owner's alone; the collector is another user.
    let readable = Permissions::from_mode(0o644);
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().set_permissions(readable))
        .map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(Published::sent(format!(
        "metrics written to `{}`",
        path.display()
    )))
}
