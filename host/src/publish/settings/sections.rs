//! The sections for one receiver each: GitHub, Prometheus, OpenTelemetry.

use std::path::PathBuf;

use super::{
    super::{
        PublishError,
        http::{Address, Retry},
        secret::Keeper,
        trust::Trust,
    },
    keys::Keys,
    special::HeaderSource,
};

/// `[github]`.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct GithubSettings {
    pub(in super::super) repo: Option<String>,
    pub(in super::super) pr: Option<u64>,
    pub(in super::super) name: Option<String>,
    pub(in super::super) api: Option<Address>,
    pub(in super::super) token: Option<Keeper>,
    pub(in super::super) retry: Option<Retry>,
    pub(in super::super) trust: Trust,
}

/// `[prometheus]`.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct PrometheusSettings {
    pub(in super::super) file: Option<PathBuf>,
    pub(in super::super) push: Option<Address>,
    pub(in super::super) job: Option<String>,
    pub(in super::super) grouping: Option<Vec<(String, String)>>,
    pub(in super::super) headers: Vec<(String, HeaderSource)>,
    pub(in super::super) retry: Option<Retry>,
    pub(in super::super) trust: Trust,
}

/// `[otlp]`.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct OtlpSettings {
    pub(in super::super) endpoint: Option<Address>,
    pub(in super::super) gzip: Option<bool>,
    pub(in super::super) headers: Vec<(String, HeaderSource)>,
    pub(in super::super) retry: Option<Retry>,
    pub(in super::super) trust: Trust,
}

/// A repository: its owner and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Target {
    pub(in super::super) owner: String,
    pub(in super::super) name: String,
}

impl Target {
    /// The repository that `text` (`owner/name`) names.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        let is_name = |part: &str| {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty() && part.chars().all(is_letter) && part.chars().any(|c| c != '.')
        };
        (is_name(owner) && is_name(name)).then(|| Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl GithubSettings {
    pub(super) fn of(keys: &Keys<'_>) -> Result<Self, PublishError> {
        const REPO: &str = "a repository like \"owner/name\"";
        keys.knows(&[
            "repo",
            "pr",
            "name",
            "api",
            "token-env",
            "token-file",
            "retry",
            "ca-file",
        ])?;
        let repo = keys.text("repo", REPO)?;
        if repo
            .as_ref()
            .is_some_and(|repo| Target::parse(repo).is_none())
        {
            return Err(keys.wrong("repo", REPO));
        }
        Ok(Self {
            repo,
            pr: keys.whole("pr", i64::MAX.unsigned_abs())?,
            name: keys.text("name", "a name")?,
            api: keys.address("api")?,
            token: keys.keeper("token")?,
            retry: keys.retry()?,
            trust: keys.trust()?,
        })
    }
}

impl PrometheusSettings {
    pub(super) fn of(keys: &Keys<'_>) -> Result<Self, PublishError> {
        keys.knows(&[
            "file", "push", "job", "grouping", "headers", "retry", "ca-file",
        ])?;
        let grouping = keys.pairs("grouping")?;
        if let Some((name, _)) = grouping.iter().flatten().find(|(name, _)| !is_label(name)) {
            return Err(PublishError::usage(format!(
                "{}: `grouping`: {}",
                keys.place_of("grouping"),
                no_label(name)
            )));
        }
        if !keys.has("file") && !keys.has("push") {
            return Err(keys.missing(
                "file",
                "a file for the textfile collector, or `push` with the address of a push gateway",
            ));
        }
        Ok(Self {
            file: keys.path("file")?,
            push: keys.address("push")?,
            job: keys.text("job", "a name")?,
            grouping,
            headers: keys.headers()?,
            retry: keys.retry()?,
            trust: keys.trust()?,
        })
    }
}

/// Whether metrics can be grouped by a label of this name; `job` has a key of its own.
pub(in super::super) fn is_label(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_first)
        && name.chars().all(|c| is_first(c) || c.is_ascii_digit())
        && !name.starts_with("__")
        && name != "job"
}

/// The sentence for one that is none.
pub(in super::super) fn no_label(name: &str) -> String {
    format!("`{name}` is no name of a label: letters, digits and `_`, not `job`")
}

impl OtlpSettings {
    pub(super) fn of(keys: &Keys<'_>) -> Result<Self, PublishError> {
        keys.knows(&["endpoint", "gzip", "headers", "retry", "ca-file"])?;
        Ok(Self {
            endpoint: keys.address("endpoint")?,
            gzip: keys.flag("gzip")?,
            headers: keys.headers()?,
            retry: keys.retry()?,
            trust: keys.trust()?,
        })
    }
}
