//! What can be typed after `benchhost compare`.

use std::path::PathBuf;

use clap::Args;

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

    /// Let these probes look at the candidate, and at it only: with one build on both sides, the ratio is what looking
    /// costs. `all`, or names like cpu,energy.
    #[arg(long, value_name = "PROBES")]
    pub probes: Option<String>,

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
