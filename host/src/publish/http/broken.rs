//! No answer came: why, in words.

use std::{io, time::Duration};

use benchhost_record::Nanos;
use ureq::{Error, Timeout};

use super::{
    super::{PublishError, trust},
    Address,
};

/// No answer came.
#[derive(Debug)]
pub(in super::super) struct Broken {
    why: String,
    pub(super) hint: Option<String>,
    is_usage: bool,
    /// Whether another try would end in the same way.
    pub(super) is_final: bool,
    /// Whether the request may have been done all the same.
    pub(in super::super) may_be_done: bool,
    pub(super) remark: String,
}

impl Broken {
    pub(super) fn unsent(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            hint: None,
            is_usage: true,
            is_final: true,
            may_be_done: false,
            remark: String::new(),
        }
    }

    /// The sentence.
    pub(in super::super) fn told(self, what: &str, address: &Address) -> PublishError {
        let message = format!("cannot {what}: {address}: {}{}", self.why, self.remark);
        let error = if self.is_usage {
            PublishError::usage(message)
        } else {
            PublishError::undelivered(message).of_silence()
        };
        match self.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// What an error means, in words.
pub(super) fn broken(error: &Error, limit: Duration) -> Broken {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
    let limit = Nanos(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
    let (why, may_be_done) = match error {
        Error::Io(error) if error.kind() == ConnectionRefused => (
            "nobody listens there (connection refused)".to_owned(),
            false,
        ),
        Error::Io(error)
            if matches!(
                error.kind(),
                ConnectionAborted | ConnectionReset | UnexpectedEof
            ) =>
        {
            (
                "the connection broke before there was an answer".to_owned(),
                true,
            )
        }
        Error::Io(error) => (error.to_string(), true),
        Error::HostNotFound => ("there is no host of that name".to_owned(), false),
        Error::ConnectionFailed | Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            ("it cannot be reached".to_owned(), false)
        }
        Error::Timeout(_) => (format!("no answer within {limit}"), true),
        Error::BodyExceedsLimit(_) => ("the answer is too long".to_owned(), true),
        // Neither has the address in it; what it does say, of TLS for example, is worth a look.
        other => (benchhost_report::harmless(&other.to_string()), true),
    };
    // Who is not trusted now is not trusted in a second.
    let is_distrust = trust::is_distrust(&why);
    Broken {
        hint: trust::way_out(&why),
        why,
        is_usage: false,
        is_final: is_distrust,
        may_be_done,
        remark: String::new(),
    }
}

/// What is told beside an outcome that patience ended with.
pub(super) fn remark(tried: u32, asked: Option<Duration>) -> String {
    let asks = asked.map(|wait| {
        let wait = Nanos(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX));
        format!("it asks to wait {wait}, which is too long")
    });
    let tries = (tried > 1).then(|| format!("{tried} tries"));
    let parts: Vec<String> = asks.into_iter().chain(tries).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}
