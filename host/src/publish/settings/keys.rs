//! Keys and values of `publish.toml` with the line they stand on.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use benchhost_record::Quantity;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::super::PublishError;

/// Letters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 80;

/// The file that is read.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    pub(super) folder: &'a Path,
}

/// A table of it.
pub(super) struct Keys<'a> {
    file: File<'a>,
    /// As it is called in messages; empty for the whole file.
    name: String,
    pub(super) table: DeTable<'a>,
    line: usize,
}

impl<'a> File<'a> {
    /// Its keys and tables.
    pub(super) fn root(self) -> Result<Keys<'a>, PublishError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            let message = error.message().replace('\n', ", ");
            PublishError::usage(format!("{}:{line}: not valid TOML: {message}", self.name))
        })?;
        Ok(Keys {
            file: self,
            name: String::new(),
            table: table.into_inner(),
            line: 1,
        })
    }

    fn line(&self, offset: usize) -> usize {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

impl<'a> Keys<'a> {
    /// File and line of the table.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.name, self.line)
    }

    /// File and line of the value of `key`.
    pub(super) fn place_of(&self, key: &str) -> String {
        let line = self
            .table
            .get(key)
            .map_or(self.line, |value| self.file.line(value.span().start));
        format!("{}:{line}", self.file.name)
    }

    /// Line on which the text of `key` begins, and the name of the file.
    pub(super) fn text_begins(&self, key: &str) -> (String, usize) {
        let Some(value) = self.table.get(key) else {
            return (self.file.name.to_owned(), self.line);
        };
        let raw = &self.file.text[value.span()];
        // The line break after three quotes is none of the text.
        let is_below = ["\"\"\"\n", "'''\n", "\"\"\"\r\n", "'''\r\n"]
            .iter()
            .any(|start| raw.starts_with(start));
        (
            self.file.name.to_owned(),
            self.file.line(value.span().start) + usize::from(is_below),
        )
    }

    /// Refuses every key that is not among `known`.
    pub(super) fn knows(&self, known: &[&str]) -> Result<(), PublishError> {
        let Some((key, _)) = self
            .table
            .iter()
            .find(|(key, _)| !known.contains(&key.get_ref().as_ref()))
        else {
            return Ok(());
        };
        let line = self.file.line(key.span().start);
        let key = key.get_ref();
        let place = if self.name.is_empty() {
            String::new()
        } else {
            format!(" in {}", self.name)
        };
        Err(PublishError::usage(format!(
            "{}:{line}: unknown key `{}`{place}{}",
            self.file.name,
            shorten(key),
            meant(key, known.iter().copied())
        )))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The table of `key`, called `name` in messages.
    pub(super) fn table(&self, key: &str, name: &str) -> Result<Option<Keys<'a>>, PublishError> {
        self.table
            .get(key)
            .map(|value| {
                let table = value.get_ref().as_table();
                let table =
                    table.ok_or_else(|| self.wrong(key, &format!("a table like {name}")))?;
                Ok(self.inner(name, table, value))
            })
            .transpose()
    }

    /// The tables of `key`, called `name` in messages.
    pub(super) fn tables(&self, key: &str, name: &str) -> Result<Vec<Keys<'a>>, PublishError> {
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let expected = || self.wrong(key, &format!("tables like {name}"));
        let list = value.get_ref().as_array().ok_or_else(expected)?;
        let tables = list.iter().map(|one| {
            let table = one.get_ref().as_table().ok_or_else(expected)?;
            Ok(self.inner(name, table, one))
        });
        tables.collect()
    }

    fn inner(&self, name: &str, table: &DeTable<'a>, place: &Spanned<DeValue<'a>>) -> Keys<'a> {
        Keys {
            file: self.file,
            name: name.to_owned(),
            table: table.clone(),
            line: self.file.line(place.span().start),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str, expected: &str) -> Result<Option<String>, PublishError> {
        self.value(key, expected, |value| {
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        })
    }

    /// A text that there must be.
    pub(super) fn needed(&self, key: &str, expected: &str) -> Result<String, PublishError> {
        self.text(key, expected)?
            .ok_or_else(|| self.missing(key, expected))
    }

    pub(super) fn missing(&self, key: &str, expected: &str) -> PublishError {
        PublishError::usage(format!(
            "{}: {} has no `{key}`, expected {expected}",
            self.place(),
            self.name
        ))
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, PublishError> {
        self.value(key, "true or false", DeValue::as_bool)
    }

    /// A whole number from 1 to `most`.
    pub(super) fn whole(&self, key: &str, most: u64) -> Result<Option<u64>, PublishError> {
        self.value(key, &format!("a whole number from 1 to {most}"), |value| {
            let number = value.as_integer()?;
            let number = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
            (1..=most).contains(&number).then_some(number)
        })
    }

    pub(super) fn duration(&self, key: &str) -> Result<Option<Duration>, PublishError> {
        self.value(key, "a duration with a unit, like \"30s\"", |value| {
            let quantity = Quantity::parse(value.as_str()?)?;
            let nanos = quantity
                .in_unit("ns")
                .filter(|nanos| *nanos >= 0.0 && !quantity.unit.is_empty())?;
            Duration::try_from_secs_f64(nanos / 1e9).ok()
        })
    }

    /// A text or a list of them.
    pub(super) fn texts(
        &self,
        key: &str,
        expected: &str,
    ) -> Result<Option<Vec<String>>, PublishError> {
        self.value(key, expected, |value| {
            let texts: Vec<&str> = match value.as_array() {
                Some(list) => list
                    .iter()
                    .map(|one| one.get_ref().as_str())
                    .collect::<Option<_>>()?,
                None => vec![value.as_str()?],
            };
            let is_good = !texts.is_empty() && texts.iter().all(|text| !text.is_empty());
            is_good.then(|| texts.into_iter().map(str::to_owned).collect())
        })
    }

    /// A word of `words`, or a list of them.
    pub(super) fn words<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<Vec<T>>, PublishError> {
        let names: Vec<String> = words.iter().map(|(name, _)| format!("{name:?}")).collect();
        let expected = names.join(", ");
        let Some(found) = self.texts(key, &expected)? else {
            return Ok(None);
        };
        let meant = |text: &String| {
            words
                .iter()
                .find(|(name, _)| name == text)
                .map(|(_, word)| *word)
        };
        found
            .iter()
            .map(|text| meant(text).ok_or_else(|| self.wrong(key, &expected)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(super) fn path(&self, key: &str) -> Result<Option<PathBuf>, PublishError> {
        let found = self.text(key, "a path")?;
        Ok(found.map(|path| self.file.folder.join(path)))
    }

    fn value<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&DeValue<'a>) -> Option<T>,
    ) -> Result<Option<T>, PublishError> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        read(value.get_ref())
            .map(Some)
            .ok_or_else(|| self.wrong(key, expected))
    }

    /// The sentence for a value that is not as expected.
    pub(super) fn wrong(&self, key: &str, expected: &str) -> PublishError {
        let found = self
            .table
            .get(key)
            .map_or("absent", |value| &self.file.text[value.span()]);
        PublishError::usage(format!(
            "{}: `{}` is {}, expected {expected}",
            self.place_of(key),
            shorten(key),
            shorten(found)
        ))
    }
}

/// ` (did you mean …?)`, when one of `known` is like `word`.
pub(in super::super) fn meant<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    crate::meant::meant(word, &known)
}

pub(super) fn shorten(text: &str) -> String {
    let text = benchhost_report::harmless(text);
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
