//! `benchhost data fetch`.

use std::sync::Arc;

use benchhost_record::Bytes;

use super::{progress::Progress, show};
use crate::{
    command::{Failure, interrupt},
    data::{self, Catalogue, DataError, Done, Entry, Fetch, Folders, Origin},
    exit, terminal,
};

/// Fetches each of `names`. One that fails does not stop the others; its failure is said at once.
pub(super) fn fetch(
    catalogue: &Catalogue,
    folders: &Folders,
    names: &[String],
    from: Option<&str>,
) -> Result<u8, Failure> {
    let mut entries = catalogue.named(names)?;
    let from = from.map(Origin::of).transpose()?;
    if let Some(from) = &from
        && entries.len() > 1
        && !from.is_folder()
    {
        return Err(Failure::usage(format!(
            "--from is one file, and {} names are asked for",
            entries.len()
        ))
        .hint("fetch them one by one, or name a folder that has them all"));
    }
    let asked_for_all = names.iter().any(|name| name == "all");
    if asked_for_all && from.is_none() {
        entries.retain(|entry| {
            let is_packed = entry.package().is_some();
            if !is_packed && data::look(entry, folders).0 != data::State::Here {
                terminal::remark(&format!(
                    "{}: left out, because no client brings it; `benchhost data fetch {} --from PATH|URL` does",
                    entry.name, entry.name
                ));
            }
            is_packed
        });
    }
    let interrupted = interrupt::catch()?;
    let mut progress = Progress::new(Arc::clone(&interrupted));
    let mut code = exit::FINE;
    for entry in entries {
        let task = Fetch {
            entry,
            cache: &folders.cache,
            from: from.as_ref(),
        };
        let done = data::fetch(task, &mut progress);
        progress.finish();
        match done {
            Ok(done) => {
                show(&sentence(entry, done, folders))?;
                for failure in shadows(entry, folders) {
                    code = code.max(failure.code);
                    terminal::complain(&failure);
                }
            }
            Err(error) => {
                let is_interrupted = matches!(error, DataError::Interrupted);
                let of_local = match &from {
                    Some(from) if from.is_local() => error.hint_of_local(entry),
                    _ => error.hint(),
                };
                let mut failure = Failure::from(error);
                failure.hints = of_local.into_iter().collect();
                failure.message = format!("cannot fetch `{}`: {}", entry.name, failure.message);
                if is_interrupted {
                    failure.code = exit::INTERRUPTED;
                    return Err(failure);
                }
                code = code.max(failure.code);
                terminal::complain(&failure);
            }
        }
    }
    if let Some(remark) = folders.unseen() {
        terminal::remark(&remark);
    }
    Ok(code)
}

/// What workloads find before the files of `entry` in the cache, although it is wrong.
fn shadows(entry: &Entry, folders: &Folders) -> Vec<Failure> {
    if folders.unseen().is_some() {
        // Not for the workloads of this machine.
        return Vec::new();
    }
    let shadow = |wanted| {
        let fetched = folders.cache.join(entry.path_of(wanted));
        // By length first: what lies in the cache has just been read.
        if data::look_at(entry, wanted, folders).path? == fetched {
            return None;
        }
        let state = data::verify(entry, wanted, folders);
        let (path, fault) = (state.path?, state.fault?);
        Some(Failure {
            message: format!(
                "`{}` is damaged, and workloads take it instead of `{}`: {fault}",
                path.display(),
                fetched.display()
            ),
            hints: vec!["put the right file there, or remove it".to_owned()],
            code: exit::FAILED,
        })
    };
    entry.files.iter().filter_map(shadow).collect()
}

fn sentence(entry: &Entry, done: Done, folders: &Folders) -> String {
    let folder = folders.cache.join(&entry.name);
    let how = match done {
        Done::AlreadyHere => "already here".to_owned(),
        Done::Fetched(1) => "fetched, 1 file".to_owned(),
        Done::Fetched(files) => format!("fetched, {files} files"),
    };
    format!(
        "{}: {how}, {} in {}\n",
        entry.name,
        Bytes(entry.bytes()),
        folder.display()
    )
}
