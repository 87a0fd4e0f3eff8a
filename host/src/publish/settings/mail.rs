//! Settings of an action that mails: the server and how the line to it is kept, sender, recipients.

use lettre::message::Mailbox;
use ureq::http::Uri;

use super::{
    super::{
        PublishError,
        alerts::{Escape, Template},
        http::Address,
        secret::Keeper,
    },
    action::template,
    keys::Keys,
};

/// An electronic letter.
#[derive(Debug, Clone)]
pub(in super::super) struct MailSettings {
    pub(in super::super) server: MailServer,
    pub(in super::super) from: String,
    pub(in super::super) to: Vec<String>,
    pub(in super::super) user: Option<String>,
    pub(in super::super) password: Option<Keeper>,
    pub(in super::super) subject: Option<Template>,
}

/// Who takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct MailServer {
    /// As it was written.
    pub(in super::super) text: String,
    pub(in super::super) host: String,
    pub(in super::super) line: Line,
    /// Whether it is this machine.
    pub(in super::super) is_loopback: bool,
}

/// How the line to a mail server is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Line {
    /// Readable by all.
    Open,
    /// Encrypted when the server offers it.
    Perhaps,
    /// Encrypted after a first word (STARTTLS), or not used.
    StartTls,
    /// Encrypted from its first byte.
    Wrapped,
}

impl Line {
    /// Whether nobody can read what is said.
    pub(in super::super) fn keeps_secrets(self) -> bool {
        matches!(self, Self::StartTls | Self::Wrapped)
    }
}

impl MailServer {
    /// `smtps://HOST`, or `smtp://HOST` with `?tls=required` or `?tls=opportunistic`, and a port if need be.
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let line = match (uri.scheme_str()?, uri.query()) {
            ("smtp", None) => Line::Open,
            ("smtp", Some("tls=opportunistic")) => Line::Perhaps,
            ("smtp", Some("tls=required")) => Line::StartTls,
            ("smtps", None | Some("tls=required")) => Line::Wrapped,
            _ => return None,
        };
        let authority = uri.authority()?;
        let beside = Address::parse(&format!("http://{authority}"), false);
        Some(Self {
            text: text.to_owned(),
            host: authority.host().to_owned(),
            line,
            is_loopback: beside.is_ok_and(|address| address.is_loopback()),
        })
    }
}

impl MailSettings {
    pub(super) fn of(keys: &Keys<'_>) -> Result<Self, PublishError> {
        const SERVER: &str = "a server like \"smtps://mail.example.org\" or \"smtp://mail.example.org?tls=required\"";
        const MAILBOX: &str = "an address like \"Bench <bench@example.org>\"";
        let server = keys.needed("server", SERVER)?;
        if server.contains('@') {
            return Err(PublishError::usage(format!(
                "{}: `server` holds a user or password; `user` and `password-env` say them",
                keys.place_of("server")
            )));
        }
        let server = MailServer::parse(&server).ok_or_else(|| keys.wrong("server", SERVER))?;
        let to = keys
            .texts("to", MAILBOX)?
            .ok_or_else(|| keys.missing("to", MAILBOX))?;
        let from = keys.needed("from", MAILBOX)?;
        let is_mailbox = |text: &String| text.parse::<Mailbox>().is_ok();
        if !is_mailbox(&from) {
            return Err(keys.wrong("from", MAILBOX));
        }
        if !to.iter().all(is_mailbox) {
            return Err(keys.wrong("to", MAILBOX));
        }
        Ok(Self {
            server,
            from,
            to,
            user: keys.text("user", "a name")?,
            password: keys.keeper("password")?,
            subject: template(keys, "subject", Escape::None)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_how_the_line_is_kept_and_nothing_else_does() {
        for (text, line) in [
            ("smtp://mail.example.org", Some(Line::Open)),
            ("smtp://tls=required.example.org", Some(Line::Open)),
            (
                "smtp://mail.example.org:2525?tls=required",
                Some(Line::StartTls),
            ),
            (
                "smtp://mail.example.org/me?tls=opportunistic",
                Some(Line::Perhaps),
            ),
            ("smtps://mail.example.org:4650", Some(Line::Wrapped)),
            ("smtp://mail.example.org?tls=require", None),
            ("smtp://mail.example.org?x=tls=required", None),
            ("https://mail.example.org", None),
            ("mail.example.org", None),
        ] {
            assert_eq!(
                MailServer::parse(text).map(|server| server.line),
                line,
                "{text}"
            );
        }
        let here = MailServer::parse("smtp://127.0.0.1:25").unwrap();
        assert!(here.is_loopback && !MailServer::parse("smtp://127.org").unwrap().is_loopback);
    }
}
