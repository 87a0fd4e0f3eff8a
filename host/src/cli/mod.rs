//! What can be typed. Types for clap, no logic.

mod baseline;
mod check;
mod compare;
mod completions;
mod data;
mod doctor;
mod history;
mod man;
mod new;
mod plugin;
mod probe;
mod publish;
mod report;
mod run;
mod schema;
mod serve;

use clap::{Parser, Subcommand};

pub use self::{
    baseline::{BaselineCommand, SaveArguments, TakeArguments, UpdateArguments},
    check::CheckArguments,
    compare::{CompareArguments, CompareFormat},
    completions::{CompletionShell, CompletionsArguments},
    data::{DataArguments, DataCommand},
    doctor::DoctorArguments,
    history::{
        AcceptArguments, ChangesArguments, CompactArguments, ExportArguments, ExportForm,
        HistoryArguments, HistoryCommand, HistoryFormat, ImportArguments, ListArguments,
        ShowArguments, TrendArguments,
    },
    man::ManArguments,
    new::{NewArguments, Template},
    plugin::{PluginCheckArguments, PluginCommand},
    probe::{ProbeArguments, ProbeFormat},
    publish::{
        AlertsArguments, GithubArguments, OtlpArguments, PrometheusArguments, PublishArguments,
        PublishCommand,
    },
    report::{AdviceArguments, ReportArguments, ReportFormat, SourceArguments},
    run::RunArguments,
    schema::{SchemaArguments, SchemaForm},
    serve::ServeArguments,
};

/// Measures workloads that live in plugins and says, with statistics that can be trusted, how fast they are.
#[derive(Debug, Parser)]
#[command(
    name = "benchhost",
    version,
    arg_required_else_help = true,
    max_term_width = 110
)]
#[command(
    after_help = "Exit codes: 0 fine · 1 a case failed or was wrong · 2 usage or suite · 3 a plugin \
                        cannot be loaded · 4 (check, compare) regression or target missed · 5 inconclusive · 130 Ctrl-C"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// One of benchhost's commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a folder with a plugin that builds, passes its own test and can be run at once.
    New(NewArguments),
    /// Plan, measure, keep the result, show the table.
    Run(Box<RunArguments>),
    /// Say whether a second build, revision or stored run is faster, slower or the same, and how sure that is.
    Compare(Box<CompareArguments>),
    /// Judge a run by targets, baselines and its own past; the exit code says it.
    Check(Box<CheckArguments>),
    /// Keep what values should be in files for git.
    Baseline {
        /// What to do with them.
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Fetch real models and sets of data by name, and look after them; nothing is ever fetched unasked.
    Data(Box<DataArguments>),
    /// List, check and explain plugins.
    Plugin {
        /// What to do with them.
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Show what can be read of this machine besides time, what a look costs, and why the rest does not work here.
    Probe(ProbeArguments),
    /// Say what would make numbers noisy on this machine, and how to mend it.
    Doctor(DoctorArguments),
    /// Write reports of a run and its past: dashboard, Markdown, CSV, JSON, JUnit, pictures.
    Report(Box<ReportArguments>),
    /// Serve the history over HTTP: dashboard, JSON, metrics.
    Serve(Box<ServeArguments>),
    /// Send a report to where people and machines look: a pull request, Prometheus, OpenTelemetry, actions for alerts.
    Publish {
        /// Where to.
        #[command(subcommand)]
        command: PublishCommand,
    },
    /// Look at what was measured before, and take care of it.
    History(Box<HistoryArguments>),
    /// Print the JSON Schema of what benchhost reads and writes: suites, runs, reports, verdicts.
    Schema(SchemaArguments),
    /// Print what teaches a shell to complete commands, options and their values.
    Completions(CompletionsArguments),
    /// Print the manual page, or write a page for each command.
    Man(ManArguments),
}
