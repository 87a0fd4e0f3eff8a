//! `benchhost data`: real models and sets of data by name. One file for each thing to do.

mod fetch;
mod list;
mod progress;
mod verify;

use std::fmt::Write as _;

use anyhow::Context as _;

use super::Failure;
use crate::{
    cli::{DataArguments, DataCommand},
    data::{Catalogue, Folders},
    exit, terminal,
};

/// Does what was typed.
///
/// # Errors
/// [`Failure`] when the catalogue cannot be used, or has nothing of that name.
pub fn execute(arguments: &DataArguments) -> Result<u8, Failure> {
    let folders = Folders::located(arguments.cache.as_deref())?;
    let catalogue = Catalogue::load(arguments.catalogue.as_deref())?;
    match &arguments.command {
        DataCommand::List { format } => {
            show(&list::list(&catalogue, &folders, *format))?;
            Ok(exit::FINE)
        }
        DataCommand::Fetch { names, from } => {
            fetch::fetch(&catalogue, &folders, names, from.as_deref())
        }
        DataCommand::Verify { names } => verify::verify(&catalogue, &folders, names),
        DataCommand::Where => {
            let mut text = String::new();
            for folder in folders.all() {
                let _ = writeln!(text, "{}", folder.display());
            }
            show(&text)?;
            if let Some(remark) = folders.unseen() {
                terminal::remark(&remark);
            }
            Ok(exit::FINE)
        }
    }
}

fn show(text: &str) -> Result<(), Failure> {
    Ok(terminal::show(text).context("cannot print")?)
}
