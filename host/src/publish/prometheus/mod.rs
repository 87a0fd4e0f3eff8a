//! Metrics for Prometheus: a file for the textfile collector, or a push gateway.

mod file;
mod push;

use std::path::PathBuf;

use benchhost_report::{
    Report,
    openmetrics::{self, Form},
};

use super::{
    PublishError, Published,
    http::{Address, Client},
    settings::{PrometheusSettings, is_label, no_label},
};

/// What was typed; absent is what the settings say.
#[derive(Debug, Clone, Default)]
pub struct PrometheusAsked {
    /// File for the textfile collector.
    pub file: Option<PathBuf>,
    /// Address of a push gateway.
    pub push: Option<String>,
    /// Name of the job there.
    pub job: Option<String>,
    /// `label=value` that the metrics are grouped by there.
    pub grouping: Vec<String>,
}

/// The text that node_exporter and push gateways read; neither takes the newer one.
const FORM: Form = Form::Prometheus;

/// Name of the job, unless another is given.
const JOB: &str = "benchhost";

/// Writes the file and pushes, whichever is asked for.
///
/// # Errors
/// [`PublishError`] when neither is asked for, or what is cannot be used.
pub(super) fn publish(
    report: &Report,
    asked: &PrometheusAsked,
    settings: Option<&PrometheusSettings>,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let usual = PrometheusSettings::default();
    let settings = settings.unwrap_or(&usual);
    let is_typed = asked.file.is_some() || asked.push.is_some();
    let file = asked
        .file
        .as_ref()
        .or(settings.file.as_ref().filter(|_| !is_typed));
    let push = match &asked.push {
        Some(text) => Some(
            Address::parse(text, false)
                .map_err(|why| PublishError::usage(format!("--push: {why}")))?,
        ),
        None => settings.push.clone().filter(|_| !is_typed),
    };
    if file.is_none() && push.is_none() {
        return Err(PublishError::usage("it is not known where metrics for Prometheus go")
            .with_hint("--file PATH.prom for the textfile collector, --push URL for a push gateway, or [prometheus] in publish.toml"));
    }
    let text = text(report);
    let mut published = Published::default();
    if let Some(path) = file {
        file::check(path)?;
        if dry_run {
            published.shown += &format!("to `{}`:\n\n{text}\n", path.display());
        } else {
            published.and(file::write(path, &text));
        }
    }
    if let Some(gateway) = push {
        let group = push::Group {
            job: asked
                .job
                .as_deref()
                .or(settings.job.as_deref())
                .unwrap_or(JOB),
            labels: labels(report, asked, settings)?,
        };
        let address = group.below(&gateway);
        if dry_run {
            published.shown += &format!("to {address}:\n\n{text}\n");
        } else {
            let client = Client::new(settings.retry.unwrap_or_default(), settings.trust.clone());
            published.and(push::push(client, &address, &settings.headers, text));
        }
    }
    Ok(published)
}

/// The metrics, as collector and gateway read them. Without the age of the run: what is written once would stay young for ever.
fn text(report: &Report) -> String {
    openmetrics::render_as(report, f64::NAN, FORM)
}

/// What the metrics are grouped by: what was typed, what is written, else the host of the run as `instance`.
fn labels(
    report: &Report,
    asked: &PrometheusAsked,
    settings: &PrometheusSettings,
) -> Result<Vec<(String, String)>, PublishError> {
    let typed = asked.grouping.iter().map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        if !text.contains('=') || !is_label(name) {
            let why = if text.contains('=') {
                no_label(name)
            } else {
                format!("it is {text:?}, expected label=value")
            };
            return Err(PublishError::usage(format!("--grouping: {why}")));
        }
        Ok((name.to_owned(), value.to_owned()))
    });
    let typed: Vec<_> = typed.collect::<Result<_, _>>()?;
    if !typed.is_empty() {
        return Ok(typed);
    }
    if let Some(written) = &settings.grouping {
        return Ok(written.clone());
    }
    let host = report
        .run
        .as_ref()
        .and_then(|run| run.environment.host_name.clone());
    Ok(host
        .map(|host| ("instance".to_owned(), host))
        .into_iter()
        .collect())
}
