//! What can be typed after `benchhost baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::HistoryFormat;

/// `benchhost baseline …`.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Make a baseline from a run, or from another tool's file.
    Save(SaveArguments),
    /// List the baselines.
    List,
    /// Show a baseline.
    Show {
        /// Its name, or a file.
        #[arg(default_value = "main")]
        name: String,
        /// Form of the list.
        #[arg(long, value_name = "FORM", default_value = "table")]
        format: HistoryFormat,
    },
    /// Put the values of a run in the place of a baseline's; says what changes and asks first.
    Update(UpdateArguments),
    /// Remove a baseline, or some of its cases.
    Remove {
        /// Its name, or a file.
        name: String,
        /// Only cases whose id or plugin/workload matches one of these globs.
        #[arg(long, value_name = "GLOB")]
        case: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What `save` and `update` share.
#[derive(Debug, Args)]
pub struct TakeArguments {
    /// Name of the baseline (baselines/NAME.toml), or a file.
    #[arg(default_value = "main")]
    pub name: String,

    /// The run: its id, the beginning of one, `last`, `last~1`, a run.json or its folder.
    #[arg(long, value_name = "RUN", default_value = "last")]
    pub run: String,

    /// The history [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH")]
    pub store: Option<PathBuf>,

    /// Only cases whose id, benchmark or plugin/workload matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Tolerance of every value taken: a share like 5%, or a number in the metric's unit [default: by class of metric].
    #[arg(long, value_name = "TOLERANCE")]
    pub tolerance: Option<String>,

    /// Rules that decide whether the run regressed [default: gates.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub gates: Option<PathBuf>,

    /// Take the values although a case failed or the run regressed.
    #[arg(long)]
    pub force: bool,
}

/// `benchhost baseline save`.
#[derive(Debug, Args)]
pub struct SaveArguments {
    /// What is taken.
    #[command(flatten)]
    pub take: TakeArguments,

    /// A file of another tool that holds baselines (baseline_results.json) instead of a run.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "case"])]
    pub from: Option<PathBuf>,
}

/// `benchhost baseline update`.
#[derive(Debug, Args)]
pub struct UpdateArguments {
    /// What is taken.
    #[command(flatten)]
    pub take: TakeArguments,

    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}
