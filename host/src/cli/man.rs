//! What can be typed after `benchhost man`.

use std::path::PathBuf;

use clap::Args;

/// `benchhost man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for a page of each command, like ~/.local/share/man/man1; pages that are there are replaced. Without it, the main
    /// page is printed.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
