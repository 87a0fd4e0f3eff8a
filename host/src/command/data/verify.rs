//! `benchhost data verify`.

use super::show;
use crate::{
    command::{Failure, table::table},
    data::{self, Catalogue, Entry, FileState, Folders, WantedFile},
    exit, terminal,
};

/// Computes the checksums of `names`, or of everything that is here.
pub(super) fn verify(
    catalogue: &Catalogue,
    folders: &Folders,
    names: &[String],
) -> Result<u8, Failure> {
    let entries = match names {
        [] => catalogue.entries.iter().collect(),
        names => catalogue.named(names)?,
    };
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for entry in entries {
        for wanted in &entry.files {
            let state = data::verify(entry, wanted, folders);
            if state.path.is_none() && names.is_empty() {
                continue;
            }
            rows.push([state.name.clone(), word(&state).to_owned()]);
            failures.extend(failure(entry, wanted, &state, folders));
        }
    }
    if rows.is_empty() {
        terminal::remark("nothing of the catalogue is here");
    }
    show(&table(&rows))?;
    for failure in &failures {
        terminal::complain(failure);
    }
    Ok(if failures.is_empty() {
        exit::FINE
    } else {
        exit::FAILED
    })
}

fn word(state: &FileState) -> &'static str {
    match (&state.path, &state.fault) {
        (None, _) => "absent",
        (Some(_), None) => "right",
        (Some(_), Some(_)) => "wrong",
    }
}

/// What is wrong with the file, and the remedy.
fn failure(
    entry: &Entry,
    wanted: &WantedFile,
    state: &FileState,
    folders: &Folders,
) -> Option<Failure> {
    let from = match entry.package() {
        Some(_) => "",
        None => " --from PATH|URL",
    };
    let command = format!("`benchhost data fetch {}{from}`", entry.name);
    let (message, hint) = match (&state.path, &state.fault) {
        (Some(_), None) => return None,
        (None, _) => (
            format!("`{}` is not here", state.name),
            format!("{command} fetches it"),
        ),
        (Some(path), Some(fault)) => (
            format!("`{}` is damaged: {fault}", path.display()),
            if *path == folders.cache.join(entry.path_of(wanted)) {
                format!("{command} replaces it")
            } else if *path == folders.cache.join(&state.name) {
                format!("remove it; {command} brings `{}`", entry.path_of(wanted))
            } else {
                "put the right file there, or remove it: it lies in a folder of BENCHHOST_DATA, which is looked through first"
                    .to_owned()
            },
        ),
    };
    Some(Failure {
        message,
        hints: vec![hint],
        code: exit::FAILED,
    })
}
