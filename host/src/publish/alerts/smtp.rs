//! The line to a mail server: how it is encrypted, whom it trusts, and what its errors mean.

use std::time::Duration;

use benchhost_record::Nanos;
use benchhost_report::harmless;
use lettre::{
    SmtpTransport,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use super::{
    super::{
        settings::{Line, MailServer, MailSettings},
        trust::{self, Trust},
    },
    PublishError,
};

/// Time for one command of the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a letter was not taken, in words.
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) hint: Option<String>,
    /// Whether another try may end in another way.
    pub(super) is_passing: bool,
}

/// A way to the server that says a password only where nobody can read it.
pub(super) fn transport(
    settings: &MailSettings,
    trust: &Trust,
) -> Result<SmtpTransport, PublishError> {
    let server = &settings.server;
    let wrong = |why: &dyn std::fmt::Display| {
        PublishError::usage(format!("`server` is {:?}: {why}", server.text))
    };
    let mut builder =
        SmtpTransport::from_url(&server.text).map_err(|error| wrong(&said(&error)))?;
    if server.line != Line::Open {
        let parameters = parameters(server, trust).map_err(|why| wrong(&why))?;
        builder = builder.tls(match server.line {
            Line::Wrapped => Tls::Wrapper(parameters),
            Line::StartTls => Tls::Required(parameters),
            Line::Perhaps | Line::Open => Tls::Opportunistic(parameters),
        });
    }
    if let Some(user) = &settings.user {
        if !server.line.keeps_secrets() && !server.is_loopback {
            return Err(wrong(&"a password would go there readable on its way")
                .with_hint("smtps://HOST, or smtp://HOST?tls=required"));
        }
        let password = match &settings.password {
            Some(keeper) => keeper.secret()?,
            None => {
                return Err(PublishError::usage(format!(
                    "there is a `user` for {}, and no password",
                    server.text
                ))
                .with_hint("`password-env` or `password-file` says where it is kept"));
            }
        };
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

fn parameters(server: &MailServer, trust: &Trust) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(roots) = trust.roots()? {
        builder = builder.certificate_store(CertificateStore::None);
        for root in roots.iter() {
            let root = Certificate::from_der(root.to_vec()).map_err(|error| said(&error))?;
            builder = builder.add_root_certificate(root);
        }
    }
    builder.build().map_err(|error| said(&error))
}

/// What an error means, and the way out.
pub(super) fn refusal(server: &MailServer, error: &Error) -> Refusal {
    let text = said(error);
    let is_passing = !error.is_permanent() && !error.is_tls() && !error.is_client();
    let known = |why: &str, hint: &str| Refusal {
        why: why.to_owned(),
        hint: Some(hint.to_owned()),
        is_passing: false,
    };
    if text.contains("STARTTLS is not supported") {
        return known(
            "it offers no STARTTLS, so the line to it cannot be encrypted",
            "smtps://HOST is for a server that encrypts from the first byte (port 465); smtp://HOST asks for no encryption, and \
             takes no password",
        );
    }
    if text.contains("InvalidContentType") {
        return known(
            "it does not encrypt from the first byte",
            "smtp://HOST:PORT?tls=required encrypts after a first word (STARTTLS, port 587)",
        );
    }
    if error.is_permanent() && server.line == Line::Open && text.contains("STARTTLS") {
        return known(
            &text,
            "smtp://HOST:PORT?tls=required encrypts as it asks for",
        );
    }
    if is_silence(error) {
        let limit = Nanos(u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX));
        let hint = "smtps://HOST, if it encrypts from the first byte (port 465): it waits then for the first word";
        return Refusal {
            why: format!("no answer within {limit}"),
            hint: (server.line != Line::Wrapped).then(|| hint.to_owned()),
            is_passing,
        };
    }
    Refusal {
        hint: trust::way_out(&text),
        is_passing: is_passing && !trust::is_distrust(&text),
        why: text,
    }
}

/// Whether the server said nothing in time.
fn is_silence(error: &Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<std::io::Error>() {
            return matches!(error.kind(), TimedOut | WouldBlock);
        }
        cause = inner.source();
    }
    false
}

/// What went wrong, with the reasons below it.
fn said(error: &Error) -> String {
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
