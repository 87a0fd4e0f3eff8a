//! Messages that are mailed.

use std::{thread, time::Instant};

use benchhost_report::harmless;
use lettre::{
    Message, Transport as _,
    message::{
        Mailbox,
        header::{ContentType, MIME_VERSION_1_0},
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    super::settings::MailSettings,
    ActionSettings, PublishError, Published,
    event::Event,
    smtp::{refusal, transport},
    template::Template,
    view::View,
};

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
    let transport = transport(settings, &action.trust)?;
    let began = Instant::now();
    let mut tried = 0;
    loop {
        tried += 1;
        let Err(error) = transport.send(&letter) else {
            return Ok(Published::sent(format!("told {what}")));
        };
        let wait = action.retry.wait(tried);
        let refusal = refusal(&settings.server, &error);
        if !refusal.is_passing
            || tried >= action.retry.tries
            || began.elapsed() + wait > action.retry.whole
        {
            let tries = if tried > 1 {
                format!(" ({tried} tries)")
            } else {
                String::new()
            };
            let error = PublishError::undelivered(format!(
                "cannot tell {what}: {}: {}{tries}",
                settings.server.text,
                without_secret(settings, &refusal.why)
            ));
            return Err(match refusal.hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
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
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    for to in &settings.to {
        builder = builder.to(mailbox(to)?);
    }
    builder
        .body(text)
        .map_err(|error| PublishError::usage(format!("cannot write the letter: {error}")))
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
