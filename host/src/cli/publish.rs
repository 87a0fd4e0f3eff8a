//! What can be typed after `benchhost publish`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SourceArguments;

/// `benchhost publish`.
#[derive(Debug, Subcommand)]
pub enum PublishCommand {
    /// Post the comment of a pull request, or update the one that is there.
    Github(Box<GithubArguments>),
    /// Write metrics for the textfile collector, or push them to a gateway.
    Prometheus(Box<PrometheusArguments>),
    /// Send metrics and traces to a collector of OpenTelemetry.
    Otlp(Box<OtlpArguments>),
    /// Tell of alerts by webhook, Slack and mail, each once.
    Alerts(Box<AlertsArguments>),
}

/// What all have in common.
#[derive(Debug, Clone, Args)]
pub struct PublishArguments {
    /// The run: its id, the beginning of one, `last`, `last~1`, a run.json or its folder.
    #[arg(default_value = "last")]
    pub run: String,

    /// What it is judged by.
    #[command(flatten)]
    pub source: SourceArguments,

    /// Where to publish: a file of [github], [prometheus], [otlp] and [[action]] tables [default: publish.toml, where there is
    /// one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print what would be sent, send nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `benchhost publish github`.
#[derive(Debug, Args)]
pub struct GithubArguments {
    /// The run and what it is judged by.
    #[command(flatten)]
    pub common: PublishArguments,

    /// The repository [default: $GITHUB_REPOSITORY].
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<String>,

    /// Number of the pull request [default: that of $GITHUB_REF or $GITHUB_EVENT_PATH].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub pr: Option<u64>,

    /// What tells the comment from others of benchhost on the same pull request [default: the suite's name].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Address of the API [default: $GITHUB_API_URL, else https://api.github.com].
    #[arg(long, value_name = "URL")]
    pub api: Option<String>,

    /// Environment variable that holds the token [default: GITHUB_TOKEN].
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
}

/// `benchhost publish prometheus`.
#[derive(Debug, Args)]
pub struct PrometheusArguments {
    /// The run and what it is judged by.
    #[command(flatten)]
    pub common: PublishArguments,

    /// File for the textfile collector of node_exporter, replaced in one step.
    #[arg(long, value_name = "PATH.prom")]
    pub file: Option<PathBuf>,

    /// Address of a push gateway.
    #[arg(long, value_name = "URL")]
    pub push: Option<String>,

    /// Name of the job at the gateway [default: benchhost].
    #[arg(long, value_name = "NAME")]
    pub job: Option<String>,

    /// Group the metrics at the gateway by this label too; a later push of the same group replaces them [default:
    /// instance=HOST].
    #[arg(long, value_name = "LABEL=VALUE")]
    pub grouping: Vec<String>,
}

/// `benchhost publish otlp`.
#[derive(Debug, Args)]
pub struct OtlpArguments {
    /// The run and what it is judged by.
    #[command(flatten)]
    pub common: PublishArguments,

    /// Address of the collector, for http/protobuf [default: $OTEL_EXPORTER_OTLP_ENDPOINT].
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,

    /// Compress what is sent.
    #[arg(long)]
    pub gzip: bool,
}

/// `benchhost publish alerts`.
#[derive(Debug, Args)]
pub struct AlertsArguments {
    /// The run and what it is judged by.
    #[command(flatten)]
    pub common: PublishArguments,

    /// Only the actions of these names.
    #[arg(long, value_name = "NAME")]
    pub action: Vec<String>,

    /// Tell again what was told before.
    #[arg(long)]
    pub all: bool,
}
