//! A browser shows the token once, in the body of a form, and gets a session.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Shared,
    answer::{Problem, wants_html},
    guard::cookie_name,
    sheet,
};

/// How long a browser keeps its session, seconds; it ends with the server in any case.
const SESSION_S: u32 = 12 * 3600;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Shown {
    token: String,
}

/// The form; without a token there is nothing to ask for.
pub(super) async fn form(State(shared): State<Arc<Shared>>) -> Response {
    match shared.access {
        Some(_) => sheet::login(StatusCode::OK, ""),
        None => Redirect::to("/").into_response(),
    }
}

/// The token, shown.
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    shown: Result<Form<Shown>, FormRejection>,
) -> Response {
    let Some(access) = &shared.access else {
        return Redirect::to("/").into_response();
    };
    let is_right = shown.is_ok_and(|Form(shown)| access.token.is(&shown.token));
    if !is_right {
        let sentence = "this is not the token of this server";
        return if wants_html(&headers) {
            sheet::login(StatusCode::UNAUTHORIZED, sentence)
        } else {
            Problem::new(StatusCode::UNAUTHORIZED, sentence).into_response()
        };
    }
    let cookie = format!(
        "{}={}; Path=/; Max-Age={SESSION_S}; HttpOnly; SameSite=Strict",
        cookie_name(shared.service.address.port()),
        access.session()
    );
    let cookie = HeaderValue::from_str(&cookie).expect("letters, digits and signs");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}
