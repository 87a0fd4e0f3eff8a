//! A JSON value together with its place.

use super::Json;
use crate::{Error, Format};

/// A value, the file it stands in and the path of keys that leads to it.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    file: &'a str,
    format: Format,
    key: String,
    json: &'a Json,
}

impl<'a> Node<'a> {
    /// The whole file.
    pub(crate) fn root(file: &'a str, format: Format, json: &'a Json) -> Self {
        Self {
            file,
            format,
            key: String::new(),
            json,
        }
    }

    /// The value itself.
    pub(crate) fn json(&self) -> &'a Json {
        self.json
    }

    /// File and key, for [`crate::Skipped`].
    pub(crate) fn place(&self) -> String {
        format!("{}: {}", self.file, self.path())
    }

    fn path(&self) -> &str {
        if self.key.is_empty() {
            "top level"
        } else {
            &self.key
        }
    }

    fn child(&self, key: String, json: &'a Json) -> Self {
        Self {
            file: self.file,
            format: self.format,
            key,
            json,
        }
    }

    fn key_of(&self, name: &str) -> String {
        if self.key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.key)
        }
    }

    /// The member `name`, which must be there.
    pub(crate) fn field(&self, name: &str) -> Result<Self, Error> {
        let Json::Object(members) = self.json else {
            return Err(self.wrong("an object"));
        };
        let Some(json) = members.get(name) else {
            return Err(Error::Missing {
                file: self.file.to_owned(),
                key: self.key_of(name),
                format: self.format,
            });
        };
        Ok(self.child(self.key_of(name), json))
    }

    /// The member `name` when this is an object that has it and it is not null.
    pub(crate) fn find(&self, name: &str) -> Option<Self> {
        let Json::Object(members) = self.json else {
            return None;
        };
        let json = members.get(name).filter(|json| **json != Json::Null)?;
        Some(self.child(self.key_of(name), json))
    }

    /// The members, by name.
    pub(crate) fn members(&self) -> Result<impl Iterator<Item = (&'a str, Self)>, Error> {
        let Json::Object(members) = self.json else {
            return Err(self.wrong("an object"));
        };
        let parent = self.clone();
        Ok(members
            .iter()
            .map(move |(name, json)| (name.as_str(), parent.child(parent.key_of(name), json))))
    }

    /// The elements.
    pub(crate) fn items(&self) -> Result<impl ExactSizeIterator<Item = Self>, Error> {
        let Json::Array(items) = self.json else {
            return Err(self.wrong("an array"));
        };
        let parent = self.clone();
        Ok(items
            .iter()
            .enumerate()
            .map(move |(index, json)| parent.child(format!("{}[{index}]", parent.key), json)))
    }

    /// The element `index`; `None` where the array ends earlier.
    pub(crate) fn at(&self, index: usize) -> Result<Option<Self>, Error> {
        let Json::Array(items) = self.json else {
            return Err(self.wrong("an array"));
        };
        let key = || format!("{}[{index}]", self.key);
        Ok(items.get(index).map(|json| self.child(key(), json)))
    }

    /// The text.
    pub(crate) fn text(&self) -> Result<&'a str, Error> {
        match self.json {
            Json::Text(text) => Ok(text),
            _ => Err(self.wrong("text")),
        }
    }

    /// The number, which must be finite.
    pub(crate) fn number(&self) -> Result<f64, Error> {
        match self.json {
            Json::Number(number) if number.is_finite() => Ok(*number),
            _ => Err(self.wrong("a finite number")),
        }
    }

    /// The number; `None` for null, infinite and not a number.
    pub(crate) fn value(&self) -> Result<Option<f64>, Error> {
        match self.json {
            Json::Number(number) => Ok(Some(*number).filter(|number| number.is_finite())),
            Json::Null => Ok(None),
            _ => Err(self.wrong("a number")),
        }
    }

    /// All elements, which must be finite numbers.
    pub(crate) fn numbers(&self) -> Result<Vec<f64>, Error> {
        let Json::Array(items) = self.json else {
            return Err(self.wrong("an array of numbers"));
        };
        let mut numbers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Json::Number(number) if number.is_finite() => numbers.push(*number),
                _ => {
                    let key = format!("{}[{index}]", self.key);
                    return Err(self.child(key, item).wrong("a finite number"));
                }
            }
        }
        Ok(numbers)
    }

    /// A text, number or truth as text, for labels and parameters.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self.json {
            Json::Text(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// An error about the value here.
    pub(crate) fn wrong(&self, expected: &'static str) -> Error {
        Error::Type {
            file: self.file.to_owned(),
            key: self.path().to_owned(),
            found: self.found(),
            expected,
        }
    }

    /// The version here is not one of `known`.
    pub(crate) fn unknown_version(&self, known: &'static str) -> Error {
        Error::Version {
            file: self.file.to_owned(),
            key: self.path().to_owned(),
            found: self.found(),
            known,
        }
    }

    fn found(&self) -> String {
        match self.json {
            Json::Null => "null".to_owned(),
            Json::Bool(truth) => truth.to_string(),
            Json::Number(number) => number.to_string(),
            Json::Text(text) => {
                let short: String = text.chars().take(60).collect();
                let dots = if short.len() < text.len() { "…" } else { "" };
                format!("the text {short:?}{dots}")
            }
            Json::Array(items) => format!("an array of {}", items.len()),
            Json::Object(_) => "an object".to_owned(),
        }
    }
}
