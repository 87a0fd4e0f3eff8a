//! What can be typed after `benchhost probe`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `benchhost probe`.
#[derive(Debug, Args)]
#[command(after_help = PROBE_HELP)]
pub struct ProbeArguments {
    /// Form of what is shown.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: ProbeFormat,

    /// Measure the roofs of this machine (matrix product, triad) and keep them beside the history, for the roofline of runs.
    #[arg(long)]
    pub calibrate: bool,

    /// Where the plugin `system` is, which measures them: a .so, a crate directory, or a name [default: system].
    #[arg(long, short = 'p', value_name = "PLUGIN", requires = "calibrate")]
    pub plugin: Option<String>,

    /// The history beside which the roofs are kept [default: $BENCHHOST_STORE, else .benchhost/history.db].
    #[arg(long, value_name = "PATH", requires = "calibrate")]
    pub store: Option<PathBuf>,
}

/// Form of what probes can read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// Tables for people.
    #[default]
    Table,
    /// JSON for scripts.
    Json,
}

const PROBE_HELP: &str = "\
Each probe looks at this very process, up to 100 times; shown are the medians of the look before the first sample, of one \
look in between where it is polled, and of the look after the last sample. None of them falls into a sample.

Exit code 0, also when nothing can be read here.";
