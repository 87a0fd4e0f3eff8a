//! What can be typed after `benchhost serve`.

use std::path::PathBuf;

use clap::Args;

use super::SourceArguments;

/// `benchhost serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Where to listen, IP:PORT; port 0 takes any that is free. Without a token only addresses of this machine.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8417")]
    pub listen: String,

    /// A file with a token that everyone must know [default: $BENCHHOST_TOKEN, else none is asked for].
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// What runs are judged by.
    #[command(flatten)]
    pub source: SourceArguments,
}
