//! `benchhost compare`: two builds in lock-step, or two stored runs.

mod builds;
mod stored;
mod terms;

pub(super) use terms::level;

use std::path::Path;

use anyhow::Context as _;
use benchhost_record::{ComparedSide, Comparisons, Verdict};

use super::{Failure, interrupt};
use crate::{
    cli::{CompareArguments, CompareFormat},
    exit, terminal,
};

/// Compares what was typed.
///
/// # Errors
/// [`Failure`] when nothing could be compared; what went wrong with single cases is in the exit code.
pub fn execute(arguments: &CompareArguments) -> Result<u8, Failure> {
    let terms = terms::terms(arguments)?;
    let runs =
        [&arguments.baseline, &arguments.candidate].map(|side| side.as_deref().and_then(run_file));
    let all = match runs {
        [Some(baseline), Some(candidate)] => {
            stored::compare(arguments, &terms, &baseline, &candidate)?
        }
        [None, None] => {
            let interrupted = interrupt::catch()?;
            let compared = builds::compare(arguments, &terms, &interrupted);
            if interrupted.load(std::sync::atomic::Ordering::Relaxed) && compared.is_err() {
                // Whatever failed, a build for example, failed because the user wanted it to.
                return Ok(exit::INTERRUPTED);
            }
            compared?
        }
        _ => {
            return Err(Failure::usage(
                "one side is a stored run and the other is not: compare two runs, or two builds",
            ));
        }
    };
    show(arguments, &all)?;
    Ok(exit_code(arguments, &all))
}

/// The file of a stored run, when `path` is one or its folder.
fn run_file(path: &Path) -> Option<std::path::PathBuf> {
    let inside = path.join("run.json");
    if inside.is_file() {
        Some(inside)
    } else if path.extension().is_some_and(|ending| ending == "json") {
        Some(path.to_owned())
    } else {
        None
    }
}

fn show(arguments: &CompareArguments, all: &Comparisons) -> Result<(), Failure> {
    let text = match arguments.format {
        CompareFormat::Json => benchhost_report::json::comparisons(all),
        CompareFormat::Table => benchhost_report::terminal::render_comparisons(
            all,
            terminal::width(),
            terminal::colour(),
        ),
    };
    Ok(terminal::show(&text).context("cannot print")?)
}

/// What is certain and bad comes first: a regression, then sides and cases that could not be compared.
fn exit_code(arguments: &CompareArguments, all: &Comparisons) -> u8 {
    let any = |wanted: Verdict| all.comparisons.iter().any(|one| one.verdict == wanted);
    let unusable = |side: &ComparedSide| side.failure.is_some();
    if all.interrupted {
        exit::INTERRUPTED
    } else if any(Verdict::Worse) {
        exit::REGRESSION
    } else if unusable(&all.baseline) || unusable(&all.candidate) {
        exit::PLUGIN
    } else if any(Verdict::Failed) {
        exit::FAILED
    } else if arguments.require_conclusive && any(Verdict::Inconclusive) {
        exit::INCONCLUSIVE
    } else {
        exit::FINE
    }
}
