//! The host: the only part of benchhost that touches the world.
//!
//! ```text
//! cli → command/run → plan (engine) → load: find, check, probe the plugins
//!                   → run: one worker for each (case, repetition)   → store (history), run.json
//!                        worker: the process, seen from both sides
//!                        measure: the sampling loop inside it
//!                   → compare: two builds in lock-step, or two stored runs
//!     command/doctor → probe/condition → doctor: what makes numbers noisy here
//!     command/data → data: models and sets of data by name, into a cache
//!     command/serve → serve: the same over HTTP
//!     command/history → store: what was measured before
//!     command/publish → publish: a report to pull requests, Prometheus, OpenTelemetry, and actions for alerts
//!                   → report (engine) → terminal, exit code
//! ```
//!
//! This library exists for the binary and its benchmarks; its interface is not stable.

pub mod baseline;
pub mod cli;
pub mod command;
pub mod compare;
pub mod data;
pub mod doctor;
pub mod exit;
pub mod judge;
pub mod load;
mod meant;
pub mod measure;
pub mod peaks;
pub mod probe;
mod progress;
pub mod publish;
pub mod run;
pub mod serve;
pub mod store;
mod terminal;
pub mod worker;
mod written;

use std::{ffi::OsString, path::Path, process::ExitCode};

use clap::{
    CommandFactory as _, Parser as _,
    error::{ContextKind, ContextValue},
};

/// Version and build of this program, compared between host and worker.
#[must_use]
pub fn build_id() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The whole program: what was typed in, exit code out.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = internal(&arguments) {
        return code;
    }
    let arguments = match cli::Arguments::try_parse_from(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = with_tip(error, &arguments);
            // `--help` and `--version` come here too; clap knows which stream each belongs to.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                exit::USAGE
            } else {
                exit::FINE
            });
        }
    };
    match command::execute(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal::complain(&failure);
            ExitCode::from(failure.code)
        }
    }
}

/// `error` with the command that was probably meant, where clap knows of none: it misses swapped letters of short words.
fn with_tip(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        // What belongs to a command is not mended with a command.
        Some(ContextValue::String(typed))
            if arguments.get(1).is_some_and(|one| one == typed.as_str()) =>
        {
            typed.clone()
        }
        _ => return error,
    };
    let program = cli::Arguments::command();
    let known: Vec<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    if error.get(ContextKind::SuggestedSubcommand).is_none()
        && let Some(meant) = benchhost_plan::closest(&typed, &known)
    {
        let meant = ContextValue::Strings(vec![meant]);
        error.insert(ContextKind::SuggestedSubcommand, meant);
    }
    error
}

/// The commands that this program starts itself with: a worker, a probe of one library.
fn internal(arguments: &[OsString]) -> Option<ExitCode> {
    let number = |index: usize| arguments.get(index)?.to_str()?.parse::<i32>().ok();
    match arguments.get(1)?.to_str()? {
        "__worker" => worker::child::main(number(2).unwrap_or(-1), number(3).unwrap_or(-1)),
        "__probe" => {
            let code = load::probe_main(Path::new(arguments.get(2)?));
            Some(ExitCode::from(u8::try_from(code).unwrap_or(exit::PLUGIN)))
        }
        _ => None,
    }
}
