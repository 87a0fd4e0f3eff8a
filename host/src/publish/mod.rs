//! Sends what a report tells to where people and machines look: a pull request, Prometheus, OpenTelemetry, and actions for
//! alerts.
//!
//! Nothing here judges a run or changes one. A receiver that does not answer is a sentence with a way out; whether that fails a
//! command is decided by the command.

mod alerts;
mod error;
mod github;
mod http;
mod otlp;
mod prometheus;
mod secret;
mod settings;
mod trust;

use std::path::Path;

use benchhost_report::Report;

pub use self::{
    alerts::AlertsAsked,
    error::PublishError,
    github::GithubAsked,
    otlp::OtlpAsked,
    prometheus::PrometheusAsked,
    settings::{PUBLISH_FILE, Settings},
};

/// What became of something that was to be published.
#[derive(Debug, Default)]
pub struct Published {
    /// What was done, a line each.
    pub done: Vec<String>,
    /// What would have been sent; only of a rehearsal.
    pub shown: String,
    /// What did not arrive.
    pub failed: Vec<PublishError>,
}

impl Published {
    fn sent(line: String) -> Self {
        Self {
            done: vec![line],
            ..Self::default()
        }
    }

    fn shown(text: String) -> Self {
        Self {
            shown: text,
            ..Self::default()
        }
    }

    fn and(&mut self, other: Result<Self, PublishError>) {
        match other {
            Ok(other) => {
                self.done.extend(other.done);
                self.shown += &other.shown;
                self.failed.extend(other.failed);
            }
            Err(error) => self.failed.push(error),
        }
    }
}

/// Where a report goes.
#[derive(Debug)]
pub enum To<'a> {
    /// The comment of a pull request.
    Github(&'a GithubAsked),
    /// A file for the textfile collector, a push gateway.
    Prometheus(&'a PrometheusAsked),
    /// A collector of OpenTelemetry.
    Otlp(&'a OtlpAsked),
    /// Actions for alerts.
    Alerts(&'a AlertsAsked),
}

/// Publishes `report`. `history`: what was told of alerts is remembered beside it. `dry_run`: nothing is sent, [`Published::shown`]
/// says what would be.
///
/// # Errors
/// [`PublishError`] when nothing can be sent; of several receivers, those that failed are in [`Published::failed`].
pub fn publish(
    report: &Report,
    to: &To<'_>,
    settings: &Settings,
    history: &Path,
    dry_run: bool,
) -> Result<Published, PublishError> {
    match to {
        To::Github(asked) => github::publish(report, asked, settings.github.as_ref(), dry_run),
        To::Prometheus(asked) => {
            prometheus::publish(report, asked, settings.prometheus.as_ref(), dry_run)
        }
        To::Otlp(asked) => otlp::publish(report, asked, settings.otlp.as_ref(), dry_run),
        To::Alerts(asked) => alerts::publish(report, asked, &settings.actions, history, dry_run),
    }
}

/// Publishes `report` to all that the settings name, one after the other: none stands in the way of the next.
pub fn everywhere(report: &Report, settings: &Settings, history: &Path) -> Published {
    let mut published = Published::default();
    if settings.github.is_some() {
        published.and(publish(
            report,
            &To::Github(&GithubAsked::default()),
            settings,
            history,
            false,
        ));
    }
    if settings.prometheus.is_some() {
        published.and(publish(
            report,
            &To::Prometheus(&PrometheusAsked::default()),
            settings,
            history,
            false,
        ));
    }
    if settings.otlp.is_some() {
        published.and(publish(
            report,
            &To::Otlp(&OtlpAsked::default()),
            settings,
            history,
            false,
        ));
    }
    if !settings.actions.is_empty() {
        published.and(publish(
            report,
            &To::Alerts(&AlertsAsked::default()),
            settings,
            history,
            false,
        ));
    }
    if settings.is_empty() {
        published.failed.push(nowhere(settings));
    }
    published
}

fn nowhere(settings: &Settings) -> PublishError {
    let message = match &settings.path {
        Some(path) => format!("`{}` names nowhere to publish to", path.display()),
        None => format!("there is no `{PUBLISH_FILE}` that names where to publish to"),
    };
    PublishError::usage(message)
        .with_hint("sections: [github], [prometheus], [otlp], [[action]]; see docs/publish.md")
}
