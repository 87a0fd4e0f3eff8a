//! How often and how long something is tried again.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use ureq::http::HeaderMap;

/// Patience with a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Retry {
    /// Tries altogether, at least 1.
    pub(in super::super) tries: u32,
    /// Time for all of them, waiting included; a try that has begun is ended by its own limit.
    pub(in super::super) whole: Duration,
    /// Wait before the second try; it doubles from try to try. What a receiver asks for counts instead.
    pub(in super::super) first_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 4,
            whole: Duration::from_secs(60),
            first_wait: Duration::from_secs(1),
        }
    }
}

impl Retry {
    /// The wait after try number `tried` (from 1), when nobody asked for another.
    pub(in super::super) fn wait(&self, tried: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
        self.first_wait.saturating_mul(doubled)
    }
}

/// Whether an answer asks to come back later: too many requests, or a trouble that passes.
pub(super) fn is_passing(status: u16, headers: &HeaderMap) -> bool {
    match status {
        429 => true,
        // What GitHub says when too much was asked of it.
        403 => {
            headers.contains_key("retry-after")
                || number(headers, "x-ratelimit-remaining") == Some(0)
        }
        501 | 505 => false,
        _ => status >= 500,
    }
}

/// Whether an answer says that nothing was done about the request.
pub(super) fn is_untouched(status: u16) -> bool {
    matches!(status, 403 | 429 | 503)
}

/// How long an answer asks to wait.
pub(super) fn asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let after = headers
        .get("retry-after")
        .and_then(|value| value.to_str().ok());
    if let Some(after) = after {
        return match after.trim().parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => until(rfc2822::parse(after.trim()).ok()?.timestamp(), now),
        };
    }
    if number(headers, "x-ratelimit-remaining").is_some_and(|left| left > 0) {
        return None;
    }
    let reset = number(headers, "x-ratelimit-reset")?;
    until(Timestamp::from_second(reset).ok()?, now)
}

fn until(then: Timestamp, now: Timestamp) -> Option<Duration> {
    Some(Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO))
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use ureq::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        of.iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn what_a_receiver_asks_for_is_understood_in_all_its_forms() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let wait = |of: &[(&'static str, &'static str)]| asked(&headers(of), now);

        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            wait(&[("retry-after", "Sun, 06 Nov 1994 08:49:40 GMT")]),
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            wait(&[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "784111787")
            ]),
            Some(Duration::from_secs(10))
        );
        assert_eq!(
            wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")]),
            Some(Duration::ZERO)
        );
        assert_eq!(
            wait(&[
                ("x-ratelimit-remaining", "9"),
                ("x-ratelimit-reset", "784111787")
            ]),
            None
        );
        assert_eq!(wait(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn what_passes_is_tried_again_and_what_is_refused_is_not() {
        let none = HeaderMap::new();
        for status in [429, 500, 502, 503, 504] {
            assert!(is_passing(status, &none), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 422, 501] {
            assert!(!is_passing(status, &none), "{status}");
        }
        assert!(is_passing(403, &headers(&[("x-ratelimit-remaining", "0")])));
        assert!(is_passing(403, &headers(&[("retry-after", "1")])));
    }

    #[test]
    fn waits_double_and_do_not_overflow() {
        let retry = Retry {
            first_wait: Duration::from_millis(500),
            ..Retry::default()
        };

        assert_eq!(retry.wait(1), Duration::from_millis(500));
        assert_eq!(retry.wait(3), Duration::from_secs(2));
        assert!(retry.wait(u32::MAX) > Duration::from_secs(1_000_000));
    }
}
