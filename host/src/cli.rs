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
    /// Say whether a second build, revision or stored run is faster, slower or the same, and how sure that is.
    Compare(Box<CompareArguments>),
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

/// `benchhost compare`.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_HELP)]
pub struct CompareArguments {
    /// The first side: a .so, a crate directory (built first), or a stored run (run.json or its folder).
    #[arg(required_unless_present = "rev")]
    pub baseline: Option<PathBuf>,

    /// The second side, of the same kind.
    #[arg(required_unless_present = "rev")]
    pub candidate: Option<PathBuf>,

    /// Two revisions of the crate named by --plugin, each built in a worktree of its own; `A..` compares A with the
    /// work tree as it is.
    #[arg(long, value_name = "BASE..CAND", requires = "plugin", conflicts_with_all = ["baseline", "candidate"])]
    pub rev: Option<String>,

    /// The crate directory for --rev.
    #[arg(long, short = 'p', value_name = "DIR", requires = "rev")]
    pub plugin: Option<PathBuf>,

    /// Cases and settings of this suite instead of every workload with its defaults.
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<PathBuf>,

    /// Only cases whose benchmark, plugin/workload or id matches one of these globs.
    #[arg(long, short = 'f', value_name = "GLOB")]
    pub filter: Vec<String>,

    /// A parameter of both sides.
    #[arg(long, value_name = "KEY=VALUE")]
    pub param: Vec<String>,

    /// A parameter of the baseline only: two settings of one build can be compared.
    #[arg(long, value_name = "KEY=VALUE")]
    pub base_param: Vec<String>,

    /// A parameter of the candidate only.
    #[arg(long, value_name = "KEY=VALUE")]
    pub candidate_param: Vec<String>,

    /// Compare cases although the two sides have other parameters or defaults.
    #[arg(long)]
    pub allow_other_parameters: bool,

    /// What to compare: time, cpu-time, peak-memory, throughput, … or a metric that the workload declares.
    #[arg(long, short = 'm', value_name = "METRIC", default_value = "time")]
    pub metric: Vec<String>,

    /// Time for each case; ends earlier as soon as the case is decided [default: 5s].
    #[arg(long, value_name = "DURATION")]
    pub max_time: Option<String>,

    /// Rounds for each case [default: 10000].
    #[arg(long, value_name = "N")]
    pub max_rounds: Option<u64>,

    /// Differences within this are none.
    #[arg(long, value_name = "PERCENT", default_value = "1%")]
    pub margin: String,

    /// A change must be larger than this [default: a third of the margin].
    #[arg(long, value_name = "PERCENT")]
    pub tolerance: Option<String>,

    /// Share of false decisions that is accepted, for all cases together.
    #[arg(long, value_name = "PERCENT", default_value = "0.5%")]
    pub level: String,

    /// Seed of the coins and of the order [default: a new one, shown with the result].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Form of the result.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: CompareFormat,

    /// Exit code 5 when a case is inconclusive.
    #[arg(long)]
    pub require_conclusive: bool,

    /// Compare stored runs of different machines.
    #[arg(long)]
    pub across_machines: bool,

    /// Nothing on standard error but errors.
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

/// Form of the result of `benchhost compare`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CompareFormat {
    /// A table for people.
    Table,
    /// JSON for scripts.
    Json,
}

const COMPARE_HELP: &str = "\
Verdicts: faster, slower (better, worse for metrics that are no speed) · equivalent within the margin · inconclusive at \
the end of the time · failed. See docs/METHODOLOGY.md.

Exit codes: 0 no regression · 1 a case failed · 2 usage · 3 a side cannot be built or loaded · 4 a case got worse · \
5 inconclusive, with --require-conclusive · 130 Ctrl-C";

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
