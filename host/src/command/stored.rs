//! A run that was kept: in the history by its id, or as a run.json by its path.

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _},
    path::{Path, PathBuf},
};

use benchhost_record::Run;

use super::Failure;
use crate::{
    meant::{beside, suggested},
    store::Store,
    terminal, written,
};

/// File of a run in its folder.
const RUN_FILE: &str = "run.json";

/// The run called `name`; `store` is asked when that is no path.
pub(super) fn run(name: &str, store: Option<&Store>, history: &Path) -> Result<Run, Failure> {
    let path = Path::new(name);
    let wrong = match file(path) {
        Some(Ok(file)) => return read(&file),
        Some(Err(wrong)) => Some(wrong),
        None if is_path(name) => {
            let meant = suggested(beside(path, "").as_deref());
            return Err(Failure::usage(format!("there is no file `{name}`{meant}"))
                .hint("name a run.json, a folder with one, or a run of the history, like `last`"));
        }
        None => None,
    };
    if let Some(wrong) = wrong {
        // A run of the history may be called like a folder that is here.
        let kept = store.and_then(|store| store.run(name).ok());
        return kept.ok_or(wrong);
    }
    match store {
        Some(store) => Ok(store.run(name)?),
        // The same sentence as for a history that is not there.
        None => Ok(Store::open_existing(history)?.run(name)?),
    }
}

/// Whether what was typed can only be meant as a path: no run has such an id.
fn is_path(name: &str) -> bool {
    name.contains(std::path::MAIN_SEPARATOR) || name.ends_with(".json")
}

/// The file with the run that `path` names: itself, or the run.json of a folder. `None` when there is no such path.
fn file(path: &Path) -> Option<Result<PathBuf, Failure>> {
    let about = fs::metadata(path).ok()?;
    let file = if about.is_dir() {
        path.join(RUN_FILE)
    } else {
        path.to_owned()
    };
    let wrong = |why: String| {
        Failure::usage(format!("`{}` is no stored run: {why}", path.display()))
            .hint("name a run.json, a folder with one, or a run of the history, like `last`")
    };
    Some(match written::is_plain(&file) {
        Ok(()) => Ok(file),
        Err(error) if file == path => Err(wrong(error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(wrong(format!("there is no {RUN_FILE} in that folder")))
        }
        Err(error) => Err(wrong(format!("its {RUN_FILE} cannot be read: {error}"))),
    })
}

/// The run in a run.json.
pub(super) fn read(path: &Path) -> Result<Run, Failure> {
    let name = path.display();
    let text = written::is_plain(path)
        .and_then(|()| fs::read_to_string(path))
        .map_err(|error| Failure::usage(format!("cannot read the run `{name}`: {error}")))?;
    let run: Run = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("`{name}` is no stored run: {error}")))?;
    if !run.is_readable() {
        return Err(Failure::usage(format!(
            "`{name}` was written by benchhost {} in a form this version cannot read (schema {})",
            run.host_version, run.schema
        )));
    }
    Ok(run)
}

/// Whether the user agrees to what `question` says; `way_out` is the option that answers for them.
pub(super) fn agreed(question: &str, way_out: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(question).hint(way_out));
    }
    terminal::remark(&format!("{question}. Do it? [y/N]"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| anyhow::anyhow!("cannot read the answer: {error}"))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
