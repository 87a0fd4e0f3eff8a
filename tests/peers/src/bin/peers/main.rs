//! Puts the same known slow-downs before each tool and counts what they find.
//!
//! `plan` decides which trials there are and in which order, `tool` runs one and reads the verdict, `table` counts.

mod arguments;
mod plan;
mod table;
mod tool;

use std::{
    fs::File,
    io::Write as _,
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use clap::Parser as _;

use crate::{
    arguments::Arguments,
    plan::{Outcome, Trial, plan},
    tool::{Bench, Verdict},
};

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare(arguments: &Arguments) -> anyhow::Result<()> {
    let seed = arguments.seed.unwrap_or_else(clock_seed);
    let trials = plan(
        &arguments.trials,
        &arguments.kernels,
        &arguments.slowdowns,
        seed,
    );
    println!("seed {seed}, {} trials", trials.len());
    let bench = Bench::new(arguments)?;
    let mut log = arguments
        .log
        .as_ref()
        .map(File::create)
        .transpose()
        .context("opening the log")?;
    if let Some(log) = &mut log {
        writeln!(log, "{}", Outcome::HEADER)?;
    }
    let mut outcomes = Vec::with_capacity(trials.len());
    for trial in trials {
        let outcome = measure(&bench, trial);
        if let Some(log) = &mut log {
            writeln!(log, "{}", outcome.row())?;
        }
        eprintln!("{:>5}  {}", outcomes.len() + 1, outcome.row());
        outcomes.push(outcome);
    }
    println!(
        "\n{}",
        table::table(&outcomes, &arguments.kernels, &arguments.slowdowns)
    );
    Ok(())
}

/// One trial with the wall-clock time of the whole comparison, processes started and ended included. A tool that
/// fails is an outcome, not the end.
fn measure(bench: &Bench, trial: Trial) -> Outcome {
    let started = Instant::now();
    let found = bench.compare(&trial);
    let seconds = started.elapsed().as_secs_f64();
    let (verdict, change) = found.unwrap_or_else(|error| {
        eprintln!("{} failed: {error:#}", trial.tool.name());
        (Verdict::Failed, f64::NAN)
    });
    Outcome {
        trial,
        verdict,
        change,
        seconds,
    }
}

fn clock_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
