//! Runs suspicious cases once more, before anybody is woken.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use benchhost_record::{CaseResult, Measurement, Run, RunState};
use clap::Parser as _;

use crate::cli;

/// Why cases cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// The run does not say how it was made.
    #[error("run `{run}` cannot be repeated: its command line was {command:?}")]
    NotARun {
        /// The run.
        run: String,
        /// What it says.
        command: String,
    },
    /// The plugin is not the one that was measured.
    #[error("run `{run}` cannot be repeated: plugin `{plugin}` has changed since")]
    Changed {
        /// The run.
        run: String,
        /// The plugin.
        plugin: String,
    },
    /// The suite is not the one that was measured.
    #[error(
        "run `{run}` cannot be repeated: {case} was measured with other parameters or another seed"
    )]
    OtherCase {
        /// The run.
        run: String,
        /// The case.
        case: String,
    },
    /// The repetition did not come to its end.
    #[error("repeating the suspicious cases of run `{run}` failed: {message}")]
    Failed {
        /// The run.
        run: String,
        /// What it said.
        message: String,
    },
}

/// Runs `cases` (their ids) of `run` again, `times` times, as the run was made; nothing is stored. The result holds the
/// samples of all of them, repetition after repetition.
///
/// # Errors
/// [`AgainError`] when the run cannot be repeated from here.
pub fn again(run: &Run, cases: &[String], times: u32) -> Result<Run, AgainError> {
    let folder = tempfile::tempdir().map_err(|error| failed(run, &error.to_string()))?;
    let mut merged: Option<Run> = None;
    for round in 0..times {
        let out = folder.path().join(round.to_string());
        let one = once(run, cases, &out)?;
        unchanged(run, &one)?;
        match &mut merged {
            None => merged = Some(one),
            Some(first) => merge(first, &one),
        }
    }
    merged.ok_or_else(|| failed(run, "nothing was asked"))
}

fn failed(run: &Run, message: &str) -> AgainError {
    AgainError::Failed {
        run: run.id.clone(),
        message: message.to_owned(),
    }
}

fn once(run: &Run, cases: &[String], out: &Path) -> Result<Run, AgainError> {
    let exe = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"));
    let mut command = Command::new(exe);
    command
        .args(arguments(run)?)
        .args(["--no-store", "--quiet", "--out"])
        .arg(out);
    for case in cases {
        command.arg("--filter").arg(globset::escape(case));
    }
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| failed(run, &error.to_string()))?;
    let text = std::fs::read_to_string(out.join("run.json")).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        failed(
            run,
            said.trim().lines().last().unwrap_or("it wrote no result"),
        )
    })?;
    let again: Run =
        serde_json::from_str(&text).map_err(|error| failed(run, &error.to_string()))?;
    if again.state == RunState::Finished {
        Ok(again)
    } else {
        Err(failed(run, "it was interrupted"))
    }
}

/// The options of the run that say what is measured and how; those that say where it is kept go.
fn arguments(run: &Run) -> Result<Vec<OsString>, AgainError> {
    let refused = || AgainError::NotARun {
        run: run.id.clone(),
        command: run.command.join(" "),
    };
    let parsed = cli::Arguments::try_parse_from(&run.command).map_err(|_| refused())?;
    let cli::Command::Run(typed) = parsed.command else {
        return Err(refused());
    };
    let mut arguments: Vec<OsString> = vec!["run".into()];
    arguments.extend(typed.suite.map(Into::into));
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            arguments.extend([name.into(), value.into()]);
        }
    };
    for plugin in typed.plugin {
        option("--plugin", Some(plugin));
    }
    option("--tier", typed.tier);
    option("--seed", Some(run.seed.to_string()));
    option("--repetitions", typed.repetitions.map(|n| n.to_string()));
    option("--max-time", typed.max_time);
    Ok(arguments)
}

/// Refuses a repetition of something else.
fn unchanged(run: &Run, again: &Run) -> Result<(), AgainError> {
    for case in &again.cases {
        let before = run.cases.iter().find(|one| one.case.id == case.case.id);
        if before.is_none_or(|before| before.case != case.case) {
            return Err(AgainError::OtherCase {
                run: run.id.clone(),
                case: case.case.id.to_string(),
            });
        }
    }
    for plugin in &again.plugins {
        let before = run.plugins.iter().find(|one| one.name == plugin.name);
        if before.is_some_and(|before| before.sha256 != plugin.sha256) {
            return Err(AgainError::Changed {
                run: run.id.clone(),
                plugin: plugin.name.clone(),
            });
        }
    }
    Ok(())
}

/// Adds the samples of `other` to `first` as further repetitions, and sums up anew.
fn merge(first: &mut Run, other: &Run) {
    for case in &mut first.cases {
        let Some(more) = other.cases.iter().find(|one| one.case.id == case.case.id) else {
            continue;
        };
        let shift = case.repetitions.len() as u32;
        if !more.outcome.is_ok() {
            case.outcome = more.outcome.clone();
        }
        case.repetitions.extend(more.repetitions.iter().cloned());
        merge_measurements(case, &more.measurements, shift, other.seed);
    }
}

fn merge_measurements(case: &mut CaseResult, more: &[Measurement], shift: u32, seed: u64) {
    for measurement in &mut case.measurements {
        let Some(other) = more
            .iter()
            .find(|one| one.metric.name == measurement.metric.name)
        else {
            continue;
        };
        let samples = &other.samples;
        for index in 0..samples.len() {
            measurement.samples.push(
                samples.repetition[index] + shift,
                samples.iterations[index],
                samples.value[index],
            );
        }
        let confidence = measurement
            .summary
            .as_ref()
            .map_or(0.95, |summary| summary.interval.confidence);
        measurement.summary =
            benchhost_stats::summarise(&measurement.samples, seed, confidence).ok();
    }
}
