//! A push gateway: the metrics of a group replace those it had.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Method;

use super::{
    super::{
        http::{Address, Client, Header, Repeat, Request},
        settings::HeaderSource,
    },
    FORM, PublishError, Published,
};

/// What is encoded in a part of a path: all but what RFC 3986 leaves alone everywhere.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What the pushed metrics are known by; a later push of the same group replaces them.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) job: &'a str,
    pub(super) labels: Vec<(String, String)>,
}

impl Group<'_> {
    /// The address of the group.
    pub(super) fn below(&self, gateway: &Address) -> Address {
        let labels = self.labels.iter().map(|(name, value)| part(name, value));
        let parts: Vec<String> = std::iter::once(part("job", self.job))
            .chain(labels)
            .collect();
        gateway.below(&format!("metrics/{}", parts.join("/")))
    }
}

/// `name/value`, or `name@base64/…` for a value that a path would lose: with a slash, empty, or only dots.
fn part(name: &str, value: &str) -> String {
    if value.is_empty() {
        return format!("{name}@base64/=");
    }
    if value.contains('/') || value.chars().all(|c| c == '.') {
        return format!("{name}@base64/{}", BASE64_URL_SAFE_NO_PAD.encode(value));
    }
    format!("{name}/{}", utf8_percent_encode(value, ENCODED))
}

/// Pushes `text` to the group at `address`.
pub(super) fn push(
    client: Client,
    address: &Address,
    headers: &[(String, HeaderSource)],
    text: String,
) -> Result<Published, PublishError> {
    const WHAT: &str = "push the metrics";
    let kind = Header::Plain(FORM.content_type().to_owned());
    let mut sent = vec![("content-type".to_owned(), kind)];
    for (name, source) in headers {
        sent.push((name.clone(), source.header()?));
    }
    let request = Request {
        method: Method::PUT,
        address,
        headers: sent,
        body: Some(text.into_bytes()),
        repeat: Repeat::Always,
    };
    let answer = client
        .send(&request)
        .map_err(|broken| broken.told(WHAT, address))?;
    if !answer.is_ok() {
        let error = answer.refused(WHAT, address);
        return Err(match answer.status {
            404 | 405 => error
                .with_hint("is it a push gateway? Prometheus itself takes no pushes of this kind"),
            _ => error,
        });
    }
    Ok(Published::sent(format!("metrics pushed to {address}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_label_survives_the_path() {
        let gateway = Address::parse("http://gw:9091/prefix/", false).unwrap();
        let group = Group {
            job: "bench/host",
            labels: vec![
                ("instance".to_owned(), "ci 1?#%".to_owned()),
                ("suite".to_owned(), String::new()),
                ("up".to_owned(), "..".to_owned()),
                ("name".to_owned(), "schnell-größer".to_owned()),
            ],
        };

        assert_eq!(
            group.below(&gateway).to_string(),
            "http://gw:9091/prefix/metrics/job@base64/YmVuY2gvaG9zdA/instance/ci%201%3F%23%25/suite@base64/=/up@base64/Li4/\
             name/schnell-gr%C3%B6%C3%9Fer"
        );
    }
}
