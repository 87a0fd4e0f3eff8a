//! Actions for alerts: who is told what, once.
//!
//! `check` opens, confirms and resolves alerts; an action tells of those that the run had a say in. A case that failed is no alert
//! in the history, and is told of in the same way: when it fails first, and when it is fine again.

mod event;
mod mail;
mod post;
mod smtp;
mod template;
mod told;
mod view;

use std::path::Path;

use benchhost_report::{Report, harmless};

pub(super) use self::template::{Escape, Template};
use self::{
    event::{Event, events},
    post::{Body, message},
    told::Memory,
    view::View,
};
use super::{
    PublishError, Published,
    settings::{ActionSettings, WaySettings},
};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct AlertsAsked {
    /// Tell again what was told before.
    pub all: bool,
    /// Only actions of these names; empty means all.
    pub only: Vec<String>,
}

/// Tells what is to be told.
///
/// # Errors
/// [`PublishError`] when there is no action, or it is not known what was told before.
pub(super) fn publish(
    report: &Report,
    asked: &AlertsAsked,
    actions: &[ActionSettings],
    history: &Path,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let actions = chosen(actions, &asked.only)?;
    let path = told::beside(history);
    let mut memory = Memory::read(&path)?;
    let events = events(report, memory.failures());
    let mut published = Published::default();
    for action in actions {
        let mut due = Vec::new();
        let mut over: Vec<&Event> = events.iter().filter(|event| event.is_over()).collect();
        for event in events.iter().filter(|event| event.is_for(&action.limits)) {
            let state = memory.due(&action.name, event, &action.limits, asked.all);
            due.extend(state.map(|state| (event, state)));
        }
        let too_many = due.len().saturating_sub(action.limits.most);
        for (place, (event, state)) in due.into_iter().enumerate() {
            let outcome = if place < action.limits.most {
                Some(tell(action, event, report, dry_run))
            } else {
                None
            };
            if !matches!(outcome, Some(Ok(_))) {
                // It is told the next time.
                over.retain(|other| other.key != event.key);
            } else if !dry_run {
                memory.remember(&action.name, event, state);
                // After each: what was told stays told when the next one cannot be.
                memory.write(&path)?;
            }
            if let Some(outcome) = outcome {
                published.and(outcome);
            }
        }
        if !dry_run && memory.forget(&action.name, &over) {
            memory.write(&path)?;
        }
        if too_many > 0 {
            published.failed.push(
                PublishError::undelivered(format!(
                    "{}: `{}` has {too_many} more to tell than its {} messages in one go",
                    action.place, action.name, action.limits.most
                ))
                .with_hint("`most` allows more; `case`, `metric` and `severity` ask for less"),
            );
        }
    }
    if let Some(remark) = event::unchecked(report) {
        published.done.push(remark);
    }
    Ok(published)
}

fn chosen<'a>(
    actions: &'a [ActionSettings],
    only: &[String],
) -> Result<Vec<&'a ActionSettings>, PublishError> {
    if actions.is_empty() {
        return Err(
            PublishError::usage("there is no [[action]] that could tell of alerts").with_hint(
                "publish.toml holds them, --config names another file; see docs/publish.md",
            ),
        );
    }
    let names = || actions.iter().map(|action| action.name.as_str());
    if let Some(unknown) = only
        .iter()
        .find(|name| !names().any(|known| known == *name))
    {
        return Err(PublishError::usage(format!(
            "there is no [[action]] called {unknown:?}{}",
            super::settings::meant(unknown, names())
        )));
    }
    let is_chosen = |action: &&ActionSettings| only.is_empty() || only.contains(&action.name);
    Ok(actions.iter().filter(is_chosen).collect())
}

/// Tells of one event by one action.
fn tell(
    action: &ActionSettings,
    event: &Event,
    report: &Report,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let view = View::of(event, report, &action.name);
    let what = format!("{}: {}", action.name, harmless(&event.title()));
    match &action.way {
        WaySettings::Webhook { address, headers } => {
            let body = Body::webhook(action.template.as_ref(), &view, headers)?;
            post::deliver(&what, action, address, headers, &[body], dry_run)
        }
        WaySettings::Slack {
            address,
            headers,
            channels,
        } => {
            let text = message(action.template.as_ref(), &view)?;
            let bodies = Body::slack(&text, channels);
            post::deliver(&what, action, address, headers, &bodies, dry_run)
        }
        WaySettings::Mail(settings) => {
            mail::deliver(&what, action, settings, &view, event, dry_run)
        }
    }
}
