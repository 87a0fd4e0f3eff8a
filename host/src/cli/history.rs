//! What can be typed after `benchhost history`.

use std::path::PathBuf;

use benchhost_exchange::Format;
use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};

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
    /// Find the steps and drifts of series, of the history or of a CSV file.
    Changes(ChangesArguments),
    /// Add the results of other tools, or of another history.
    Import(ImportArguments),
    /// Write the series for other tools.
    Export(ExportArguments),
    /// Say that what an alert tells of is meant to be so.
    Accept(AcceptArguments),
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

/// `benchhost history changes`.
#[derive(Debug, Args)]
pub struct ChangesArguments {
    /// Only cases whose id or plugin/workload matches one of these globs; with --input, series.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Only metrics whose name matches one of these globs.
    #[arg(long, value_name = "GLOB", conflicts_with = "input")]
    pub metric: Vec<String>,

    /// A CSV file `series,time,value[,metric][,unit][,direction]` instead of the history, `-` for standard input; an empty value or
    /// NaN is missing.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Form of the list.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

/// `benchhost history import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Files or folders (criterion's target/criterion, asv's results); `-` is standard input, CSV or JSON lines of an export.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,

    /// What wrote them [default: found by looking].
    #[arg(long, value_name = "FORM", value_parser = PossibleValuesParser::new(Format::ALL.map(Format::name)))]
    pub from: Option<String>,

    /// Machine of values that do not name one.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub machine: String,

    /// Only say what would be added.
    #[arg(long)]
    pub dry_run: bool,
}

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// JSON lines that `history import` reads back whole.
    Benchhost,
    /// `series,time,value,unit,direction`.
    Csv,
    /// github-action-benchmark, customSmallerIsBetter: the last value of metrics that should be low.
    SmallerIsBetter,
    /// github-action-benchmark, customBiggerIsBetter: the last value of metrics that should be high.
    BiggerIsBetter,
    /// Bencher Metric Format.
    Bencher,
    /// OpenMetrics text.
    Openmetrics,
    /// Metrics history of the regression tracker.
    TrackerHistory,
    /// CSV columns of the regression tracker.
    TrackerCsv,
    /// Markdown report of the regression tracker.
    TrackerReport,
}

/// `benchhost history export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Form of the export.
    #[arg(long = "to", value_name = "FORM", default_value = "benchhost")]
    pub form: ExportForm,

    /// File that is written [default: standard output].
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Only cases whose id or plugin/workload matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Only metrics whose name matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub metric: Vec<String>,

    /// Values that the statistics of the report look at.
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(1..))]
    pub window: u32,
}

/// `benchhost history accept`.
#[derive(Debug, Args)]
pub struct AcceptArguments {
    /// Number of the alert, from `benchhost history list --alerts`.
    pub alert: Option<u64>,

    /// All alerts of cases whose id or plugin/workload matches one of these globs.
    #[arg(
        long,
        value_name = "GLOB",
        conflicts_with = "alert",
        required_unless_present = "alert"
    )]
    pub case: Vec<String>,

    /// Why it is meant to be so.
    #[arg(long, short = 'm', value_name = "TEXT")]
    pub reason: String,

    /// File for git that holds what was accepted.
    #[arg(long, value_name = "FILE", default_value = "accepted.toml")]
    pub file: PathBuf,
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
