//! What can be typed after `benchhost run`.

use std::path::PathBuf;

use clap::Args;

use super::AdviceArguments;

/// `benchhost run`.
#[derive(Debug, Default, Args)]
pub struct RunArguments {
    /// The suite: a TOML file with benchmarks. Without it, every workload of each --plugin runs with its defaults.
    pub suite: Option<PathBuf>,

    /// A plugin: a .so, a crate directory or one with a benchhost.toml (built first), or a name; NAME=PLUGIN replaces the suite's NAME.
    #[arg(long, short = 'p', value_name = "PLUGIN")]
    pub plugin: Vec<String>,

    /// Only cases whose benchmark, plugin/workload or id matches one of these globs.
    #[arg(long, short = 'f', value_name = "GLOB")]
    pub filter: Vec<String>,

    /// A parameter of every workload, where there is no suite to say it.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "suite")]
    pub param: Vec<String>,

    /// Only benchmarks of this tier, with the tier's settings (quick, nightly, weekly, …).
    #[arg(long, value_name = "TIER")]
    pub tier: Option<String>,

    /// Afterwards, look with perf at one more worker of each case that matches one of these globs: flame graphs in DIR/profile.
    #[arg(long, value_name = "GLOB")]
    pub profile: Vec<String>,

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

    /// The history to keep the run in [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH")]
    pub store: Option<PathBuf>,

    /// No history; only run.json.
    #[arg(long, conflicts_with = "store")]
    pub no_store: bool,

    /// What could be done.
    #[command(flatten)]
    pub advice: AdviceArguments,

    /// Publish the run once it has ended to all that FILE names; what does not arrive is a remark and changes no exit code.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "publish.toml")]
    pub publish: Option<PathBuf>,

    /// Print the plan with every default, measure nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// No table, only errors, a line for each case that failed, and the exit code.
    #[arg(long, short = 'q')]
    pub quiet: bool,

    /// Every metric, verdict and flag of every case, the machine, what the host costs; a line for each case that is finished.
    #[arg(long, short = 'v', conflicts_with = "quiet")]
    pub verbose: bool,
}
