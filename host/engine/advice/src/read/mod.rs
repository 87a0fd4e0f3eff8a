//! From `[[recommend]]` tables to rules: the file, its tables, and where each stands.

mod table;
mod value;
mod words;

use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use self::{table::Reader, value::shown};
use crate::{Error, Rule};

/// What a table says.
pub(crate) enum Written {
    Rule(Box<Rule>),
    /// A rule by this name is switched off.
    Off {
        name: String,
        place: String,
    },
}

impl Written {
    pub(crate) fn place(&self) -> &str {
        match self {
            Self::Rule(rule) => &rule.place,
            Self::Off { place, .. } => place,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Rule(rule) => &rule.name,
            Self::Off { name, .. } => name,
        }
    }
}

/// The tables of a whole file.
pub(crate) fn file(text: &str, file: &str) -> Result<Vec<Written>, Error> {
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line_of = |offset: usize| ends.partition_point(|end| *end < offset) + 1;
    let place_of = |offset: usize| format!("{file}:{}", line_of(offset));
    let syntax = |error: toml::de::Error| Error::Syntax {
        place: place_of(error.span().map_or(0, |span| span.start)),
        message: error.message().replace('\n', ", "),
    };
    let places = DeTable::parse(text).map_err(syntax)?;
    let root: Table = text.parse().map_err(syntax)?;
    for (key, _) in places.get_ref() {
        if key.get_ref() != "recommend" {
            return Err(Error::NoRule {
                place: place_of(key.span().start),
                key: key.get_ref().to_string(),
            });
        }
    }
    let (Some(tables), Some(places)) = (root.get("recommend"), places.get_ref().get("recommend"))
    else {
        return Ok(Vec::new());
    };
    let list = tables.as_array();
    let Some(list) = list.filter(|list| list.iter().all(Value::is_table)) else {
        return Err(Error::Unexpected {
            place: place_of(places.span().start),
            key: "recommend".to_owned(),
            found: shown(tables),
            expected: "tables like [[recommend]]".to_owned(),
        });
    };
    let places = places.get_ref().as_array().into_iter().flatten();
    let tables = list.iter().filter_map(Value::as_table);
    tables
        .zip(places)
        .map(|(table, place)| {
            let keys = match place.get_ref() {
                DeValue::Table(keys) => Some(keys),
                _ => None,
            };
            let place_of_key = |key: &str| {
                let mut keys = keys.into_iter().flatten();
                let written = keys.find(|(name, _)| name.get_ref() == key);
                place_of(written.map_or(place.span().start, |(name, _)| name.span().start))
            };
            Reader {
                table,
                place: place_of(place.span().start),
                place_of: &place_of_key,
            }
            .written()
        })
        .collect()
}
