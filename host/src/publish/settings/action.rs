//! `[[action]]`: what is done about alerts, and about which.

use std::path::Path;

use super::{
    super::{
        PublishError,
        alerts::{Escape, Template},
        http::{Address, Retry},
        secret::{Keeper, Secret},
        trust::Trust,
    },
    keys::Keys,
    limits::{Limits, limits},
    mail::MailSettings,
    special::HeaderSource,
};

/// An action.
#[derive(Debug, Clone)]
pub(in super::super) struct ActionSettings {
    pub(in super::super) name: String,
    /// File and line.
    pub(in super::super) place: String,
    pub(in super::super) limits: Limits,
    pub(in super::super) template: Option<Template>,
    pub(in super::super) retry: Retry,
    pub(in super::super) trust: Trust,
    pub(in super::super) way: WaySettings,
}

/// How it is told.
#[derive(Debug, Clone)]
pub(in super::super) enum WaySettings {
    Webhook {
        address: AddressSource,
        headers: Vec<(String, HeaderSource)>,
    },
    Slack {
        address: AddressSource,
        headers: Vec<(String, HeaderSource)>,
        /// One message for each; empty for the one that the address belongs to.
        channels: Vec<String>,
    },
    Mail(Box<MailSettings>),
}

/// An address, or where it is kept.
#[derive(Debug, Clone)]
pub(in super::super) enum AddressSource {
    Open(Address),
    Kept(Keeper),
}

impl AddressSource {
    pub(in super::super) fn address(&self) -> Result<Address, PublishError> {
        match self {
            Self::Open(address) => Ok(address.clone()),
            Self::Kept(keeper) => {
                let secret: Secret = keeper.secret()?;
                Address::parse(secret.reveal(), true)
                    .map_err(|why| PublishError::usage(format!("the address in {keeper}: {why}")))
            }
        }
    }
}

impl ActionSettings {
    pub(super) fn of(keys: &Keys<'_>) -> Result<Self, PublishError> {
        const KIND: &str = "\"webhook\", \"slack\" or \"email\"";
        const COMMON: [&str; 12] = [
            "name",
            "kind",
            "on",
            "severity",
            "state",
            "case",
            "metric",
            "most",
            "template",
            "template-file",
            "retry",
            "ca-file",
        ];
        const POSTED: [&str; 4] = ["url", "url-env", "url-file", "headers"];
        const MAIL: [&str; 7] = [
            "server",
            "from",
            "to",
            "user",
            "password-env",
            "password-file",
            "subject",
        ];
        let kind = keys.needed("kind", KIND)?;
        let own: &[&str] = match kind.as_str() {
            "webhook" => &POSTED,
            "slack" => &["url", "url-env", "url-file", "headers", "channels"],
            "email" => &MAIL,
            _ => return Err(keys.wrong("kind", KIND)),
        };
        keys.knows(&[&COMMON, own].concat())?;
        let (way, escape) = match kind.as_str() {
            "email" => (
                WaySettings::Mail(Box::new(MailSettings::of(keys)?)),
                Escape::None,
            ),
            "slack" => {
                let channels = keys.texts(
                    "channels",
                    "a channel like \"#performance\", or a list of them",
                )?;
                let way = WaySettings::Slack {
                    address: address(keys)?,
                    headers: keys.headers()?,
                    channels: channels.unwrap_or_default(),
                };
                (way, Escape::Slack)
            }
            _ => {
                let headers = keys.headers()?;
                let escape = if is_json(&headers) {
                    Escape::Json
                } else {
                    Escape::None
                };
                (
                    WaySettings::Webhook {
                        address: address(keys)?,
                        headers,
                    },
                    escape,
                )
            }
        };
        Ok(Self {
            name: keys.needed("name", "a name")?,
            place: keys.place(),
            limits: limits(keys)?,
            template: template(keys, "template", escape)?,
            retry: keys.retry()?.unwrap_or(Retry {
                tries: 3,
                whole: std::time::Duration::from_secs(30),
                ..Retry::default()
            }),
            trust: keys.trust()?,
            way,
        })
    }
}

/// Whether a body is JSON: it is, unless its type is said to be another.
fn is_json(headers: &[(String, HeaderSource)]) -> bool {
    let kind = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match kind {
        Some((_, HeaderSource::Plain(kind))) => kind.contains("json"),
        _ => true,
    }
}

fn address(keys: &Keys<'_>) -> Result<AddressSource, PublishError> {
    let (open, kept) = (keys.address("url")?, keys.keeper("url")?);
    match (open, kept) {
        (Some(_), Some(_)) => Err(PublishError::usage(format!(
            "{}: `url` and where it is kept are both given; one of them is enough",
            keys.place_of("url")
        ))),
        (Some(address), None) if address.to_string().contains("hooks.slack.com/services") => {
            Err(PublishError::usage(format!(
                "{}: `url` is an address of Slack: whoever reads it may post there, so it is not written down",
                keys.place_of("url")
            ))
            .with_hint("`url-env` or `url-file` says where it is kept"))
        }
        (Some(address), None) => Ok(AddressSource::Open(address)),
        (None, Some(keeper)) => Ok(AddressSource::Kept(keeper)),
        (None, None) => Err(keys.missing("url", "an address, or `url-env` or `url-file` with where it is kept")),
    }
}

/// The template of `key`, or the one in the file of `KEY-file`.
pub(super) fn template(
    keys: &Keys<'_>,
    key: &str,
    escape: Escape,
) -> Result<Option<Template>, PublishError> {
    let by_path = if key == "template" {
        keys.path("template-file")?
    } else {
        None
    };
    match (keys.text(key, "a template")?, by_path) {
        (Some(_), Some(_)) => Err(PublishError::usage(format!(
            "{}: `template` and `template-file` are both given; one of them is enough",
            keys.place_of("template-file")
        ))),
        (Some(text), None) => {
            let (file, line) = keys.text_begins(key);
            Template::new(&text, &file, line, escape).map(Some)
        }
        (None, Some(path)) => read(&path, escape, &keys.place_of("template-file")).map(Some),
        (None, None) => Ok(None),
    }
}

fn read(path: &Path, escape: Escape, place: &str) -> Result<Template, PublishError> {
    let name = path.display().to_string();
    let text = crate::written::read(path).map_err(|error| {
        PublishError::usage(format!(
            "{place}: cannot read the template `{name}`: {error}"
        ))
    })?;
    Template::new(&text, &name, 1, escape)
}
