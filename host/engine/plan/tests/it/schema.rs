//! The published schema and the reader speak one language: neither refuses a key that the other takes.

use std::{fs, path::PathBuf};

use benchhost_plan::{Overrides, keys, parse, schema};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::benchmark;

fn validator() -> Validator {
    let schema = schema(json!({ "type": "object" }));
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

fn is_read(suite: &toml::Table) -> Result<(), String> {
    let text = toml::to_string(suite).unwrap();
    let plan = parse(&text, "s.toml", &Overrides::default());
    plan.map(drop).map_err(|error| error.to_string())
}

/// The suites of the repository and the blocks of its page about them.
fn suites() -> Vec<toml::Table> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut texts: Vec<String> = fs::read_dir(root.join("configs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let page = fs::read_to_string(root.join("docs/suites.md")).unwrap();
    let blocks = page.split("```toml\n").skip(1);
    texts.extend(blocks.map(|rest| rest.split("```").next().unwrap().to_owned()));
    assert!(texts.len() > 8);
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A suite with every key that there is.
fn full() -> toml::Table {
    let keys = r#"
        tiers = ["quick"]
        targets = { time = "<= 200ms" }
        untracked = ["path"]
        scale = { weak = "batch" }
        params = { path = "x", batch = 4, list = [1, "a", [true]] }
        axes = { window = { from = 1, to = 64, factor = 2 }, threads = [1, 2], instances = { values = [1, 2], mode = "process" } }
        zip = [{ a = [1, 2], b = [3, 4] }]
        include = [{ threads = 4 }]
        exclude = [{ window = 64 }]
        warm-up = { floor = 2, cap = "1s" }
        samples = { min = 3, max = 10 }
        iterations = 5
        mode = "each"
        pin = [0, 1]
        seed-policy = "per-repetition"
        probes = ["cpu"]
        poll = "1s"
        energy = { country = "DEU", pue = 1.2, tdp-w = 65 }
        device = "cuda:1"
        dtype = "f32"
        limits = { memory = "2 GiB", memory-by = "auto", load = "10s" }
    "#;
    let mut suite: toml::Table = benchmark(keys).parse().unwrap();
    let defaults = r#"repetitions = 3
        precision = "1%"
        confidence = 0.95
        max-time = "1m30s"
        threads = 2"#;
    let defaults: toml::Table = defaults.parse().unwrap();
    suite.insert("seed".to_owned(), toml::Value::Integer(7));
    suite.insert("defaults".to_owned(), toml::Value::Table(defaults));
    suite
}

/// Every way into the document at which a table stands.
fn tables(value: &toml::Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        toml::Value::Table(table) => {
            found.push(path.clone());
            for (key, value) in table {
                path.push(Step::Key(key.clone()));
                tables(value, path, found);
                path.pop();
            }
        }
        toml::Value::Array(array) => {
            for (i, value) in array.iter().enumerate() {
                path.push(Step::Index(i));
                tables(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn at<'a>(value: &'a mut toml::Value, path: &[Step]) -> &'a mut toml::Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(i) => &mut value[*i],
    })
}

fn json_of(suite: &toml::Table) -> Value {
    serde_json::to_value(suite).unwrap()
}

#[test]
fn every_suite_of_the_repository_is_valid() {
    let validator = validator();

    for suite in suites().iter().chain([&full()]) {
        is_read(suite).unwrap();
        let document = json_of(suite);
        let found = validator.validate(&document);
        assert!(found.is_ok(), "{suite}: {}", found.unwrap_err());
    }
}

#[test]
fn an_unknown_key_is_refused_by_both_or_by_none_wherever_it_stands() {
    let validator = validator();
    let mut places = 0;

    for suite in suites().iter().chain([&full()]) {
        let mut whole = toml::Value::Table(suite.clone());
        let mut found = Vec::new();
        tables(&whole, &mut Vec::new(), &mut found);
        for path in found {
            let before = whole.clone();
            let table = at(&mut whole, &path).as_table_mut().unwrap();
            table.insert("zzz-unknown".to_owned(), toml::Value::Integer(1));
            let changed = whole.as_table().unwrap();

            let read = is_read(changed);
            let is_unknown = read
                .as_ref()
                .is_err_and(|error| error.contains("unknown key"));
            let is_valid = validator.is_valid(&json_of(changed));

            assert!(
                !(is_unknown && is_valid),
                "{path:?}: only the reader refuses: {read:?}"
            );
            assert!(
                is_valid || read.is_err(),
                "{path:?}: only the schema refuses"
            );
            places += 1;
            whole = before;
        }
    }
    assert!(places > 100, "{places}");
}

#[test]
fn what_the_reader_takes_the_schema_takes() {
    let validator = validator();
    let values: Vec<toml::Value> = [
        "1",
        "0",
        "-1",
        "1.5",
        "true",
        "[]",
        "{}",
        "[1]",
        "[1, 1]",
        "['a']",
        "''",
        "' '",
        "'auto'",
        "'none'",
        "'strong'",
        "'2s'",
        "'1 h 2 min'",
        "'1.5 ms'",
        "'.5s'",
        "'5.s'",
        "'2'",
        "'512 MiB'",
        "'7 B'",
        "'5%'",
        "'<= 1 ns'",
        "'>1.5 GFLOP/s'",
        "'100/s'",
        "'1e3/s'",
        "'cuda:3'",
        "'cpu'",
        "'f16'",
        "'ä-b'",
        "{ min = 1 }",
        "{ from = 1, to = 4, step = 1 }",
        "{ time = '1s' }",
        "[{ a = [1] }]",
        "[{ threads = 2 }]",
        "5000000000",
    ]
    .iter()
    .map(|text| {
        let table: toml::Table = format!("v = {text}").parse().unwrap();
        table["v"].clone()
    })
    .collect();
    let (mut taken, mut refused, mut only_schema) = (0, 0, Vec::new());

    for key in keys() {
        // Deeper tables have tests of their own; the others stand in the benchmark.
        let key = key
            .strip_prefix("benchmark.")
            .or_else(|| key.strip_prefix("defaults."))
            .filter(|key| !key.contains('.') && *key != "name");
        let Some(key) = key else { continue };
        for value in &values {
            let mut suite: toml::Table = benchmark("").parse().unwrap();
            let benchmark = suite["benchmark"][0].as_table_mut().unwrap();
            benchmark.insert(key.to_owned(), value.clone());

            let read = is_read(&suite);
            let is_valid = validator.is_valid(&json_of(&suite));

            assert!(
                is_valid || read.is_err(),
                "only the schema refuses {key} = {value}"
            );
            match (read.is_ok(), is_valid) {
                (true, _) => taken += 1,
                (false, false) => refused += 1,
                (false, true) => {
                    only_schema.push(format!("{key} = {value}: {}", read.unwrap_err()))
                }
            }
        }
    }
    // What holds between values, or needs arithmetic, is left to the reader; it is little.
    assert!(taken > 50 && refused > 700, "{taken} {refused}");
    assert!(
        only_schema.len() < 70,
        "{}: {only_schema:#?}",
        only_schema.len()
    );
}

#[test]
fn every_key_has_a_rule_of_its_own() {
    let schema = schema(json!({ "type": "object" }));
    let benchmark = &schema["properties"]["benchmark"]["items"]["properties"];

    let settings = &schema["$defs"]["settings"]["properties"];
    let limits = &benchmark["limits"]["properties"];
    for table in [&schema["properties"], settings, benchmark, limits] {
        for (key, rule) in table.as_object().unwrap() {
            assert!(rule.is_object(), "{key} may be anything");
        }
    }
}
