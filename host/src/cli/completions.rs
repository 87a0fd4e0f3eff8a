//! What can be typed after `benchhost completions`.

use clap::{Args, ValueEnum};

/// `benchhost completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub struct CompletionsArguments {
    /// The shell.
    pub shell: CompletionShell,
}

/// A shell that can be taught what may be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// GNU bash, 3.2 and later.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

const COMPLETIONS_HELP: &str = "\
bash: benchhost completions bash > ~/.local/share/bash-completion/completions/benchhost

zsh: benchhost completions zsh > DIR/_benchhost, DIR being a folder of $fpath

fish: benchhost completions fish > ~/.config/fish/completions/benchhost.fish";
