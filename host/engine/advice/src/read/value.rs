//! Values of a table by their type, and how wrong ones are told.

use benchhost_gate::matchers;
use toml::Value;

use super::table::Reader;
use crate::{Error, rule::Globs};

impl Reader<'_> {
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Error> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(self.unexpected(key, "text")),
        }
    }

    /// One text or several.
    pub(super) fn texts(&self, key: &str, expected: &str) -> Result<Vec<String>, Error> {
        let text = |value: &Value| {
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let found = match self.table.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) if !list.is_empty() => list.iter().map(text).collect(),
            Some(one) => text(one).map(|text| vec![text]),
        };
        found.ok_or_else(|| self.unexpected(key, expected))
    }

    pub(super) fn words<T: Clone>(&self, key: &str, known: &[(&str, T)]) -> Result<Vec<T>, Error> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let expected = format!("one of {}, or a list of them", names.join(", "));
        let texts = self.texts(key, &expected)?;
        let of = |text: &String| known.iter().find(|(name, _)| name == text);
        let found: Option<Vec<T>> = texts
            .iter()
            .map(|text| of(text).map(|(_, value)| value.clone()))
            .collect();
        found.ok_or_else(|| self.unexpected(key, &expected))
    }

    pub(super) fn globs(&self, key: &str) -> Result<Globs, Error> {
        const EXPECTED: &str = r#"a glob like "training*", or a list of them"#;
        let mut globs = Globs::default();
        for text in self.texts(key, EXPECTED)? {
            // Most are plain names: a comparison is enough.
            if text.contains(['*', '?', '[', ']', '{', '}', '\\']) {
                let found = matchers(&text).map_err(|why| Error::Unexpected {
                    place: (self.place_of)(key),
                    key: key.to_owned(),
                    found: format!("{text:?} ({why})"),
                    expected: EXPECTED.to_owned(),
                })?;
                globs.matchers.extend(found);
            }
            globs.texts.push(text);
        }
        Ok(globs)
    }

    pub(super) fn unexpected(&self, key: &str, expected: &str) -> Error {
        Error::Unexpected {
            place: (self.place_of)(key),
            key: key.to_owned(),
            found: self.table.get(key).map(shown).unwrap_or_default(),
            expected: expected.to_owned(),
        }
    }

    pub(super) fn missing(&self, key: &str, why: &str) -> Error {
        Error::Missing {
            place: self.place.clone(),
            key: key.to_owned(),
            why: why.to_owned(),
        }
    }
}

/// Letters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 80;

/// A value as it was written, on one line and not longer than people read.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string().replace('\n', " ");
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
