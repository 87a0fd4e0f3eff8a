//! The keys of `[defaults]`, of `[tier.X]` and, besides its own, of a benchmark.

use serde_json::{Value, json};

use super::value::{
    above, described, device, duration, either, list, load, object, percentage, size, text, whole,
    whole_up_to, words,
};
use crate::{
    read::{
        DTYPES, ENERGY_KEYS, INSTANCES_MODES, LIMIT_KEYS, MEMORY_BYS, MODES, MOST_INSTANCES,
        MOST_THREADS, SEED_POLICIES, SETTINGS_KEYS,
    },
    settings::PROBES,
};

/// A table of settings.
pub(super) fn table() -> Value {
    object(SETTINGS_KEYS, &[], setting)
}

/// The value of one setting.
pub(super) fn setting(key: &str) -> Value {
    let (value, sentence) = match key {
        "repetitions" => (whole(1), "Fresh processes for each case."),
        "warm-up" => (
            warm_up(),
            "Iterations that are done and discarded before the first sample.",
        ),
        "samples" => (
            samples(),
            "Samples before the precision is believed, and at most; one number is both.",
        ),
        "precision" => (
            percentage(),
            "Sampling ends when the interval of the median is ± this.",
        ),
        "confidence" => (
            json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
            "Level of that interval.",
        ),
        "max-time" => (
            duration(),
            "Time budget of the samples of a case and repetition.",
        ),
        "iterations" => (
            either(vec![words(["auto"]), whole(1)]),
            "Iterations in a sample.",
        ),
        "mode" => (
            words(MODES.iter().map(|(word, _)| *word)),
            "A sample is a block of iterations, or each iteration is timed alone.",
        ),
        "pin" => (pin(), "CPUs the worker is bound to."),
        "seed-policy" => (
            words(SEED_POLICIES.iter().map(|(word, _)| *word)),
            "Whether repetition r adds r to the seed.",
        ),
        "probes" => (
            either(vec![words(["all", "none"]), list(words(PROBES))]),
            "What is looked at besides.",
        ),
        "poll" => (
            duration(),
            "Time between two looks of the probes that poll.",
        ),
        "energy" => (
            object(ENERGY_KEYS, &[], energy),
            "What the probe `energy` cannot know by itself.",
        ),
        "limits" => (
            object(LIMIT_KEYS, &[], limit),
            "Memory and deadlines of one repetition.",
        ),
        _ => return placement(key),
    };
    described(value, sentence)
}

/// The value of a key that places a case; anything for others.
pub(super) fn placement(key: &str) -> Value {
    let (value, sentence) = match key {
        "threads" => (whole_up_to(MOST_THREADS), "Threads of the workload."),
        "instances" => (
            whole_up_to(MOST_INSTANCES),
            "Instances that are driven at once.",
        ),
        "instances-mode" => (
            words(INSTANCES_MODES.iter().map(|(word, _)| *word)),
            "Whether instances share a process.",
        ),
        "offered-load" => (
            load(),
            "Iterations that are asked for in a second, at random moments.",
        ),
        "device" => (device(), "Where it runs."),
        "dtype" => (
            words(DTYPES.iter().copied()),
            "The workload's parameter `dtype`.",
        ),
        _ => return json!(true),
    };
    described(value, sentence)
}

fn warm_up() -> Value {
    either(vec![
        words(["auto", "none"]),
        duration(),
        object(&["iterations"], &["iterations"], |_| whole(1)),
        object(&["time"], &["time"], |_| duration()),
        with_one(object(&["floor", "cap"], &[], |key| match key {
            "floor" => whole(0),
            _ => duration(),
        })),
    ])
}

fn samples() -> Value {
    either(vec![
        whole(1),
        with_one(object(&["min", "max"], &[], |_| whole(1))),
    ])
}

/// A table with at least one key.
fn with_one(mut table: Value) -> Value {
    table["minProperties"] = json!(1);
    table
}

fn pin() -> Value {
    let mut cpus = list(whole(0));
    cpus["minItems"] = json!(1);
    cpus["uniqueItems"] = json!(true);
    either(vec![words(["auto", "none"]), cpus])
}

fn energy(key: &str) -> Value {
    match key {
        "country" | "region" => text(),
        "carbon-intensity-g-per-kwh" => json!({ "type": "number", "minimum": 0 }),
        "pue" => json!({ "type": "number", "minimum": 1 }),
        "tdp-w" => {
            let mut watts = above(0.0);
            watts["maximum"] = json!(10_000);
            watts
        }
        _ => json!(true),
    }
}

fn limit(key: &str) -> Value {
    match key {
        "memory" => either(vec![words(["none"]), size()]),
        "memory-by" => words(MEMORY_BYS.iter().map(|(word, _)| *word)),
        _ => duration(),
    }
}
