//! `benchhost completions`: what a shell must know to complete commands, options and their values.
//!
//! Made from the types of `cli`. What an option takes is told by the name of its value: `DIR` is completed with folders,
//! `FILE` with files, and a `GLOB` or a number with nothing, rather than with files that it cannot be.

use anyhow::Context as _;
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::{
    generate,
    shells::{Bash, Fish, Zsh},
};

use super::Failure;
use crate::{
    cli::{Arguments, CompletionShell, CompletionsArguments},
    exit, terminal,
};

/// Prints the script of a shell.
///
/// # Errors
/// [`Failure`] when it cannot be printed.
pub fn execute(arguments: &CompletionsArguments) -> Result<u8, Failure> {
    terminal::show(&script(arguments.shell)).context("cannot print")?;
    Ok(exit::FINE)
}

fn script(shell: CompletionShell) -> String {
    let mut program = hinted(Arguments::command());
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    match shell {
        CompletionShell::Bash => generate(Bash, &mut program, name, &mut script),
        CompletionShell::Zsh => generate(Zsh, &mut program, name, &mut script),
        CompletionShell::Fish => generate(Fish, &mut program, name, &mut script),
    }
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == CompletionShell::Fish {
        program.get_subcommands().for_each(|command| {
            script.push_str(&fish_words(program.get_name(), command));
        });
    }
    script
}

/// The words that may stand after `command` without an option before them: clap's script for fish leaves them out.
fn fish_words(program: &str, command: &Command) -> String {
    let quoted = |text: &str| {
        let text = text.replace('\\', r"\\").replace('\'', r"\'");
        format!("'{text}'")
    };
    let words = command.get_positionals().flat_map(Arg::get_possible_values);
    let lines = words.map(|word| {
        let help = word.get_help().map(ToString::to_string);
        format!(
            "complete -c {program} -n \"__fish_{program}_using_subcommand {}\" -f -a {} -d {}\n",
            command.get_name(),
            quoted(word.get_name()),
            quoted(&help.unwrap_or_default()),
        )
    });
    lines.collect()
}

/// `command` and all below it, with a hint for each value that is no word clap knows.
fn hinted(command: Command) -> Command {
    let command = command.mut_args(|argument| match hint(&argument) {
        Some(hint) => argument.value_hint(hint),
        None => argument,
    });
    command.mut_subcommands(hinted)
}

/// What the value of `argument` can be completed with; `None` leaves it to clap.
fn hint(argument: &Arg) -> Option<ValueHint> {
    let name = match argument.get_value_names() {
        Some([name, ..]) => name.as_str(),
        _ if argument.is_positional() => argument.get_id().as_str(),
        _ => return None,
    };
    match name {
        "DIR" => Some(ValueHint::DirPath),
        "FILE" | "SUITE" | "PATH" | "PATH|URL" | "PATH.prom" => Some(ValueHint::FilePath),
        "URL" => Some(ValueHint::Url),
        "GLOB" | "N" | "DAYS" | "DURATION" | "PERCENT" | "TOLERANCE" | "TEXT" | "TIER"
        | "ADDRESS" | "PROBES" | "METRIC" | "KEY=VALUE" | "LABEL=VALUE" | "OWNER/NAME"
        | "BASE..CAND" => Some(ValueHint::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_completed_with_files() {
        let program = hinted(Arguments::command());
        let hint = |command: &str, long: &str| {
            let command = program.find_subcommand(command).unwrap();
            let mut arguments = command.get_arguments();
            arguments
                .find(|one| one.get_long() == Some(long))
                .unwrap()
                .get_value_hint()
        };

        assert_eq!(hint("run", "out"), ValueHint::DirPath);
        assert_eq!(hint("run", "store"), ValueHint::FilePath);
        assert_eq!(hint("run", "filter"), ValueHint::Other);
        assert_eq!(hint("compare", "max-time"), ValueHint::Other);
        assert_eq!(
            hint("run", "plugin"),
            ValueHint::Unknown,
            "a name or a file"
        );
    }
}
