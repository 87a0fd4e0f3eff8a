//! What can be typed after `benchhost check`.

use std::path::PathBuf;

use clap::Args;

use super::HistoryFormat;

/// `benchhost check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub struct CheckArguments {
    /// The run: its id, the beginning of one, `last`, `last~1`, a run.json or its folder.
    #[arg(default_value = "last")]
    pub run: String,

    /// The history [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH")]
    pub store: Option<PathBuf>,

    /// Rules: a file of [[gate]] tables [default: gates.toml, where there is one]. Those of the run's suite hold too.
    #[arg(long, value_name = "FILE")]
    pub gates: Option<PathBuf>,

    /// A baseline: a name, or a file [default: main, where there is one].
    #[arg(long, short = 'b', value_name = "NAME")]
    pub baseline: Option<String>,

    /// Run only the suspicious cases again, N times, before anything is called a regression.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub confirm: u32,

    /// Share of false discoveries that is accepted, for all tests of the run together.
    #[arg(long, value_name = "PERCENT", default_value = "0.5%")]
    pub level: String,

    /// Judge by the past and the baseline of other machines too.
    #[arg(long)]
    pub across_machines: bool,

    /// List what is unchanged, too.
    #[arg(long, short = 'a')]
    pub all: bool,

    /// Exit code 5 when a verdict is inconclusive.
    #[arg(long)]
    pub require_conclusive: bool,

    /// Leave the alerts as they are.
    #[arg(long)]
    pub dry_run: bool,

    /// Publish the run once it is judged to all that FILE names; what does not arrive is a remark and changes no exit code.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "publish.toml", conflicts_with = "dry_run")]
    pub publish: Option<PathBuf>,

    /// Form of the verdicts.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,

    /// No table, only errors and the exit code.
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

const CHECK_HELP: &str = "\
Verdicts: regressed (info, warning, critical) · target-missed · improved · changed · unchanged · target-met · inconclusive · \
insufficient-data · failed. See docs/gates.md.

Exit codes: 0 no regression (info is a remark) · 1 a case failed · 2 usage or rules · 4 a regression or a missed target, \
whether or not a case failed too · 5 inconclusive, with --require-conclusive · 130 Ctrl-C";
