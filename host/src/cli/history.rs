//! What can be typed after `benchhost history`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `benchhost history`.
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// The history [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH", global = true)]
    pub store: Option<PathBuf>,

    /// What to do with it.
    #[command(subcommand)]
    pub command: HistoryCommand,
}

/// `benchhost history …`.
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// List runs, series or alerts.
    List(ListArguments),
    /// Show a run as it was shown at its end.
    Show(ShowArguments),
    /// Show the last values of each series, and where they are heading.
    Trend(TrendArguments),
    /// Copy the history into a new file, also while runs write it.
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Put a backup in the place of the history; what was there is kept beside it.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Drop what is old, and give the space back.
    Compact(CompactArguments),
}

/// Form of what is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// A table for people.
    #[default]
    Table,
    /// JSON for scripts.
    Json,
}

/// `benchhost history list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Runs, newest first; what is listed when nothing else is said.
    #[arg(long, group = "what")]
    pub runs: bool,

    /// Series: one for each case, metric and machine.
    #[arg(long, group = "what")]
    pub series: bool,

    /// Alerts, newest first.
    #[arg(long, group = "what")]
    pub alerts: bool,

    /// Only cases whose id or plugin/workload matches one of these globs; of series and alerts.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Only metrics whose name matches one of these globs; of series and alerts.
    #[arg(long, value_name = "GLOB")]
    pub metric: Vec<String>,

    /// Only the last N.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,

    /// Form of the list.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

/// `benchhost history show`.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Id of the run, the beginning of one, `last`, or `last~1` for the one before.
    pub run: String,

    /// The usual table, or the whole document as in run.json.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

/// `benchhost history trend`.
#[derive(Debug, Args)]
pub struct TrendArguments {
    /// Only cases whose id or plugin/workload matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Only metrics whose name matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub metric: Vec<String>,

    /// Values that the statistics look at; the trend is that of the last 5 against the 5 before.
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: u32,

    /// Form of the list.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

/// `benchhost history compact`.
#[derive(Debug, Args)]
pub struct CompactArguments {
    /// Keep the last N points of each series, and the runs they come from.
    #[arg(long, value_name = "N", conflicts_with = "thin", value_parser = clap::value_parser!(u64).range(1..))]
    pub keep_last: Option<u64>,

    /// Keep everything of 30 days, one point a day up to a year, one a week before that.
    #[arg(long)]
    pub thin: bool,

    /// Drop the raw samples of runs older than this; their summaries stay.
    #[arg(long, value_name = "DAYS")]
    pub drop_samples_after: Option<u32>,

    /// Only say what would be dropped.
    #[arg(long)]
    pub dry_run: bool,
}
