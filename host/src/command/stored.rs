//! A run that was kept: in the history by its id, or as a run.json by its path.

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _},
    path::Path,
};

use benchhost_record::Run;

use super::Failure;
use crate::{store::Store, terminal};

/// The run called `name`; `store` is asked when that is no path.
pub(super) fn run(name: &str, store: Option<&Store>, history: &Path) -> Result<Run, Failure> {
    let path = Path::new(name);
    let file = if path.is_dir() {
        path.join("run.json")
    } else {
        path.to_owned()
    };
    if file.is_file() {
        return read(&file);
    }
    match store {
        Some(store) => Ok(store.run(name)?),
        // The same sentence as for a history that is not there.
        None => Ok(Store::open_existing(history)?.run(name)?),
    }
}

/// The run in a run.json.
pub(super) fn read(path: &Path) -> Result<Run, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path)
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
