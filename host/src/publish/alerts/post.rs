//! Messages that are posted: webhooks and Slack.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{
    super::{
        http::{Client, Header, Repeat, Request},
        settings::{AddressSource, HeaderSource},
    },
    ActionSettings, PublishError, Published,
    template::{Template, slack},
    view::View,
};

/// Letters that Slack takes in a section.
const MOST: usize = 2900;

/// A body and its type.
#[derive(Debug)]
pub(super) struct Body {
    text: String,
    /// Unless the headers say another.
    kind: &'static str,
}

impl Body {
    /// What the template makes, or everything that is known as JSON.
    pub(super) fn webhook(
        template: Option<&Template>,
        view: &View,
        headers: &[(String, HeaderSource)],
    ) -> Result<Self, PublishError> {
        let text = match template {
            Some(template) => template.fill(view)?,
            None => json!(view).to_string(),
        };
        let is_said = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let kind = if is_said { "" } else { "application/json" };
        Ok(Self { text, kind })
    }

    /// One message for each channel, or one for the channel that the address belongs to.
    pub(super) fn slack(text: &str, channels: &[String]) -> Vec<Self> {
        let text: String = text.chars().take(MOST).collect();
        let message = json!({
            "text": text,
            "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": text } }],
            "unfurl_links": false,
        });
        let of_channel = |channel: Option<&String>| {
            let mut message = message.clone();
            if let Some(channel) = channel {
                message["channel"] = json!(channel);
            }
            Self {
                text: message.to_string(),
                kind: "application/json",
            }
        };
        if channels.is_empty() {
            vec![of_channel(None)]
        } else {
            channels
                .iter()
                .map(|channel| of_channel(Some(channel)))
                .collect()
        }
    }
}

/// The text of a message to Slack.
pub(super) fn message(template: Option<&Template>, view: &View) -> Result<String, PublishError> {
    if let Some(template) = template {
        return template.fill(view);
    }
    let alert = &view.alert;
    let mark = match (alert.state, alert.severity) {
        ("resolved" | "accepted", _) => ":white_check_mark:",
        _ if alert.kind == "improvement" => ":chart_with_upwards_trend:",
        (_, "critical") => ":red_circle:",
        _ => ":warning:",
    };
    let mut where_from = vec![format!("run {}", view.run.id)];
    if !view.run.suite.is_empty() {
        where_from.push(format!("suite {}", view.run.suite));
    }
    if !view.run.revision.is_empty() {
        where_from.push(format!("{:.10}", view.run.revision));
    }
    if !view.run.host.is_empty() {
        where_from.push(view.run.host.clone());
    }
    Ok(format!(
        "{mark} *{} {}* ({}): {}\n{}",
        alert.kind,
        alert.state,
        alert.severity,
        slack(&alert.sentence),
        slack(&where_from.join(" · "))
    ))
}

/// Posts the bodies to the address.
pub(super) fn deliver(
    what: &str,
    action: &ActionSettings,
    address: &AddressSource,
    headers: &[(String, HeaderSource)],
    bodies: &[Body],
    dry_run: bool,
) -> Result<Published, PublishError> {
    if dry_run {
        let to = match address {
            AddressSource::Open(address) => address.to_string(),
            AddressSource::Kept(keeper) => format!("the address in {keeper}"),
        };
        let shown = bodies
            .iter()
            .map(|body| format!("{what}, to {to}:\n\n{}\n\n", body.text));
        return Ok(Published::shown(shown.collect()));
    }
    let address = address.address()?;
    let client = Client::new(action.retry, action.trust.clone());
    let task = format!("tell {what}");
    for body in bodies {
        let mut sent = Vec::new();
        if !body.kind.is_empty() {
            sent.push((
                "content-type".to_owned(),
                Header::Plain(body.kind.to_owned()),
            ));
        }
        for (name, source) in headers {
            sent.push((name.clone(), source.header()?));
        }
        let request = Request {
            method: Method::POST,
            address: &address,
            headers: sent,
            body: Some(body.text.clone().into_bytes()),
            repeat: Repeat::Always,
        };
        let answer = client
            .send(&request)
            .map_err(|broken| broken.told(&task, &address))?;
        // The API of Slack says 200 to everything, and then what it means.
        let is_denied = answer
            .json()
            .is_some_and(|answer| answer["ok"] == Value::Bool(false));
        if !answer.is_ok() || is_denied {
            return Err(answer.refused(&task, &address));
        }
    }
    Ok(Published::sent(format!("told {what}")))
}
