//! `benchhost baseline`: what values should be, in files for git. One file for each thing to do.

mod list;
mod remove;
mod save;

use anyhow::Context as _;

use super::Failure;
use crate::{baseline::BaselineError, cli::BaselineCommand, exit, terminal};

/// Does what was typed.
///
/// # Errors
/// [`Failure`] when a baseline or a run cannot be used.
pub fn execute(command: &BaselineCommand) -> Result<u8, Failure> {
    let text = match command {
        BaselineCommand::Save(arguments) => save::save(arguments),
        BaselineCommand::Update(arguments) => save::update(arguments),
        BaselineCommand::List => list::list(),
        BaselineCommand::Show { name, format } => list::show(name, *format),
        BaselineCommand::Remove { name, case, yes } => remove::remove(name, case, *yes),
    }?;
    terminal::show(&text).context("cannot print")?;
    Ok(exit::FINE)
}

impl From<BaselineError> for Failure {
    fn from(error: BaselineError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            BaselineError::Missing { .. } => {
                failure.hint("`benchhost baseline list` shows those there are, `benchhost baseline save` makes one")
            }
            BaselineError::File { .. } | BaselineError::Form { .. } => failure,
        }
    }
}
