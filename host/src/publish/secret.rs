//! Passwords and tokens: read from the environment or a file, never written down, never shown.

use std::{env, fmt, path::PathBuf};

use super::PublishError;

/// A text that nobody may see. It has no `Display`, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who needs it on the wire.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeper {
    /// A variable of the environment.
    Variable(String),
    /// A file.
    File(PathBuf),
}

impl Keeper {
    /// The secret; white space around it is none of it.
    pub(super) fn secret(&self) -> Result<Secret, PublishError> {
        self.found()?
            .ok_or_else(|| PublishError::undelivered(format!("{self} is empty or not there")))
    }

    /// The secret, or `None` when nothing is kept there.
    pub(super) fn found(&self) -> Result<Option<Secret>, PublishError> {
        let text = match self {
            Self::Variable(name) => env::var(name).ok(),
            Self::File(path) => Some(crate::written::read(path).map_err(|error| {
                PublishError::undelivered(format!(
                    "cannot read the secret in `{}`: {error}",
                    path.display()
                ))
            })?),
        };
        let text = text.map(|text| text.trim().to_owned());
        Ok(text.filter(|text| !text.is_empty()).map(Secret))
    }
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("hunter2");

        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(secret.reveal(), "hunter2");
    }
}
