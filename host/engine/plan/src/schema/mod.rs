//! The language of suites as a JSON Schema, for editors and scripts.
//!
//! Made from the tables of keys that the reader itself uses, so that neither knows a key that the other does not. It is as
//! strict as a schema can be about one value; what holds between values (a range that has values, a plugin that is named, a
//! parameter that is set twice) only the reader knows.

mod benchmark;
mod setting;
mod value;

use serde_json::{Value, json};

use crate::read::SUITE_KEYS;
use value::{A_NAME, described, list, name, object, table, text, whole};

/// JSON Schema of a suite, draft 2020-12. `gate`: the schema of a `[[gate]]`, which belongs to the regression engine.
#[must_use]
pub fn schema(gate: Value) -> Value {
    let mut suite = object(SUITE_KEYS, &["name", "benchmark"], |key| top(key, &gate));
    suite["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    suite["title"] = json!("benchhost suite");
    suite["description"] =
        json!("Benchmarks with shared settings, plugins, tiers and gates; see docs/suites.md.");
    suite["$defs"] = json!({
        "parameter": value::parameter_definition(),
        "settings": setting::table(),
    });
    suite
}

fn settings() -> Value {
    json!({ "$ref": "#/$defs/settings" })
}

fn top(key: &str, gate: &Value) -> Value {
    match key {
        "name" => described(name(), "What the suite is called."),
        "description" => described(text(), "The question that its numbers answer."),
        "seed" => described(
            whole(0),
            "For everything random: workloads, order of the cases. 42 when absent.",
        ),
        "defaults" => described(settings(), "Settings of all benchmarks."),
        "plugins" => described(
            table(A_NAME, text()),
            "By name: a crate directory, a library or a name to look for; relative to the suite's folder.",
        ),
        "benchmark" => {
            let mut benchmarks = list(benchmark::one());
            benchmarks["minItems"] = json!(1);
            described(benchmarks, "What is measured.")
        }
        "tier" => described(
            json!({ "type": "object", "additionalProperties": settings() }),
            "Settings that hold with --tier NAME.",
        ),
        "gate" => described(list(gate.clone()), "Rules for the regression engine."),
        _ => json!(true),
    }
}
