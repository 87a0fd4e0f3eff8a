//! What can be typed.

use std::{path::PathBuf, str::FromStr};

use peers::KERNELS;

use crate::tool::Tool;

/// Compares benchhost, tango-bench and criterion on code whose slow-down is known.
#[derive(Debug, clap::Parser)]
pub(crate) struct Arguments {
    /// The benchhost executable.
    #[arg(long)]
    pub(crate) benchhost: PathBuf,

    /// The library of the plugin `kernels`: the candidate, and in a copy the baseline.
    #[arg(long)]
    pub(crate) plugin: PathBuf,

    /// Another build of the plugin as baseline, instead of a copy.
    #[arg(long)]
    pub(crate) base_plugin: Option<PathBuf>,

    /// What benchhost may spend on a comparison.
    #[arg(long, default_value = "1s")]
    pub(crate) max_time: String,

    /// Trials of each kernel and slow-down: `tool=number`, comma between; 0 leaves a tool out.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "benchhost=20,tango=20,tango-1s=20,criterion=3"
    )]
    pub(crate) trials: Vec<Trials>,

    /// Kernels.
    #[arg(long, value_delimiter = ',', default_values_t = KERNELS.map(str::to_owned))]
    pub(crate) kernels: Vec<String>,

    /// Slow-downs of the candidate, %; 0 is identical code.
    #[arg(long, value_delimiter = ',', default_values_t = [0.0, 1.0, 5.0, 10.0])]
    pub(crate) slowdowns: Vec<f64>,

    /// Seed of the order of the trials [default: the clock; it is printed].
    #[arg(long)]
    pub(crate) seed: Option<u64>,

    /// Writes every trial to this CSV file.
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
}

/// How often a tool is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trials {
    /// Who.
    pub(crate) tool: Tool,
    /// How often for each kernel and slow-down.
    pub(crate) number: usize,
}

impl FromStr for Trials {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, number) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not `tool=number`"))?;
        let tool = Tool::ALL
            .into_iter()
            .find(|tool| tool.name() == name)
            .ok_or_else(|| {
                format!(
                    "no tool `{name}`, expected one of {}",
                    Tool::ALL.map(Tool::name).join(", ")
                )
            })?;
        let number = number
            .parse()
            .map_err(|_| format!("`{number}` is not a number of trials"))?;
        Ok(Self { tool, number })
    }
}
