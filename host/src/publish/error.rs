//! Why something could not be published, in sentences, with a way out.

use std::fmt;

/// Why something could not be published. No secret is ever in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishError {
    message: String,
    hint: Option<String>,
    is_usage: bool,
    is_silence: bool,
}

impl PublishError {
    /// Settings that cannot be used.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            is_usage: true,
            is_silence: false,
        }
    }

    /// Something that did not arrive.
    pub(super) fn undelivered(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            is_usage: false,
            is_silence: false,
        }
    }

    /// Adds the way out.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that there was no answer at all.
    pub(super) fn of_silence(mut self) -> Self {
        self.is_silence = true;
        self
    }

    /// Whether there was no answer at all: asking the same server once more would take as long.
    pub(super) fn is_silence(&self) -> bool {
        self.is_silence
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether what was typed or written is wrong, not the world.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        self.is_usage
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PublishError {}
