//! The two small pages that are not the dashboard: asking for the token, and saying what went wrong.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use minijinja::{Environment, context};

use super::answer::Problem;

const LOGIN: &str = include_str!("login.html");
const PROBLEM: &str = include_str!("problem.html");

/// No script, no picture, no other server; a form may speak to this one.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The form that asks for the token; `remark` says what was wrong with the last one.
pub(super) fn login(status: StatusCode, remark: &str) -> Response {
    // The ending of the name makes the template escape what it is given.
    page(status, "login.html", LOGIN, context! { remark })
}

/// A problem for people.
pub(super) fn problem(problem: &Problem) -> Response {
    let context = context! { error => &problem.error, hint => &problem.hint };
    page(problem.status, "problem.html", PROBLEM, context)
}

fn page(status: StatusCode, name: &str, source: &str, context: minijinja::Value) -> Response {
    let made = Environment::new().render_named_str(name, source, context);
    let made = made.expect("the template is ours and its values are text");
    let mut response = (status, Html(made)).into_response();
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_with_hostile_text_stays_text() {
        let hostile = Problem::bad("<script>alert(1)</script>\"").hint("<b>");
        let context = context! { error => hostile.error, hint => hostile.hint };

        let made = Environment::new().render_named_str("problem.html", PROBLEM, context);

        let made = made.unwrap();
        assert!(made.contains("&lt;script&gt;") && made.contains("&lt;b&gt;"));
        assert!(!made.contains("<script>") && !made.contains("<b>"));
    }
}
