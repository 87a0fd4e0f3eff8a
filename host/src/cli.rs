//! What can be typed. Types for clap, no logic.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures workloads that live in plugins and says, with statistics that can be trusted, how fast they are.
#[derive(Debug, Parser)]
#[command(
    name = "benchhost",
    version,
    arg_required_else_help = true,
    max_term_width = 110
)]
#[command(
    after_help = "Exit codes: 0 fine · 1 a case failed or was wrong · 2 usage or suite · 3 a plugin \
                        cannot be loaded · 4 regression or target missed · 5 inconclusive · 130 Ctrl-C"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// One of benchhost's commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan, measure, keep the result, show the table.
    Run(Box<RunArguments>),
    /// List, check and explain plugins.
    Plugin {
        /// What to do with them.
        #[command(subcommand)]
        command: PluginCommand,
    },
}

/// `benchhost run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The suite: a TOML file with benchmarks. Without it, every workload of each --plugin runs with its defaults.
    pub suite: Option<PathBuf>,

    /// A plugin: a .so, a crate directory (built first), or a name; NAME=PLUGIN replaces the suite's NAME.
    #[arg(long, short = 'p', value_name = "PLUGIN")]
    pub plugin: Vec<String>,

    /// Only cases whose benchmark, plugin/workload or id matches one of these globs.
    #[arg(long, short = 'f', value_name = "GLOB")]
    pub filter: Vec<String>,

    /// Only benchmarks of this tier, with the tier's settings (quick, nightly, weekly, …).
    #[arg(long, value_name = "TIER")]
    pub tier: Option<String>,

    /// Seed of the order and of the workloads, instead of the suite's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Fresh processes for each case, instead of the suite's.
    #[arg(long, value_name = "N")]
    pub repetitions: Option<u32>,

    /// Time budget for the samples of each case and repetition, like 500ms or 2s, instead of the suite's.
    #[arg(long, value_name = "DURATION")]
    pub max_time: Option<String>,

    /// Folder for run.json [default: benchhost-out/RUN-ID].
    #[arg(long, short = 'o', value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Print the plan with every default, measure nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// No table, only errors and the exit code.
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

/// `benchhost plugin …`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// List the plugins that can be named.
    List,
    /// Load a plugin in a process of its own and show what it offers.
    Check {
        /// A .so, a crate directory, or a name.
        plugin: String,
    },
    /// Say how far a plugin gets and why it is refused.
    Why {
        /// A .so, a crate directory, or a name.
        plugin: String,
    },
}
