//! Values of a suite by their type, as pieces of a schema.

use serde_json::{Map, Value, json};

/// Names that may be part of a case's id.
pub(super) const A_NAME: &str = r"^[\p{Alphabetic}\p{N}_.-]+$";

/// A number above or equal to zero.
const NUMBER: &str = r"(\d+\.?\d*|\.\d+)";

/// `value` with a sentence for people.
pub(super) fn described(mut value: Value, sentence: &str) -> Value {
    value["description"] = json!(sentence);
    value
}

/// A table with these keys and no others.
pub(super) fn object(keys: &[&str], required: &[&str], of: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), of(key)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A table whose keys the user chooses.
pub(super) fn table(keys: &str, of: Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": keys },
        "additionalProperties": of,
    })
}

pub(super) fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// One of several forms.
pub(super) fn either(forms: Vec<Value>) -> Value {
    json!({ "anyOf": forms })
}

pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "enum": words.into_iter().collect::<Vec<_>>() })
}

/// Text that is not blank.
pub(super) fn text() -> Value {
    json!({ "type": "string", "pattern": r"\S" })
}

pub(super) fn name() -> Value {
    json!({ "type": "string", "pattern": A_NAME })
}

pub(super) fn whole(least: i64) -> Value {
    json!({ "type": "integer", "minimum": least })
}

pub(super) fn whole_up_to(most: u32) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": most })
}

pub(super) fn above(bound: f64) -> Value {
    json!({ "type": "number", "exclusiveMinimum": bound })
}

fn matching(pattern: &str, examples: &[&str]) -> Value {
    json!({ "type": "string", "pattern": pattern, "examples": examples })
}

pub(super) fn duration() -> Value {
    let pattern = format!(r"^\s*({NUMBER}\s*(h|min|ms|m|s|us|µs|μs|ns)\s*)+$");
    matching(&pattern, &["2s", "250ms", "1m30s"])
}

pub(super) fn size() -> Value {
    let pattern = format!(r"^\s*{NUMBER}\s*(TiB|GiB|MiB|KiB|TB|GB|MB|kB|KB|B)\s*$");
    matching(&pattern, &["512 MiB", "2GB"])
}

pub(super) fn percentage() -> Value {
    matching(&format!(r"^\s*{NUMBER}\s*%\s*$"), &["1%"])
}

/// Arrivals in a second.
pub(super) fn load() -> Value {
    let pattern = format!(r"^\s*\+?{NUMBER}([eE][+-]?\d+)?\s*/s\s*$");
    either(vec![above(0.0), matching(&pattern, &["100/s"])])
}

/// A comparison and a bound with its unit.
pub(super) fn bound() -> Value {
    matching(r"^\s*[<>]=?\s*-?[\d.]", &["<= 200ms", ">= 50 samples/s"])
}

pub(super) fn device() -> Value {
    matching(
        r"^(cpu|cuda|cuda:(0|[1-9]\d*))$",
        &["cpu", "cuda", "cuda:1"],
    )
}

/// Value of a parameter.
pub(super) fn parameter() -> Value {
    json!({ "$ref": "#/$defs/parameter" })
}

pub(super) fn parameter_definition() -> Value {
    json!({
        "description": "A number, a text, true, false, or a list of these.",
        "anyOf": [
            { "type": ["number", "string", "boolean"] },
            { "type": "array", "items": { "$ref": "#/$defs/parameter" } },
        ],
    })
}
