//! What a receiver answered, and how a refusal is told.

use benchhost_report::harmless;
use serde_json::Value;
use ureq::http::HeaderMap;

use super::{super::PublishError, Address};

/// Letters of an answer that a sentence repeats.
const MOST_SAID: usize = 300;

/// An answer, whatever its status.
#[derive(Debug)]
pub(in super::super) struct Answer {
    pub(in super::super) status: u16,
    pub(in super::super) headers: HeaderMap,
    pub(in super::super) body: Vec<u8>,
    /// What must not be repeated, though the receiver may say it.
    pub(super) secrets: Vec<String>,
    /// What is told beside a refusal: that the receiver asked to wait too long, how often it was tried.
    pub(super) remark: String,
}

impl Answer {
    /// Whether the request was done.
    pub(in super::super) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, when it is JSON.
    pub(in super::super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What the receiver said, on one line: the messages of a JSON answer, else its text.
    fn said(&self) -> String {
        let text = match self.json() {
            Some(Value::Object(answer)) => {
                let word = |key: &str| answer.get(key).and_then(Value::as_str);
                let main = ["message", "error_description", "error", "detail"];
                let main = main.into_iter().find_map(word).unwrap_or_default();
                let errors = answer.get("errors").and_then(Value::as_array);
                let more = errors.into_iter().flatten().filter_map(|one| {
                    let message = one.get("message").and_then(Value::as_str);
                    message
                        .or(one.as_str())
                        .or(one.get("code").and_then(Value::as_str))
                });
                std::iter::once(main)
                    .chain(more)
                    .collect::<Vec<_>>()
                    .join(": ")
            }
            _ => String::from_utf8_lossy(&self.body).into_owned(),
        };
        self.told(&text)
    }

    /// `text` of the receiver without secrets, on one line and not longer than people read.
    pub(in super::super) fn told(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "…");
        }
        let text = harmless(text.trim());
        match text.char_indices().nth(MOST_SAID) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    /// The sentence for an answer that is none of success.
    pub(in super::super) fn refused(&self, what: &str, address: &Address) -> PublishError {
        self.refused_saying(what, address, &self.said())
    }

    /// As [`refused`](Self::refused), for those who read the answer themselves.
    pub(in super::super) fn refused_saying(
        &self,
        what: &str,
        address: &Address,
        said: &str,
    ) -> PublishError {
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(": {said}")
        };
        let error = PublishError::undelivered(format!(
            "cannot {what}: {address} answered {}{said}{}",
            status(self.status),
            self.remark
        ));
        if (300..400).contains(&self.status) {
            return match self.headers.get("location").and_then(|to| to.to_str().ok()) {
                Some(to) => error.with_hint(format!(
                    "it sends on to {}; no redirect is followed, give that address if it is right",
                    self.told(to.split('?').next().unwrap_or_default())
                )),
                None => error,
            };
        }
        error
    }
}

fn status(status: u16) -> String {
    let known = ureq::http::StatusCode::from_u16(status).ok();
    match known.and_then(|status| status.canonical_reason()) {
        Some(reason) => format!("{status} ({reason})"),
        None => status.to_string(),
    }
}
