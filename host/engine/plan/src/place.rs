//! Where something is wrong, and the way out of a wrong name: the parts that errors share.

use std::{fmt, num::NonZeroUsize};

use crate::{meant::closest_glob, names, read::quoted};

/// File and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File as it was given.
    pub file: Box<str>,
    /// Line, from 1; `None` when the trouble is not in one line.
    pub line: Option<NonZeroUsize>,
}

impl Place {
    /// A line of a file; 0 for the file as a whole.
    #[must_use]
    pub fn new(file: &str, line: usize) -> Self {
        Self {
            file: file.into(),
            line: NonZeroUsize::new(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// What could have been said instead of an unknown name; shows itself with a space before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// The known name that looks most like it.
    pub suggestion: Option<String>,
    /// All known names.
    pub known: Vec<String>,
}

impl WayOut {
    /// The known names and the one that `name` was probably meant to be.
    #[must_use]
    pub fn of<S: AsRef<str>>(name: &str, known: &[S]) -> Box<Self> {
        Box::new(Self {
            suggestion: names::closest(name, known),
            known: names::owned(known),
        })
    }

    /// The first of `globs` that can be mended to match one of `known`, and the names in `listed`.
    pub(crate) fn of_globs<S: AsRef<str>>(
        globs: &[String],
        known: &[String],
        listed: &[S],
    ) -> Box<Self> {
        Box::new(Self {
            suggestion: globs.iter().find_map(|glob| closest_glob(glob, known)),
            known: names::owned(listed),
        })
    }

    /// The known names alone.
    pub(crate) fn list<S: AsRef<str>>(known: &[S]) -> Box<Self> {
        Box::new(Self {
            suggestion: None,
            known: names::owned(known),
        })
    }
}

impl WayOut {
    /// As it shows itself, with names as values of a suite are written.
    pub(crate) fn in_quotes(&self) -> String {
        self.shown(quoted)
    }

    fn shown(&self, quote: fn(&str) -> String) -> String {
        match &self.suggestion {
            Some(name) => format!(" (did you mean {}?)", quote(name)),
            None if self.known.is_empty() => " (there are none)".to_owned(),
            None => {
                let known: Vec<String> = self.known.iter().map(|name| quote(name)).collect();
                format!(" (there are: {})", known.join(", "))
            }
        }
    }
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(|name| format!("`{name}`")))
    }
}
