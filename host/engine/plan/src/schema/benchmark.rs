//! A `[[benchmark]]`: its own keys, those of its sweep, and every setting.

use serde_json::{Map, Value, json};

use super::{
    setting,
    value::{
        A_NAME, above, bound, described, either, list, name, object, parameter, percentage, table,
        text, whole, words,
    },
};
use crate::read::{
    AGAINST_KEYS, BENCHMARK_KEYS, NOT_SEARCHED, PLACEMENT, RANGE_KEYS, SEARCH_KEYS, SETTINGS_KEYS,
    SWEEP_KEYS,
};

/// A benchmark.
pub(super) fn one() -> Value {
    let keys = [BENCHMARK_KEYS, SWEEP_KEYS, SETTINGS_KEYS].concat();
    object(&keys, &["name", "plugin", "workload"], benchmark)
}

fn benchmark(key: &str) -> Value {
    let (value, sentence) = match key {
        "name" => (name(), "Unique in the suite."),
        "plugin" => (name(), "A key of [plugins]."),
        "workload" => (name(), "A workload of the plugin."),
        "tiers" => (
            at_least_one(list(text())),
            "Tiers it belongs to; all when absent.",
        ),
        "targets" => (
            json!({ "type": "object", "additionalProperties": bound() }),
            "Bounds by metric.",
        ),
        "untracked" => (
            list(text()),
            "Parameters that are no part of a case's name.",
        ),
        "scale" => (
            either(vec![
                words(["strong"]),
                object(&["weak"], &["weak"], |_| text()),
            ]),
            "Whether the work is shared out, or a parameter grows with threads and instances.",
        ),
        "search" => (search(), "Looks for the largest value that works."),
        "against" => (
            either(vec![
                name(),
                object(AGAINST_KEYS, &["benchmark"], |key| match key {
                    "benchmark" => name(),
                    _ => list(text()),
                }),
            ]),
            "The benchmark whose cases its own are set against, with the ratio of their times.",
        ),
        "params" => (params(), "Parameters of the workload."),
        "axes" => (axes(), "Lists or ranges of values: all combinations."),
        "zip" => (
            list(with_one_key(axes())),
            "Lists that go together, times the axes.",
        ),
        "include" => (list(point()), "Further cases."),
        "exclude" => (
            list(point()),
            "Removes combinations that have all these values.",
        ),
        _ => return setting::setting(key),
    };
    described(value, sentence)
}

fn at_least_one(mut list: Value) -> Value {
    list["minItems"] = json!(1);
    list
}

fn with_one_key(mut table: Value) -> Value {
    table["minProperties"] = json!(1);
    table
}

/// Keys that place a case are keys of the benchmark, no parameters.
fn params() -> Value {
    let mut params = table(A_NAME, parameter());
    params["propertyNames"] = json!({ "pattern": A_NAME, "not": { "enum": PLACEMENT } });
    params
}

fn axes() -> Value {
    let mut axes = table(A_NAME, either(vec![values(parameter()), range()]));
    let placing = PLACEMENT.iter().map(|key| {
        let one = values(setting::placement(key));
        let forms = match *key {
            "threads" | "offered-load" => vec![one, range()],
            "instances" => vec![one, range(), instances()],
            _ => vec![one],
        };
        ((*key).to_owned(), either(forms))
    });
    axes["properties"] = Value::Object(placing.collect::<Map<_, _>>());
    axes
}

fn values(of: Value) -> Value {
    at_least_one(list(of))
}

fn instances() -> Value {
    object(&["values", "mode"], &["values", "mode"], |key| match key {
        "values" => values(setting::placement("instances")),
        _ => setting::placement("instances-mode"),
    })
}

/// `from` and `to`, and either `factor` or `step`.
fn range() -> Value {
    let mut range = object(RANGE_KEYS, &["from", "to"], |key| match key {
        "factor" => above(1.0),
        "step" => above(0.0),
        _ => json!({ "type": "number" }),
    });
    range["oneOf"] = json!([{ "required": ["factor"] }, { "required": ["step"] }]);
    range
}

/// A case by some of its values.
fn point() -> Value {
    let mut point = table(A_NAME, parameter());
    let placing = PLACEMENT
        .iter()
        .map(|key| ((*key).to_owned(), setting::placement(key)));
    point["properties"] = Value::Object(placing.collect::<Map<_, _>>());
    with_one_key(point)
}

fn search() -> Value {
    let range = object(SEARCH_KEYS, &["from", "to"], |key| match key {
        "from" | "to" => above(0.0),
        "multiple-of" => whole(1),
        "resolution" => percentage(),
        "under" => json!({ "type": "object", "additionalProperties": bound() }),
        _ => json!(true),
    });
    let mut search = table(A_NAME, range);
    search["propertyNames"] = json!({ "pattern": A_NAME, "not": { "enum": NOT_SEARCHED } });
    search["minProperties"] = json!(1);
    search["maxProperties"] = json!(1);
    search
}
