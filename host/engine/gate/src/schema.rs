//! A `[[gate]]` as a JSON Schema, made from the reader's own tables of keys.
//!
//! What makes a key idle beside others, and the language of expressions, only the reader knows.

use serde_json::{Map, Value, json};

use crate::read::{KINDS, OTHERS};

/// JSON Schema of one `[[gate]]`, for the schema of a suite.
#[must_use]
pub fn schema() -> Value {
    let keys = KINDS.iter().chain(&OTHERS);
    let properties: Map<String, Value> = keys.map(|key| ((*key).to_owned(), value(key))).collect();
    let mut asks: Vec<Value> = KINDS
        .iter()
        .map(|key| json!({ "required": [key] }))
        .collect();
    asks.push(json!({ "required": ["off"], "properties": { "off": { "const": true } } }));
    json!({
        "type": "object",
        "description": "A rule that runs are judged by; see docs/gates.md.",
        "properties": properties,
        "additionalProperties": false,
        "anyOf": asks,
        "dependentRequired": { "against": ["percent"], "guarded": ["percent"] },
        "not": { "required": ["budget", "metric"] },
    })
}

/// JSON Schema of a `gates.toml`, draft 2020-12.
#[must_use]
pub fn file_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "benchhost gates",
        "description": "Rules that runs are judged by; see docs/gates.md.",
        "type": "object",
        "properties": { "gate": { "type": "array", "items": schema() } },
        "additionalProperties": false,
    })
}

fn value(key: &str) -> Value {
    let share =
        json!({ "type": "string", "pattern": r"^\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*%\s*$|^class$" });
    let quantity = || json!({ "type": ["string", "number"] });
    let text = || json!({ "type": "string", "minLength": 1 });
    match key {
        "target" => {
            json!({ "type": "string", "pattern": r"^\s*[<>]=?\s*\S", "examples": ["<= 250ms"] })
        }
        "max" | "min" => quantity(),
        "budget" => {
            json!({ "type": "object", "minProperties": 1, "additionalProperties": quantity() })
        }
        "tolerance" => json!({ "anyOf": [{ "type": "number", "minimum": 0 }, share] }),
        "percent" => json!({ "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, share] }),
        "significant" => json!({ "anyOf": [{ "type": "boolean" }, share] }),
        "history" | "change" | "guarded" | "off" => json!({ "type": "boolean" }),
        "when" | "name" => text(),
        "case" | "metric" => json!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "minItems": 1, "items": { "type": "string" } },
        ] }),
        "statistic" => {
            json!({ "type": "string", "pattern": r"^(median|mean|min|max|p[\d.+eE-]+)$" })
        }
        "against" => json!({ "enum": ["previous", "baseline", "median"] }),
        "window" => json!({ "type": "integer", "minimum": 1 }),
        "severity" => json!({ "enum": ["info", "warning", "critical"] }),
        _ => json!(true),
    }
}
