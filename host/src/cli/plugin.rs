//! What can be typed after `benchhost plugin`.

use clap::{Args, Subcommand};

use super::HistoryFormat;

use super::NewArguments;

/// `benchhost plugin …`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Make a new one, as `benchhost new` does.
    New(NewArguments),
    /// List the plugins that can be named.
    List,
    /// Load a plugin in a process of its own, show what it offers, and what should be mended.
    Check(PluginCheckArguments),
    /// Say how far a plugin gets and why it is refused.
    Why {
        /// A .so, a folder with a Cargo.toml or a benchhost.toml, or a name.
        plugin: String,
    },
}

/// `benchhost plugin check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub struct PluginCheckArguments {
    /// A .so, a folder with a Cargo.toml or a benchhost.toml, or a name.
    pub plugin: String,

    /// Run each workload once with its defaults too, in a process of its own: create, setup, an iteration, verify, a sample,
    /// teardown.
    #[arg(long = "try")]
    pub is_tried: bool,

    /// Exit code 1 when something should be mended.
    #[arg(long)]
    pub strict: bool,

    /// Form of the description.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

const CHECK_HELP: &str = "\
Exit codes: 0 it can be used · 1 a workload failed, with --try, or something should be mended, with --strict · 2 usage · \
3 it cannot be loaded · 130 Ctrl-C";
