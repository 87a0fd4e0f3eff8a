//! The commands, one file each.

pub mod baseline;
pub mod check;
pub mod compare;
pub mod completions;
pub mod data;
pub mod doctor;
mod gather;
pub mod history;
mod interrupt;
pub mod man;
pub mod new;
mod params;
pub mod plugin;
mod prepare;
pub mod probe;
pub mod publish;
pub mod report;
pub mod run;
pub mod schema;
pub mod serve;
mod stored;
mod table;
mod unmatched;

use anyhow::Context as _;

use crate::{
    cli::{Command, PluginCommand},
    data::DataError,
    exit,
    load::SearchPath,
    store::StoreError,
    terminal,
};

/// Why a command could not do its work: a sentence, the way out, the exit code.
#[derive(Debug)]
pub struct Failure {
    /// What was tried, on what, and what was found.
    pub message: String,
    /// Ways out.
    pub hints: Vec<String>,
    /// Exit code of the program.
    pub code: u8,
}

impl Failure {
    /// The command line or the suite cannot be used.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hints: Vec::new(),
            code: exit::USAGE,
        }
    }

    /// A plugin cannot be loaded. Ends with the last lines that it wrote itself.
    #[must_use]
    pub fn plugin(error: &crate::load::LoadError) -> Self {
        let hints = error.hint().into_iter().collect();
        Self {
            message: format!("{error}{}", last_words(error)),
            hints,
            code: match error {
                crate::load::LoadError::Interrupted { .. } => exit::INTERRUPTED,
                _ => exit::PLUGIN,
            },
        }
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// What a plugin wrote to its standard error before it went down, line by line.
pub(crate) fn last_words(error: &crate::load::LoadError) -> String {
    error
        .stderr()
        .lines()
        .map(|line| format!("{}{line}", terminal::SAID))
        .collect()
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = if error.is_usage() {
            exit::USAGE
        } else {
            exit::FAILED
        };
        Self {
            message: error.to_string(),
            hints: error.hint().into_iter().collect(),
            code,
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let code = if error.is_usage() {
            exit::USAGE
        } else {
            exit::FAILED
        };
        Self {
            message: error.to_string(),
            hints: error.hint().into_iter().collect(),
            code,
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        // A full disk behind a pipe is nothing that was typed.
        let is_full = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::StorageFull;
        let is_full = error.downcast_ref().is_some_and(is_full);
        Self {
            message: format!("{error:#}"),
            hints: Vec::new(),
            code: if is_full { exit::FAILED } else { exit::USAGE },
        }
    }
}

/// Does what was typed.
///
/// # Errors
/// [`Failure`] with the exit code.
pub fn execute(command: Command) -> Result<u8, Failure> {
    match command {
        Command::New(arguments)
        | Command::Plugin {
            command: PluginCommand::New(arguments),
        } => new::execute(&arguments),
        Command::Run(arguments) => run::execute(&arguments),
        Command::Compare(arguments) => compare::execute(&arguments),
        Command::Report(arguments) => report::execute(&arguments),
        Command::Serve(arguments) => serve::execute(&arguments),
        Command::Publish { command } => publish::execute(&command),
        Command::History(arguments) => history::execute(&arguments),
        Command::Data(arguments) => data::execute(&arguments),
        Command::Doctor(arguments) => doctor::execute(&arguments),
        Command::Check(arguments) => check::execute(&arguments),
        Command::Baseline { command } => baseline::execute(&command),
        Command::Probe(arguments) => probe::execute(&arguments),
        Command::Schema(arguments) => schema::execute(&arguments),
        Command::Completions(arguments) => completions::execute(&arguments),
        Command::Man(arguments) => man::execute(&arguments),
        Command::Plugin { command } => {
            let search = SearchPath::from_env();
            let (text, code) = match &command {
                PluginCommand::Check(arguments) => plugin::check(arguments, &search),
                PluginCommand::New(_) | PluginCommand::List => plugin::list(&search),
                PluginCommand::Why { plugin } => plugin::why(plugin, &search),
            }?;
            terminal::show(&text).context("cannot print")?;
            Ok(code)
        }
    }
}
