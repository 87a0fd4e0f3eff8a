//! `benchhost history show`: a stored run, as it was shown at its end.

use std::path::Path;

use anyhow::Context as _;

use crate::{
    cli::{HistoryFormat, ShowArguments},
    command::Failure,
    store::Store,
    terminal,
};

/// The run as a table, or as the document that `run.json` has.
pub(super) fn show(path: &Path, arguments: &ShowArguments) -> Result<String, Failure> {
    let run = Store::open_existing(path)?.run(&arguments.run)?;
    match arguments.format {
        HistoryFormat::Table => Ok(benchhost_report::terminal::render(
            &run,
            terminal::width(),
            terminal::colour(),
        )),
        HistoryFormat::Json => {
            Ok(serde_json::to_string(&run).context("cannot write the run")? + "\n")
        }
    }
}
