//! The comment of a pull request: one, found again by its marker, posted or updated through GitHub's API.

mod comments;
mod target;

use benchhost_report::{
    Report,
    github::{CommentOptions, comment},
};

pub(super) use self::target::TOKEN_VARIABLE;
use self::{comments::Comments, target::Where};
use super::{
    PublishError, Published,
    http::{Address, Client},
    secret::Keeper,
    settings::{GithubSettings, Target},
};

/// What was typed; absent is what the settings say, then the environment.
#[derive(Debug, Clone, Default)]
pub struct GithubAsked {
    /// The repository, `owner/name`.
    pub repo: Option<String>,
    /// Number of the pull request.
    pub pr: Option<u64>,
    /// Address of the API.
    pub api: Option<String>,
    /// What tells the comment from others of benchhost, the suite's name else.
    pub name: Option<String>,
    /// Name of the variable that holds the token.
    pub token_variable: Option<String>,
}

/// Posts the comment, or updates the one that is there; with `dry_run` says what it would be.
///
/// # Errors
/// [`PublishError`] when it is not known where to, or it did not arrive.
pub(super) fn publish(
    report: &Report,
    asked: &GithubAsked,
    settings: Option<&GithubSettings>,
    dry_run: bool,
) -> Result<Published, PublishError> {
    let usual = GithubSettings::default();
    let settings = settings.unwrap_or(&usual);
    let place = Where::of(asked, settings)?;
    let name = asked.name.as_ref().or(settings.name.as_ref());
    let options = CommentOptions {
        link: place.link.as_deref(),
        name: name.map(String::as_str),
    };
    let body = comment(report, &options);
    if dry_run {
        return Ok(Published::shown(format!("to {place}:\n\n{body}\n")));
    }
    let keeper = match &asked.token_variable {
        Some(name) => Keeper::Variable(name.clone()),
        None => settings
            .token
            .clone()
            .unwrap_or(Keeper::Variable(TOKEN_VARIABLE.to_owned())),
    };
    let Some(token) = keeper.found()? else {
        return Err(PublishError::undelivered(format!(
            "cannot comment on {place}: there is no token, {keeper} is empty or not there"
        ))
        .with_hint("in a workflow: env: { GITHUB_TOKEN: ${{ github.token }} } and permissions: { pull-requests: write }"));
    };
    let comments = Comments {
        client: Client::new(settings.retry.unwrap_or_default(), settings.trust.clone()),
        place: &place,
        token,
    };
    let done = comments.put(&body, marker_of(&body))?;
    Ok(Published::sent(format!("{} on {place}", done.word())))
}

/// By which the comment is found again: its first line.
fn marker_of(body: &str) -> &str {
    body.lines().next().unwrap_or_default().trim_end()
}
