//! What can be typed after `benchhost plugin`.

use clap::Subcommand;

use super::NewArguments;

/// `benchhost plugin …`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Make a new one, as `benchhost new` does.
    New(NewArguments),
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
