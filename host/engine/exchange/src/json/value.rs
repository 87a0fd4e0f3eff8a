//! A JSON value and how it is read.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{Error, Format};

/// A JSON value; numbers may be infinite or not a number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// Reads `text`.
pub(crate) fn parse(file: &str, text: &str, format: Format) -> Result<Json, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_text(file, text, format)?;
    let strict = match serde_json::from_str(text) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    if text.contains("NaN") || text.contains("Infinity") {
        return python(file, text);
    }
    Err(Error::Syntax {
        file: file.to_owned(),
        line: strict.line() as u64,
        column: strict.column() as u64,
        reason: without_place(&strict),
    })
}

/// Refuses what is empty or no text at all.
pub(crate) fn check_text(file: &str, text: &str, format: Format) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::Empty {
            file: file.to_owned(),
            format,
        });
    }
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    match text.bytes().find(control) {
        None => Ok(()),
        Some(byte) => Err(Error::Binary {
            file: file.to_owned(),
            line: text
                .bytes()
                .take_while(|b| *b != byte)
                .filter(|b| *b == b'\n')
                .count() as u64
                + 1,
            byte,
        }),
    }
}

/// What serde_json says, without ` at line 1 column 2`.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

fn python(file: &str, text: &str) -> Result<Json, Error> {
    jiter::JsonValue::parse(text.as_bytes(), true)
        .map(|value| Json::from(&value))
        .map_err(|error| {
            let place = error.get_position(text.as_bytes());
            Error::Syntax {
                file: file.to_owned(),
                line: place.line as u64,
                column: place.column as u64,
                reason: error.error_type.to_string(),
            }
        })
}

impl From<&jiter::JsonValue<'_>> for Json {
    fn from(value: &jiter::JsonValue<'_>) -> Self {
        use jiter::JsonValue;
        match value {
            JsonValue::Null => Self::Null,
            JsonValue::Bool(value) => Self::Bool(*value),
            JsonValue::Int(value) => Self::Number(*value as f64),
            JsonValue::Float(value) => Self::Number(*value),
            JsonValue::Str(text) => Self::Text(text.to_string()),
            JsonValue::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            JsonValue::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(key, value)| (key.to_string(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, value)) = members.next_entry::<String, Json>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("key `{key}` stands there twice")));
            }
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}
