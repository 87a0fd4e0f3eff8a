//! The comments of a pull request: which one is ours, and how it is put there.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{
    super::{
        http::{Answer, Header, Repeat, Request},
        secret::Secret,
    },
    Address, Client, PublishError,
    target::Where,
};

/// Version of the API that is spoken.
const VERSION: &str = "2022-11-28";

/// Pages of a hundred comments that are looked through: more than any pull request has.
const PAGES: usize = 100;

/// Times that the comments are looked through anew when nobody knows whether a post was done.
const ROUNDS: u32 = 3;

/// What became of the comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Posted,
    Updated,
}

impl Done {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Posted => "comment posted",
            Self::Updated => "comment updated",
        }
    }
}

/// Comments of a pull request, with the right to write them.
pub(super) struct Comments<'a> {
    pub(super) client: Client,
    pub(super) place: &'a Where,
    pub(super) token: Secret,
}

impl Comments<'_> {
    /// Updates the newest comment that begins with `marker`, or posts one.
    pub(super) fn put(&self, body: &str, marker: &str) -> Result<Done, PublishError> {
        let mut round = 1;
        loop {
            for id in self.ours(marker)? {
                if self.update(id, body)? {
                    return Ok(Done::Updated);
                }
            }
            match self.post(body)? {
                Some(()) => return Ok(Done::Posted),
                // It may be there all the same: a second comment would be noise for ever.
                None if round < ROUNDS => round += 1,
                None => {
                    return Err(PublishError::undelivered(format!(
                        "cannot comment on {}: {} breaks off, {ROUNDS} times",
                        self.place, self.place.api
                    )));
                }
            }
        }
    }

    /// Ids of the comments that begin with `marker`, the newest first.
    fn ours(&self, marker: &str) -> Result<Vec<u64>, PublishError> {
        let what = format!("read the comments of {}", self.place);
        let mut page =
            Some(self.of_repo(&format!("issues/{}/comments?per_page=100", self.place.pr)));
        let mut ids = Vec::new();
        for _ in 0..PAGES {
            let Some(address) = page else { break };
            let answer = self.send(Method::GET, &address, None, Repeat::Always, &what)?;
            if !answer.is_ok() {
                return Err(self.refused(&answer, &what, &address));
            }
            let Some(Value::Array(comments)) = answer.json() else {
                return Err(PublishError::undelivered(format!(
                    "cannot {what}: {address} answered something that is no list of comments"
                ))
                .with_hint("--api wants the address of the API, like https://api.github.com"));
            };
            let is_ours = |comment: &&Value| {
                let body = comment["body"].as_str().unwrap_or_default();
                body.lines().next().unwrap_or_default().trim_end() == marker
            };
            ids.extend(
                comments
                    .iter()
                    .filter(is_ours)
                    .filter_map(|comment| comment["id"].as_u64()),
            );
            page = next(&answer).filter(|next| next.is_beside(&self.place.api));
        }
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids)
    }

    /// Whether the comment could be updated; not when it is gone or somebody else's.
    fn update(&self, id: u64, body: &str) -> Result<bool, PublishError> {
        let what = format!("update the comment of {}", self.place);
        let address = self.of_repo(&format!("issues/comments/{id}"));
        let answer = self.send(Method::PATCH, &address, Some(body), Repeat::Always, &what)?;
        match answer.status {
            403 | 404 => Ok(false),
            _ if answer.is_ok() => self.is_comment(&answer, &what, &address).map(|()| true),
            _ => Err(self.refused(&answer, &what, &address)),
        }
    }

    /// Posts the comment; `None` when nobody knows whether that was done.
    fn post(&self, body: &str) -> Result<Option<()>, PublishError> {
        let what = format!("comment on {}", self.place);
        let address = self.of_repo(&format!("issues/{}/comments", self.place.pr));
        let request = self.request(Method::POST, &address, Some(body), Repeat::Undone);
        match self.client.send(&request) {
            Ok(answer) if answer.is_ok() => self.is_comment(&answer, &what, &address).map(Some),
            Ok(answer) if matches!(answer.status, 500 | 502 | 504) => Ok(None),
            Ok(answer) => Err(self.refused(&answer, &what, &address)),
            Err(broken) if broken.may_be_done => Ok(None),
            Err(broken) => Err(broken.told(&what, &address)),
        }
    }

    /// Refuses an answer of success from something that is no GitHub.
    fn is_comment(
        &self,
        answer: &Answer,
        what: &str,
        address: &Address,
    ) -> Result<(), PublishError> {
        if answer.json().is_some_and(|comment| comment["id"].is_u64()) {
            return Ok(());
        }
        Err(PublishError::undelivered(format!(
            "cannot {what}: {address} answered {} without the comment it made",
            answer.status
        ))
        .with_hint("--api wants the address of the API, like https://api.github.com"))
    }

    fn of_repo(&self, path: &str) -> Address {
        let target = &self.place.target;
        let path = format!("repos/{}/{}/{path}", target.owner, target.name);
        self.place.api.below(&path)
    }

    fn send(
        &self,
        method: Method,
        address: &Address,
        body: Option<&str>,
        repeat: Repeat,
        what: &str,
    ) -> Result<Answer, PublishError> {
        let request = self.request(method, address, body, repeat);
        self.client
            .send(&request)
            .map_err(|broken| broken.told(what, address))
    }

    fn request<'a>(
        &self,
        method: Method,
        address: &'a Address,
        body: Option<&str>,
        repeat: Repeat,
    ) -> Request<'a> {
        let token = Secret::new(format!("Bearer {}", self.token.reveal()));
        let plain = |name: &str, text: &str| (name.to_owned(), Header::Plain(text.to_owned()));
        let mut headers = vec![
            ("authorization".to_owned(), Header::Secret(token)),
            plain("accept", "application/vnd.github+json"),
            plain("x-github-api-version", VERSION),
        ];
        if body.is_some() {
            headers.push(plain("content-type", "application/json"));
        }
        Request {
            method,
            address,
            headers,
            body: body.map(|body| json!({ "body": body }).to_string().into_bytes()),
            repeat,
        }
    }

    fn refused(&self, answer: &Answer, what: &str, address: &Address) -> PublishError {
        let error = answer.refused(what, address);
        match answer.status {
            401 => error.with_hint("the token is not known there, or has expired"),
            403 => error.with_hint(
                "the token needs the right to write pull requests (permissions: { pull-requests: write }); \
                 workflows of forks do not get it, a workflow on workflow_run does",
            ),
            404 => error.with_hint(format!("is there a pull request {}, and may the token see it?", self.place)),
            422 => error.with_hint("GitHub takes comments of at most 65536 letters"),
            _ => error,
        }
    }
}

/// Address of the page after this one.
fn next(answer: &Answer) -> Option<Address> {
    let links = answer.headers.get("link")?.to_str().ok()?;
    let link = links
        .split(',')
        .find(|link| link.contains("rel=\"next\""))?;
    let (_, rest) = link.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    Address::parse(address, false).ok()
}
