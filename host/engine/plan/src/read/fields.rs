//! Tables and values with their place in the text. Every error about a single value is made here.

use std::{ops::Range, rc::Rc};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use crate::{
    error::Error,
    names,
    place::{Place, WayOut},
    read::quoted,
};

/// Longest piece of a suite that is repeated in an error, in characters.
const MOST_SHOWN: usize = 60;

/// The text of a suite and the name of its file.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    /// Offsets at which the second and later lines begin.
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            starts: text.match_indices('\n').map(|(end, _)| end + 1).collect(),
        }
    }

    /// Line of a byte offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        1 + self.starts.partition_point(|start| *start <= offset)
    }

    /// The place of a line.
    pub(crate) fn at(&self, line: usize) -> Place {
        Place::new(self.file, line)
    }

    /// The file as a whole.
    pub(crate) fn whole(&self) -> Place {
        Place::new(self.file, 0)
    }
}

/// A value, the key it stands under, and where.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    pub(crate) source: &'a Source<'a>,
    /// Key as in an error: `limits.memory`.
    pub(crate) path: String,
    pub(crate) value: &'a DeValue<'a>,
    pub(crate) line: usize,
    span: Range<usize>,
}

impl<'a> Item<'a> {
    pub(crate) fn new(
        source: &'a Source<'a>,
        path: impl Into<String>,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Self {
        let span = value.span();
        Self {
            source,
            path: path.into(),
            line: source.line(span.start),
            value: value.get_ref(),
            span,
        }
    }

    /// "`key` is found, expected …"
    pub(crate) fn unexpected(&self, expected: &str) -> Error {
        Error::Unexpected {
            at: self.source.at(self.line),
            key: self.path.clone(),
            found: self.shown(),
            expected: expected.to_owned(),
        }
    }

    /// ` (did you mean …?)`, where the value is a text like one of `words`.
    pub(crate) fn likely(&self, words: &[&str]) -> String {
        self.as_text()
            .map_or_else(String::new, |text| names::suggestion(text, words, quoted))
    }

    /// The elements of a list, each under the same key.
    pub(crate) fn elements(&self, expected: &str) -> Result<Vec<Item<'a>>, Error> {
        let DeValue::Array(array) = self.value else {
            return Err(self.unexpected(expected));
        };
        Ok(array
            .iter()
            .map(|element| Item::new(self.source, self.path.clone(), element))
            .collect())
    }

    /// The value as written, shortened.
    pub(crate) fn shown(&self) -> String {
        let tables = |array: &[Spanned<DeValue<'_>>]| {
            !array.is_empty() && array.iter().all(|v| v.get_ref().is_table())
        };
        match self.value {
            DeValue::Table(_) => return "a table".to_owned(),
            DeValue::Array(array) if tables(array) => return "a list of tables".to_owned(),
            _ => {}
        }
        let written = self.source.text.get(self.span.clone()).unwrap_or_default();
        let line: String = written.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= MOST_SHOWN {
            return line;
        }
        let short: String = line.chars().take(MOST_SHOWN).collect();
        format!("{short}…")
    }
}

/// A table whose keys are read one by one, in the order of the text.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    pub(crate) source: &'a Source<'a>,
    /// Name of the table in errors: `[defaults]`.
    pub(crate) name: Rc<str>,
    pub(crate) line: usize,
    entries: Vec<(&'a str, usize, Item<'a>)>,
}

impl<'a> Fields<'a> {
    /// The keys of `table`, which errors call `name`; `prefix` stands before its keys there.
    pub(crate) fn new(
        source: &'a Source<'a>,
        table: &'a DeTable<'a>,
        name: &str,
        prefix: &str,
        line: usize,
    ) -> Self {
        let mut sorted: Vec<_> = table
            .iter()
            .map(|(key, value): (&'a Spanned<DeString<'a>>, _)| (key, value))
            .collect();
        sorted.sort_by_key(|(key, _)| key.span().start);
        let entries = sorted
            .into_iter()
            .map(|(key, value)| {
                let text: &'a str = key.get_ref().as_ref();
                let item = Item::new(source, format!("{prefix}{text}"), value);
                (text, source.line(key.span().start), item)
            })
            .collect();
        Self {
            source,
            name: name.into(),
            line,
            entries,
        }
    }

    /// The keys of a value that must be a table.
    pub(crate) fn of(
        item: &Item<'a>,
        name: &str,
        prefix: &str,
        expected: &str,
    ) -> Result<Self, Error> {
        match item.value {
            DeValue::Table(table) => Ok(Self::new(item.source, table, name, prefix, item.line)),
            _ => Err(item.unexpected(expected)),
        }
    }

    /// Refuses keys that are not in `known`.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Error> {
        match self.entries.iter().find(|(key, ..)| !known.contains(key)) {
            None => Ok(self),
            Some((key, line, _)) => Err(Error::UnknownKey {
                at: self.source.at(*line),
                key: (*key).to_owned(),
                table: self.name.to_string(),
                way_out: WayOut::of(key, known),
            }),
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Item<'a>> {
        self.entries
            .iter()
            .find(|(k, ..)| *k == key)
            .map(|(.., item)| item)
    }

    /// The value of a key that must be there.
    pub(crate) fn require(&self, key: &str, expected: &str) -> Result<&Item<'a>, Error> {
        self.get(key).ok_or_else(|| Error::MissingKey {
            at: self.source.at(self.line),
            table: self.name.to_string(),
            key: key.to_owned(),
            expected: expected.to_owned(),
        })
    }

    /// Reads a key if it is there.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Item<'a>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.get(key).map(read).transpose()
    }

    /// Keys with their line and value, in the order of the text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, usize, &Item<'a>)> {
        self.entries
            .iter()
            .map(|(key, line, item)| (*key, *line, item))
    }
}
