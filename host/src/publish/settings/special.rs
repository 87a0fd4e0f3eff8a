//! Values that several sections have: addresses, where secrets are kept, headers, patience.

use super::{
    super::{
        PublishError,
        http::{Address, Header, Retry},
        secret::{Keeper, Secret},
        trust::{self, Trust},
    },
    keys::{Keys, shorten},
};

/// Words in the names of headers whose values are secrets.
const SECRET_WORDS: [&str; 6] = ["auth", "key", "token", "secret", "cookie", "password"];

/// Where a header's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum HeaderSource {
    Plain(String),
    Kept { prefix: String, keeper: Keeper },
}

impl HeaderSource {
    /// The value.
    pub(in super::super) fn header(&self) -> Result<Header, PublishError> {
        Ok(match self {
            Self::Plain(text) => Header::Plain(text.clone()),
            Self::Kept { prefix, keeper } => {
                let secret = keeper.secret()?;
                Header::Secret(Secret::new(format!("{prefix}{}", secret.reveal())))
            }
        })
    }
}

impl Keys<'_> {
    /// An address that is no secret.
    pub(super) fn address(&self, key: &str) -> Result<Option<Address>, PublishError> {
        let Some(text) = self.text(key, "an address")? else {
            return Ok(None);
        };
        Address::parse(&text, false)
            .map(Some)
            .map_err(|why| PublishError::usage(format!("{}: `{key}`: {why}", self.place_of(key))))
    }

    /// Where a secret is kept: `KEY-env` or `KEY-file`.
    pub(super) fn keeper(&self, key: &str) -> Result<Option<Keeper>, PublishError> {
        let (variable, file) = (format!("{key}-env"), format!("{key}-file"));
        let by_name = self.text(&variable, "the name of an environment variable")?;
        let by_path = self.path(&file)?;
        match (by_name, by_path) {
            (Some(_), Some(_)) => Err(PublishError::usage(format!(
                "{}: `{variable}` and `{file}` both say where it is kept; one of them is enough",
                self.place_of(&file)
            ))),
            (name, path) => Ok(name.map(Keeper::Variable).or(path.map(Keeper::File))),
        }
    }

    /// `headers = { NAME = "text", OTHER = { env = "VARIABLE", prefix = "Bearer " } }`.
    pub(super) fn headers(&self) -> Result<Vec<(String, HeaderSource)>, PublishError> {
        let Some(headers) = self.table("headers", "`headers`")? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (name, value) in &headers.table {
            let name = name.get_ref().to_string();
            let source = if value.get_ref().is_table() {
                let kept = headers.table(&name, "`headers`")?;
                kept.map(|keys| keys.kept()).transpose()?
            } else {
                if is_secret_name(&name) {
                    return Err(PublishError::usage(format!(
                        "{}: the header `{}` looks like a secret, and secrets are not written down",
                        headers.place_of(&name),
                        shorten(&name)
                    ))
                    .with_hint("{ env = \"VARIABLE\" } or { file = \"PATH\" } says where it is kept; a `prefix` may stand before it"));
                }
                headers
                    .text(&name, "a text, or { env = \"VARIABLE\" }")?
                    .map(HeaderSource::Plain)
            };
            found.extend(source.map(|source| (name, source)));
        }
        Ok(found)
    }

    fn kept(&self) -> Result<HeaderSource, PublishError> {
        self.knows(&["env", "file", "prefix"])?;
        let prefix = self
            .text("prefix", "a text like \"Bearer \"")?
            .unwrap_or_default();
        let name = self.text("env", "the name of an environment variable")?;
        let path = self.path("file")?;
        let keeper = name.map(Keeper::Variable).or(path.map(Keeper::File));
        let keeper =
            keeper.ok_or_else(|| self.missing("env", "the name of an environment variable"))?;
        Ok(HeaderSource::Kept { prefix, keeper })
    }

    /// `retry = { tries = 4, for = "60s", first-wait = "1s" }`.
    pub(super) fn retry(&self) -> Result<Option<Retry>, PublishError> {
        let Some(keys) = self.table("retry", "`retry`")? else {
            return Ok(None);
        };
        keys.knows(&["tries", "for", "first-wait"])?;
        let usual = Retry::default();
        let tries = keys
            .whole("tries", 100)?
            .and_then(|tries| u32::try_from(tries).ok());
        Ok(Some(Retry {
            tries: tries.unwrap_or(usual.tries),
            whole: keys.duration("for")?.unwrap_or(usual.whole),
            first_wait: keys.duration("first-wait")?.unwrap_or(usual.first_wait),
        }))
    }

    /// `ca-file = "PATH"`: certificates to trust.
    pub(super) fn trust(&self) -> Result<Trust, PublishError> {
        const KEY: &str = "ca-file";
        let Some(path) = self.path(KEY)? else {
            return Ok(Trust::default());
        };
        Trust::read(&path).map_err(|why| {
            PublishError::usage(format!("{}: `{KEY}`: {why}", self.place_of(KEY)))
                .with_hint(trust::FORM)
        })
    }

    /// Pairs of texts.
    pub(super) fn pairs(&self, key: &str) -> Result<Option<Vec<(String, String)>>, PublishError> {
        let Some(keys) = self.table(key, &format!("`{key}`"))? else {
            return Ok(None);
        };
        let pairs = keys.table.iter().map(|(name, value)| {
            let text = value.get_ref().as_str();
            let text = text.ok_or_else(|| keys.wrong(name.get_ref(), "a text"))?;
            Ok((name.get_ref().to_string(), text.to_owned()))
        });
        pairs.collect::<Result<_, _>>().map(Some)
    }
}

/// Whether a header of this name holds a secret.
pub(in super::super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}
