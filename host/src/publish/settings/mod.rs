//! `publish.toml`: where to publish. What is written; every key can be absent, unknown ones are refused with their line.
//!
//! Secrets are not in it, only where they are kept. What was typed goes before what is written, and that before the
//! environment; the publishers know their own defaults.

mod action;
mod keys;
mod limits;
mod mail;
mod sections;
mod special;

use std::{
    io,
    path::{Path, PathBuf},
};

use self::keys::File;
pub(super) use self::{
    action::{ActionSettings, AddressSource, WaySettings},
    keys::meant,
    limits::{Kind, Limits},
    mail::{Line, MailServer, MailSettings},
    sections::{GithubSettings, OtlpSettings, PrometheusSettings, Target, is_label, no_label},
    special::{HeaderSource, is_secret_name},
};
use super::PublishError;
use crate::written;

/// The file that is read when it is there and none is named.
pub const PUBLISH_FILE: &str = "publish.toml";

/// Sections that there can be.
const SECTIONS: [&str; 4] = ["github", "prometheus", "otlp", "action"];

/// What `publish.toml` says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Its path, when there is one.
    pub(super) path: Option<PathBuf>,
    pub(super) github: Option<GithubSettings>,
    pub(super) prometheus: Option<PrometheusSettings>,
    pub(super) otlp: Option<OtlpSettings>,
    pub(super) actions: Vec<ActionSettings>,
}

impl Settings {
    /// Reads `path`, or [`PUBLISH_FILE`] when that is there.
    ///
    /// # Errors
    /// [`PublishError`] with file and line.
    pub fn read(path: Option<&Path>) -> Result<Self, PublishError> {
        let found = path.unwrap_or(Path::new(PUBLISH_FILE));
        let text = match written::read(found) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_none() => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(PublishError::usage(format!(
                    "cannot read the settings `{}`: {error}",
                    found.display()
                )));
            }
        };
        let folder = found.parent().unwrap_or(Path::new("."));
        let mut settings = Self::of(&text, &found.display().to_string(), folder)?;
        settings.path = Some(found.to_owned());
        Ok(settings)
    }

    /// What `text` says. `name` stands in messages; relative paths in it start at `folder`.
    fn of(text: &str, name: &str, folder: &Path) -> Result<Self, PublishError> {
        let file = File { text, name, folder };
        let root = file.root()?;
        root.knows(&SECTIONS)?;
        let mut settings = Self {
            path: None,
            github: root
                .table("github", "[github]")?
                .map(|keys| GithubSettings::of(&keys))
                .transpose()?,
            prometheus: root
                .table("prometheus", "[prometheus]")?
                .map(|keys| PrometheusSettings::of(&keys))
                .transpose()?,
            otlp: root
                .table("otlp", "[otlp]")?
                .map(|keys| OtlpSettings::of(&keys))
                .transpose()?,
            actions: Vec::new(),
        };
        for keys in root.tables("action", "[[action]]")? {
            let action = ActionSettings::of(&keys)?;
            if let Some(other) = settings
                .actions
                .iter()
                .find(|other| other.name == action.name)
            {
                return Err(PublishError::usage(format!(
                    "{}: `name` is {:?}, as at {}; each action needs a name of its own",
                    action.place, action.name, other.place
                )));
            }
            settings.actions.push(action);
        }
        Ok(settings)
    }

    /// Whether it asks for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.github.is_none()
            && self.prometheus.is_none()
            && self.otlp.is_none()
            && self.actions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = Settings::of(text, "p.toml", Path::new(".")).unwrap_err();
        assert!(error.is_usage(), "{error}");
        error.to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_file_line_key_and_value() {
        for (text, expected) in [
            (
                "[github]\nrepoo = \"a/b\"",
                "p.toml:2: unknown key `repoo` in [github] (did you mean `repo`?)",
            ),
            (
                "[gihub]",
                "p.toml:1: unknown key `gihub` (did you mean `github`?)",
            ),
            (
                "\n[github]\nrepo = 7",
                "p.toml:3: `repo` is 7, expected a repository like \"owner/name\"",
            ),
            (
                "[github]\npr = \"7\"",
                "p.toml:2: `pr` is \"7\", expected a whole number from 1 to",
            ),
            (
                "[otlp]\ngzip = 1",
                "p.toml:2: `gzip` is 1, expected true or false",
            ),
            (
                "github = 3",
                "p.toml:1: `github` is 3, expected a table like [github]",
            ),
            (
                "action = 3",
                "p.toml:1: `action` is 3, expected tables like [[action]]",
            ),
            (
                "[github]\nretry = { tries = 0 }",
                "p.toml:2: `tries` is 0, expected a whole number from 1 to 100",
            ),
            (
                "[github]\nretry = { for = \"5\" }",
                "p.toml:2: `for` is \"5\", expected a duration with a unit, like \"30s\"",
            ),
            (
                "[github]\nretry = { first_wait = \"5s\" }",
                "p.toml:2: unknown key `first_wait` in `retry` (did you mean `first-wait`?)",
            ),
            (
                "[prometheus]\npush = \"gw:9091\"",
                "p.toml:2: `push`: expected an address that begins with http:// or https://",
            ),
            (
                "[prometheus]\ngrouping = { \"a-b\" = \"c\" }",
                "p.toml:2: `grouping`: `a-b` is no name of a label",
            ),
            ("x = [1", "p.toml:1: not valid TOML:"),
        ] {
            let message = refused(text);
            assert!(
                message.starts_with(expected),
                "{message}\nexpected {expected}"
            );
        }
    }

    #[test]
    fn secrets_cannot_be_written_down() {
        for text in [
            "[otlp]\nheaders = { Authorization = \"Bearer hunter2\" }",
            "[otlp]\nheaders = { x-api-key = \"hunter2\" }",
            "[otlp]\nendpoint = \"https://me:hunter2@example.org\"",
            "[[action]]\nname = \"a\"\nkind = \"slack\"\nurl = \"https://hooks.slack.com/services/T/B/hunter2\"",
            "[[action]]\nname = \"a\"\nkind = \"email\"\nserver = \"smtp://me:hunter2@example.org\"\nfrom = \"a@b.c\"\nto = \"a@b.c\"",
        ] {
            let message = refused(text);
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn two_actions_of_one_name_are_refused() {
        let action = "[[action]]\nname = \"a\"\nkind = \"webhook\"\nurl = \"http://localhost:1\"\n";

        let message = refused(&format!("{action}{action}"));

        assert_eq!(
            message,
            "p.toml:5: `name` is \"a\", as at p.toml:1; each action needs a name of its own"
        );
    }
}
