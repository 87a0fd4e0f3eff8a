//! What every request passes: the name it asks for, the token, and what the answer tells a browser.
//!
//! All of it is read-only, so there is nothing that another page could make a browser do here; what must not happen is that another
//! page reads. Its script may not (no CORS headers are sent), its frames and pictures may not either (see `HEADERS`), and a name
//! that was turned towards this machine after the page was loaded is not answered.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{
    Shared,
    address::is_loopback,
    answer::{Problem, wants_html},
    sheet,
    token::Access,
};

/// Paths that are answered without a token.
const OPEN_PATHS: [&str; 2] = ["/health", "/login"];

/// Sent with every answer that does not say otherwise itself.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Lets through what may be answered.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match refusal(&shared, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
    response
}

fn refusal(shared: &Shared, request: &Request) -> Option<Response> {
    // Proxies before it may have gone by the other one (RFC 9112, 3.2).
    if is_twofold(request.headers()) {
        let problem = Problem::new(
            StatusCode::BAD_REQUEST,
            "the request has more than one `Host` header, expected one",
        );
        return Some(problem.into_response());
    }
    let Some(access) = &shared.access else {
        // Without a token only this machine may ask, by one of its own names.
        return wrong_host(request.headers(), request.uri()).map(|problem| problem.into_response());
    };
    let is_open = OPEN_PATHS.contains(&request.uri().path());
    if is_open || may(access, request.headers(), shared.service.address.port()) {
        return None;
    }
    if wants_html(request.headers()) {
        return Some(sheet::login(StatusCode::UNAUTHORIZED, ""));
    }
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "this server asks for its token")
        .hint("send it as `Authorization: Bearer …`, or open /login in a browser");
    let mut response = problem.into_response();
    let scheme = HeaderValue::from_static("Bearer realm=\"benchhost\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    Some(response)
}

fn is_twofold(headers: &HeaderMap) -> bool {
    headers.get_all(header::HOST).iter().count() > 1
}

/// Why a name is not answered to: a page of another site may have turned its own name towards this machine.
fn wrong_host(headers: &HeaderMap, uri: &Uri) -> Option<Problem> {
    let host = headers.get(header::HOST);
    let host = host.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let asked = uri.authority().map(|authority| authority.as_str().into());
    let asked = asked.or(host).unwrap_or_default();
    if is_ours(&asked) {
        return None;
    }
    Some(
        Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("this server answers to localhost only, not to {asked:?}"),
        )
        .hint("a proxy before it must ask with `Host: localhost`; with a token it answers to any name"),
    )
}

/// Whether `host`, with or without a port, is a name of this machine alone.
fn is_ours(host: &str) -> bool {
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if without_port.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let inner = without_port
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = inner.unwrap_or(without_port).parse();
    address.is_ok_and(is_loopback)
}

/// Whether the request shows the token, or the session that was given for it.
pub(super) fn may(access: &Access, headers: &HeaderMap, port: u16) -> bool {
    bearer(headers).is_some_and(|token| access.token.is(token))
        || cookies(headers, &cookie_name(port)).any(|session| access.is_session(session))
}

/// Cookies belong to a host name, whatever the port: each server of a host has its own.
pub(super) fn cookie_name(port: u16) -> String {
    format!("benchhost-{port}")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(move |pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then_some(value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        for host in [
            "localhost",
            "LocalHost:9000",
            "127.0.0.1:8417",
            "127.1.2.3",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1:8417",
            "localhost:evil",
            "[::1",
            "0.0.0.0",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }

    #[test]
    fn two_hosts_are_one_too_many() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(!is_twofold(&headers));

        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(is_twofold(&headers));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_static("a=b; benchhost-80=x; benchhost-8417=y=z");
        headers.insert(header::COOKIE, line);

        let found: Vec<&str> = cookies(&headers, "benchhost-8417").collect();

        assert_eq!(found, ["y=z"]);
    }
}
