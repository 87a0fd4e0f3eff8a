//! Messages that are mailed.

use std::{
    thread,
    time::{Duration, Instant},
};

use benchhost_report::harmless;
use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use sha2::{Digest as _, Sha256};

use super::{
    super::settings::MailSettings, ActionSettings, PublishError, Published, event::Event,
    template::Template, view::View,
};

/// Time for one command of the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Mails what there is to tell to all recipients at once.
pub(super) fn deliver(
    what: &str,
    action: &ActionSettings,
    settings: &MailSettings,
    view: &View,
    event: &Event,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let subject = subject(settings.subject.as_ref(), view)?;
    let text = text(action.template.as_ref(), view)?;
    if dry_run {
        let to = settings.to.join(", ");
        return Ok(Published::shown(format!(
            "{what}, to {to}:\n\nSubject: {subject}\n\n{text}\n\n"
        )));
    }
    let letter = letter(settings, &subject, text, &id(action, event))?;
    let transport = transport(settings)?;
    let began = Instant::now();
    let mut tried = 0;
    loop {
        tried += 1;
        let Err(error) = transport.send(&letter) else {
            return Ok(Published::sent(format!("told {what}")));
        };
        let wait = action.retry.wait(tried);
        let is_passing = !error.is_permanent() && !error.is_tls() && !error.is_client();
        if !is_passing || tried >= action.retry.tries || began.elapsed() + wait > action.retry.whole
        {
            let tries = if tried > 1 {
                format!(" ({tried} tries)")
            } else {
                String::new()
            };
            return Err(PublishError::undelivered(format!(
                "cannot tell {what}: {}: {}{tries}",
                settings.server,
                without_secret(settings, &said(&error))
            )));
        }
        thread::sleep(wait);
    }
}

fn subject(template: Option<&Template>, view: &View) -> Result<String, PublishError> {
    let subject = match template {
        Some(template) => template.fill(view)?,
        None => format!(
            "[benchhost] {} {}: {}",
            view.alert.kind,
            view.alert.state,
            view.what()
        ),
    };
    // A line break would end the header.
    Ok(harmless(&subject.replace('\r', " ")).trim().to_owned())
}

fn text(template: Option<&Template>, view: &View) -> Result<String, PublishError> {
    if let Some(template) = template {
        return template.fill(view);
    }
    let (alert, run) = (&view.alert, &view.run);
    let mut lines = vec![alert.sentence.clone(), String::new()];
    let facts = [
        (
            "kind",
            format!("{}, {}, {}", alert.kind, alert.severity, alert.state),
        ),
        ("case", alert.case.clone()),
        ("metric", alert.metric.clone()),
        ("value", alert.value_text.clone()),
        ("reference", alert.reference_text.clone()),
        ("change", alert.change_text.clone()),
        ("rule", alert.rule.clone()),
        ("run", run.id.clone()),
        ("suite", run.suite.clone()),
        ("revision", run.revision.clone()),
        ("machine", run.host.clone()),
    ];
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(known.map(|(name, value)| format!("{name:<10} {value}")));
    Ok(lines.join("\n") + "\n")
}

/// A name by which a mail server knows a letter that it got twice.
fn id(action: &ActionSettings, event: &Event) -> String {
    let text = format!(
        "{}\n{}\n{:?} {:?}",
        action.name, event.key, event.state, event.severity
    );
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("<{hex}@benchhost>")
}

fn letter(
    settings: &MailSettings,
    subject: &str,
    text: String,
    id: &str,
) -> Result<Message, PublishError> {
    let mailbox = |text: &String| -> Result<Mailbox, PublishError> {
        text.parse()
            .map_err(|error| PublishError::usage(format!("{text:?} is no address: {error}")))
    };
    let mut builder = Message::builder()
        .from(mailbox(&settings.from)?)
        .subject(subject)
        .message_id(Some(id.to_owned()))
        .header(ContentType::TEXT_PLAIN);
    for to in &settings.to {
        builder = builder.to(mailbox(to)?);
    }
    builder
        .body(text)
        .map_err(|error| PublishError::usage(format!("cannot write the letter: {error}")))
}

fn transport(settings: &MailSettings) -> Result<SmtpTransport, PublishError> {
    let wrong = |error: &dyn std::fmt::Display| {
        PublishError::usage(format!("`server` is {:?}: {error}", settings.server))
    };
    let mut builder = SmtpTransport::from_url(&settings.server).map_err(|error| wrong(&error))?;
    if let Some(user) = &settings.user {
        let is_encrypted =
            settings.server.starts_with("smtps://") || settings.server.contains("tls=required");
        if !is_encrypted && !is_loopback(&settings.server) {
            return Err(wrong(&"a password would go there readable on its way")
                .with_hint("smtps://HOST, or smtp://HOST?tls=required"));
        }
        let password = match &settings.password {
            Some(keeper) => keeper.secret()?,
            None => {
                return Err(PublishError::usage(format!(
                    "there is a `user` for {}, and no password",
                    settings.server
                ))
                .with_hint("`password-env` or `password-file` says where it is kept"));
            }
        };
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

/// Whether the server is this machine.
fn is_loopback(server: &str) -> bool {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    super::super::http::Address::parse(&format!("http://{rest}"), false)
        .is_ok_and(|address| address.is_loopback())
}

/// What went wrong, with the reasons below it.
fn said(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    harmless(&text)
}

fn without_secret(settings: &MailSettings, text: &str) -> String {
    let secret = settings
        .password
        .as_ref()
        .and_then(|keeper| keeper.found().ok().flatten());
    match secret {
        Some(secret) => text.replace(secret.reveal(), "…"),
        None => text.to_owned(),
    }
}
