//! What can be typed after `benchhost new`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `benchhost new`.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// Folder to make; its last part is the plugin's name: lower-case letters, digits and `-`.
    #[arg(value_name = "NAME")]
    pub path: PathBuf,

    /// What it begins with.
    #[arg(long, short = 't', value_enum, default_value_t = Template::Cpu)]
    pub template: Template,
}

/// A plugin to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// Rust, arithmetic on the CPU.
    Cpu,
    /// Rust, training with candle on the CPU.
    Candle,
    /// As candle, on a GPU where there is one.
    CandleCuda,
    /// C, built with the system's compiler.
    C,
    /// Python, a process of its own.
    Python,
}
