//! `benchhost publish`, and `--publish` of other commands: a report to where people and machines look.

use std::path::Path;

use anyhow::Context as _;
use benchhost_gate::Judgements;
use benchhost_report::Report;

use super::{Failure, gather};
use crate::{
    cli::{PublishArguments, PublishCommand, SourceArguments},
    exit,
    publish::{
        self, AlertsAsked, GithubAsked, OtlpAsked, PrometheusAsked, PublishError, Published,
        Settings, To,
    },
    store::{self, SeriesFilter},
    terminal,
};

/// Points of all series together: what is published tells of the last of each.
const POINTS: usize = 20_000;

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        Self {
            message: error.to_string(),
            hints: error.hint().map(str::to_owned).into_iter().collect(),
            code: if error.is_usage() {
                exit::USAGE
            } else {
                exit::FAILED
            },
        }
    }
}

/// Publishes a run to one receiver.
///
/// # Errors
/// [`Failure`] when there is nothing to publish, nowhere to, or nothing arrived.
pub fn execute(command: &PublishCommand) -> Result<u8, Failure> {
    match command {
        PublishCommand::Github(arguments) => one(
            &arguments.common,
            &To::Github(&GithubAsked {
                repo: arguments.repo.clone(),
                pr: arguments.pr,
                name: arguments.name.clone(),
                api: arguments.api.clone(),
                token_variable: arguments.token_env.clone(),
            }),
        ),
        PublishCommand::Prometheus(arguments) => one(
            &arguments.common,
            &To::Prometheus(&PrometheusAsked {
                file: arguments.file.clone(),
                push: arguments.push.clone(),
                job: arguments.job.clone(),
                grouping: arguments.grouping.clone(),
            }),
        ),
        PublishCommand::Otlp(arguments) => one(
            &arguments.common,
            &To::Otlp(&OtlpAsked {
                endpoint: arguments.endpoint.clone(),
                gzip: arguments.gzip,
            }),
        ),
        PublishCommand::Alerts(arguments) => one(
            &arguments.common,
            &To::Alerts(&AlertsAsked {
                all: arguments.all,
                only: arguments.action.clone(),
            }),
        ),
    }
}

fn one(arguments: &PublishArguments, to: &To<'_>) -> Result<u8, Failure> {
    // A mistake in the settings is told before a history is read.
    let settings = Settings::read(arguments.config.as_deref())?;
    let report = report(&arguments.run, &arguments.source)?;
    let history = store::located(arguments.source.store.as_deref());
    let published = publish::publish(&report, to, &settings, &history, arguments.dry_run)?;
    terminal::show(&published.shown).context("cannot print")?;
    published
        .done
        .iter()
        .for_each(|line| terminal::remark(line));
    let has_failed = !published.failed.is_empty();
    for error in published.failed {
        terminal::complain(&Failure::from(error));
    }
    Ok(if has_failed { exit::FAILED } else { exit::FINE })
}

fn report(run: &str, source: &SourceArguments) -> Result<Report, Failure> {
    let filter = SeriesFilter::default();
    gather::report(&gather::Asked {
        run,
        source,
        filter: &filter,
        points: POINTS,
    })
}

/// What `--publish` of another command means: the settings, read before anything else is done.
///
/// # Errors
/// [`Failure`] when they cannot be used.
pub(super) fn wanted(config: Option<&Path>) -> Result<Option<Settings>, Failure> {
    config
        .map(|path| Settings::read(Some(path)))
        .transpose()
        .map_err(Failure::from)
}

/// Publishes a run to all that `settings` name. Nothing that goes wrong is more than a remark: what the command found stands.
///
/// `judged`: what the command found, with its exit code, where it judged.
pub(super) fn softly(
    settings: &Settings,
    run: &str,
    source: &SourceArguments,
    judged: Option<(&Judgements, u8)>,
    quiet: bool,
) {
    let mut report = match report(run, source) {
        Ok(report) => report,
        Err(failure) => {
            terminal::remark(&format!(
                "warning: nothing was published: {}",
                failure.message
            ));
            return;
        }
    };
    if let Some((judged, code)) = judged {
        report.judged = judged.clone();
        report.exit_code = code;
    }
    let history = store::located(source.store.as_deref());
    tell(&publish::everywhere(&report, settings, &history), quiet);
}

fn tell(published: &Published, quiet: bool) {
    for line in published.done.iter().filter(|_| !quiet) {
        terminal::remark(&format!("published: {line}"));
    }
    for error in &published.failed {
        terminal::remark(&format!("warning: not published: {error}"));
        if let Some(hint) = error.hint() {
            terminal::remark(&format!("   hint: {hint}"));
        }
    }
}
