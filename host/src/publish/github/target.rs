//! Which pull request: what was typed, what is written, what GitHub Actions says in the environment.

use std::{env, fmt, fs};

use serde_json::Value;

use super::{Address, GithubAsked, GithubSettings, PublishError, Target};

/// Variable with the token of a workflow.
pub(in super::super) const TOKEN_VARIABLE: &str = "GITHUB_TOKEN";

/// The API of github.com.
const API: &str = "https://api.github.com";

/// A pull request and the way there.
#[derive(Debug)]
pub(super) struct Where {
    pub(super) api: Address,
    pub(super) target: Target,
    pub(super) pr: u64,
    /// The workflow run that publishes.
    pub(super) link: Option<String>,
}

impl Where {
    pub(super) fn of(asked: &GithubAsked, settings: &GithubSettings) -> Result<Self, PublishError> {
        let typed = asked.repo.clone().or_else(|| settings.repo.clone());
        let repo = typed
            .or_else(|| variable("GITHUB_REPOSITORY"))
            .ok_or_else(|| {
                PublishError::usage("cannot comment: it is not known in which repository")
                    .with_hint(
                        "--repo owner/name says it; GitHub Actions does in GITHUB_REPOSITORY",
                    )
            })?;
        let target = Target::parse(&repo).ok_or_else(|| {
            PublishError::usage(format!("the repository is {repo:?}, expected owner/name"))
        })?;
        let pr = asked
            .pr
            .or(settings.pr)
            .or_else(pr_of_event)
            .ok_or_else(|| {
                PublishError::usage("cannot comment: it is not known on which pull request")
                    .with_hint(
                        "--pr N says it; GitHub Actions does in workflows that run on pull_request",
                    )
            })?;
        Ok(Self {
            api: api(asked, settings)?,
            link: link(&target),
            target,
            pr,
        })
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}#{}", self.target.owner, self.target.name, self.pr)
    }
}

fn api(asked: &GithubAsked, settings: &GithubSettings) -> Result<Address, PublishError> {
    let parse = |from: &str, text: &str| {
        Address::parse(text, false).map_err(|why| PublishError::usage(format!("{from}: {why}")))
    };
    match (&asked.api, &settings.api) {
        (Some(text), _) => parse("--api", text),
        (None, Some(address)) => Ok(address.clone()),
        (None, None) => parse(
            "GITHUB_API_URL",
            &variable("GITHUB_API_URL").unwrap_or(API.to_owned()),
        ),
    }
}

/// Number of the pull request of the workflow's event.
fn pr_of_event() -> Option<u64> {
    let by_ref = variable("GITHUB_REF").and_then(|name| pr_of_ref(&name));
    by_ref.or_else(|| {
        let text = fs::read_to_string(variable("GITHUB_EVENT_PATH")?).ok()?;
        pr_of_text(&text)
    })
}

/// `refs/pull/12/merge`.
fn pr_of_ref(name: &str) -> Option<u64> {
    let rest = name.strip_prefix("refs/pull/")?;
    rest.split('/').next()?.parse().ok()
}

/// The number in the JSON of an event: on a pull request, on a comment of one, or after a workflow that ran on one.
fn pr_of_text(text: &str) -> Option<u64> {
    let event: Value = serde_json::from_str(text).ok()?;
    let is_on_a_plain_issue =
        event["issue"].is_object() && event["issue"]["pull_request"].is_null();
    if is_on_a_plain_issue {
        return None;
    }
    [
        &event["pull_request"]["number"],
        &event["issue"]["number"],
        &event["workflow_run"]["pull_requests"][0]["number"],
    ]
    .into_iter()
    .find_map(Value::as_u64)
}

/// The page of the workflow run, when it is one of this repository.
fn link(target: &Target) -> Option<String> {
    let server = variable("GITHUB_SERVER_URL")?;
    let server = Address::parse(&server, false).ok()?;
    let run: u64 = variable("GITHUB_RUN_ID")?.parse().ok()?;
    let ours = variable("GITHUB_REPOSITORY").and_then(|repo| Target::parse(&repo));
    let of = ours.as_ref().unwrap_or(target);
    Some(format!(
        "{server}/{}/{}/actions/runs/{run}",
        of.owner, of.name
    ))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_every_event_that_has_one() {
        assert_eq!(pr_of_ref("refs/pull/12/merge"), Some(12));
        assert_eq!(pr_of_ref("refs/heads/pull/12"), None);
        for (text, expected) in [
            (r#"{"pull_request":{"number":7}}"#, Some(7)),
            (r#"{"issue":{"number":8,"pull_request":{}}}"#, Some(8)),
            (r#"{"issue":{"number":8}}"#, None),
            (
                r#"{"workflow_run":{"pull_requests":[{"number":9}]}}"#,
                Some(9),
            ),
            (r#"{"number":"x"}"#, None),
            ("no json", None),
        ] {
            assert_eq!(pr_of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn names_that_would_lead_elsewhere_are_no_repository() {
        assert!(Target::parse("rust-lang/rust.vim_2").is_some());
        for text in [
            "a", "a/b/c", "../b", "a/..", "a/b?x=1", "a/b#c", "/b", "a/", "a b/c", "a/b\n",
        ] {
            assert!(Target::parse(text).is_none(), "{text}");
        }
    }
}
