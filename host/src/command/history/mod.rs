//! `benchhost history`: look at what was measured before, and take care of it. One file for each thing to do.

mod accept;
mod care;
mod changes;
mod export;
mod import;
mod list;
mod show;
mod trend;

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use super::{Failure, unmatched::Names};
use crate::{
    cli::{HistoryArguments, HistoryCommand},
    exit,
    store::{self, Store},
    terminal,
};

/// Does what was typed.
///
/// # Errors
/// [`Failure`] when the history cannot be read or written, or has nothing of that name.
pub fn execute(arguments: &HistoryArguments) -> Result<u8, Failure> {
    let path = store::located(arguments.store.as_deref());
    let text = text(&path, &arguments.command)?;
    terminal::show(&text).context("cannot print")?;
    Ok(exit::FINE)
}

fn text(path: &Path, command: &HistoryCommand) -> Result<String, Failure> {
    match command {
        HistoryCommand::List(arguments) => list::list(path, arguments),
        HistoryCommand::Show(arguments) => show::show(path, arguments),
        HistoryCommand::Trend(arguments) => trend::trend(path, arguments),
        HistoryCommand::Changes(arguments) => changes::changes(path, arguments),
        HistoryCommand::Import(arguments) => import::import(path, arguments),
        HistoryCommand::Export(arguments) => export::export(path, arguments),
        HistoryCommand::Accept(arguments) => accept::accept(path, arguments),
        HistoryCommand::Backup { file } => care::backup(path, file),
        HistoryCommand::Restore { file, yes } => care::restore(path, file, *yes),
        HistoryCommand::Compact(arguments) => care::compact(path, arguments),
    }
}

/// Says that nothing in the history is as was asked, and what was probably meant.
fn remark_on_nothing(store: &Store, cases: &[String], metrics: &[String]) -> Result<(), Failure> {
    let asked = Names::of_history(store)?.unmatched(cases, metrics);
    terminal::remark(&format!("note: nothing in the history matches {asked}"));
    Ok(())
}

/// A moment as people and scripts read it; empty for one that there is not.
fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// As much of a hash as tells it from others; a mark after it, like `-dirty`, stays.
fn short(hash: &str) -> String {
    const LENGTH: usize = 10;
    let (hash, mark) = match hash.split_once('-') {
        Some((hash, mark)) => (hash, format!("-{mark}")),
        None => (hash, String::new()),
    };
    let beginning: String = hash.chars().take(LENGTH).collect();
    format!("{beginning}{mark}")
}

fn json(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
