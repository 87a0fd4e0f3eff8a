//! What can be typed after `benchhost report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// The dashboard, one page that works from disk: report.html.
    Html,
    /// Markdown: report.md.
    #[value(alias = "markdown")]
    Md,
    /// The whole report for scripts: report.json.
    Json,
    /// A row for each metric of each case: report.csv.
    Csv,
    /// JUnit XML: junit.xml.
    Junit,
    /// The summary of a GitHub step: summary.md; appended to $GITHUB_STEP_SUMMARY where that is set.
    Github,
    /// Pictures: plots/*.png.
    Png,
    /// Pictures: plots/*.svg.
    Svg,
}

/// What could be done is said by these rules.
#[derive(Debug, Clone, Default, Args)]
pub struct AdviceArguments {
    /// Rules of recommendations: a file of [[recommend]] tables [default: recommend.toml, where there is one], besides those
    /// that come with benchhost.
    #[arg(long, value_name = "FILE")]
    pub recommend: Option<PathBuf>,
}

/// Which run, and what it is judged by.
#[derive(Debug, Clone, Args)]
pub struct SourceArguments {
    /// The history [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH")]
    pub store: Option<PathBuf>,

    /// Rules: a file of [[gate]] tables [default: gates.toml, where there is one]. Those of the run's suite hold too.
    #[arg(long, value_name = "FILE")]
    pub gates: Option<PathBuf>,

    /// A baseline: a name, or a file [default: main, where there is one].
    #[arg(long, short = 'b', value_name = "NAME")]
    pub baseline: Option<String>,

    /// Judge by the past and the baseline of other machines too.
    #[arg(long)]
    pub across_machines: bool,

    /// What could be done.
    #[command(flatten)]
    pub advice: AdviceArguments,

    /// No history is asked at all: what `run --no-store` publishes. Cannot be typed.
    #[arg(skip)]
    pub no_store: bool,
}

/// `benchhost report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The run: its id, the beginning of one, `last`, `last~1`, a run.json or its folder.
    #[arg(default_value = "last")]
    pub run: String,

    /// Forms, separated by commas.
    #[arg(
        long,
        value_name = "FORM",
        value_delimiter = ',',
        default_value = "html,md"
    )]
    pub format: Vec<ReportFormat>,

    /// Folder for the files; `-` prints the only form that is asked for.
    #[arg(long, short = 'o', value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,

    /// What it is judged by.
    #[command(flatten)]
    pub source: SourceArguments,

    /// Only cases whose id or plugin/workload matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub case: Vec<String>,

    /// Only metrics whose name matches one of these globs.
    #[arg(long, value_name = "GLOB")]
    pub metric: Vec<String>,
}
