//! What can be typed after `benchhost data`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::HistoryFormat;

/// `benchhost data`.
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub struct DataArguments {
    /// Folder that is fetched into [default: $BENCHHOST_CACHE, else benchhost/data in $XDG_CACHE_HOME or ~/.cache].
    #[arg(long, value_name = "DIR", global = true)]
    pub cache: Option<PathBuf>,

    /// A catalogue of your own, beside the one of this program (its form: docs/data.md).
    #[arg(long, value_name = "FILE", global = true)]
    pub catalogue: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: DataCommand,
}

/// `benchhost data …`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List what can be fetched, and what of it is here.
    List {
        /// Form of the list.
        #[arg(long, value_name = "FORM", default_value = "table")]
        format: HistoryFormat,
    },
    /// Fetch what is not here yet, check it, put it into the cache. What is here and right is left alone.
    Fetch {
        /// Names of the catalogue; `all` for everything.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,

        /// Take it from here: the file, a folder that has it, the package, or an address (http, https, file; by curl).
        #[arg(long, value_name = "PATH|URL")]
        from: Option<String>,
    },
    /// Compute the sha256 of what is here; exit code 1 when something is wrong.
    Verify {
        /// Names of the catalogue [default: everything that is here].
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print the folders that workloads look in, in their order; the last is the cache.
    Where,
}

const DATA_HELP: &str = "\
Fetching uses the client of each registry as you have set it up: pip, npm, apt-get. Nothing gets its name before its length and \
sha256 are those of the catalogue. A transfer that broke off is kept, the same command goes on from there. No other command \
of benchhost touches the network.

Exit codes: 0 fine · 1 not fetched, damaged or, asked for by name, absent · 2 usage or catalogue · 130 Ctrl-C";
