//! docs/gates.md: its rules work, its tables tell every key, the defaults and the thresholds.

use std::{fs, path::PathBuf};

use benchhost_gate::{Class, DEFAULTS, RuleKind, Rules};

use crate::support::rules;

fn text() -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    fs::read_to_string(root.join("docs/gates.md")).expect("the page is there")
}

fn blocks(text: &str) -> Vec<&str> {
    let parts = text.split("```toml\n").skip(1);
    parts
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

#[test]
fn the_rules_of_the_page_are_read_and_show_every_kind() {
    let text = text();
    let mut slots = Vec::new();
    for block in blocks(&text) {
        let rules = rules(block);
        slots.extend(
            rules
                .written()
                .iter()
                .filter(|rule| !rule.is_off)
                .map(|rule| rule.kind.slot()),
        );
    }
    slots.sort_unstable();
    slots.dedup();

    assert_eq!(blocks(&text).len(), 4);
    assert_eq!(
        slots,
        [
            "change",
            "expression",
            "history",
            "percent-baseline",
            "percent-median",
            "percent-previous",
            "significant",
            "target-at-least",
            "target-at-most",
            "tolerance",
        ]
    );
    assert!(text.lines().count() <= 170, "a page, not a book");
}

#[test]
fn the_table_of_keys_is_complete() {
    let text = text();
    let keys = text
        .split("## Keys")
        .nth(1)
        .unwrap()
        .split("## ")
        .next()
        .unwrap();
    let mut told: Vec<&str> = keys
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split(','))
        .map(|key| key.trim().trim_matches('`'))
        .collect();
    told.sort_unstable();

    // A key that is not known is refused; a known one is refused for its value at most.
    for key in &told {
        let read = Rules::none().read_file(&format!("[[gate]]\n{key} = 1979-05-27"), "g");
        assert!(
            !read.unwrap_err().to_string().contains("unknown key"),
            "{key}"
        );
    }
    assert_eq!(
        told,
        [
            "against",
            "budget",
            "case",
            "change",
            "guarded",
            "history",
            "max",
            "metric",
            "min",
            "name",
            "off",
            "percent",
            "severity",
            "significant",
            "statistic",
            "target",
            "tolerance",
            "when",
            "window",
        ]
    );
}

#[test]
fn the_defaults_told_are_those_of_the_file() {
    let slots: Vec<&str> = {
        let rules = rules(DEFAULTS);
        rules
            .written()
            .iter()
            .map(|rule| rule.kind.slot())
            .collect()
    };
    assert_eq!(slots, ["history", "change", "percent-median", "tolerance"]);

    let text = text();
    let row = text
        .lines()
        .find(|line| line.starts_with("| worse by"))
        .unwrap();
    let told: Vec<&str> = row.split('|').map(str::trim).skip(2).take(6).collect();
    let used: Vec<String> = [
        Class::Latency,
        Class::Startup,
        Class::Memory,
        Class::Throughput,
        Class::Cpu,
        Class::Energy,
    ]
    .into_iter()
    .map(|class| format!("{:.0} %", 100.0 * class.threshold().unwrap()))
    .collect();
    assert_eq!(told, used);
    assert_eq!(
        [Class::Quality, Class::Other].map(Class::threshold),
        [None; 2]
    );
}

#[test]
fn windows_and_margins_are_those_told() {
    let rules = rules(
        "[[gate]]\nhistory = true\nsignificant = true\n[[gate]]\npercent = 5\nagainst = 'median'",
    );
    let shown: Vec<String> = rules
        .written()
        .iter()
        .map(|rule| format!("{:?}", rule.kind))
        .collect();

    assert!(
        shown.contains(&"History { window: 64 }".to_owned()),
        "{shown:?}"
    );
    assert!(shown.contains(&"Significant { margin: 0.01 }".to_owned()));
    assert!(shown.iter().any(|kind| kind.contains("Median(10)")));
    assert!(
        rules
            .written()
            .iter()
            .all(|rule| !matches!(rule.kind, RuleKind::Change))
    );
}

#[test]
fn the_schema_takes_the_rules_of_the_page_and_the_defaults_and_refuses_what_the_reader_refuses() {
    let schema = benchhost_gate::file_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let is_valid = |text: &str| {
        let table: toml::Table = text.parse().expect("TOML");
        validator.is_valid(&serde_json::to_value(table).expect("no dates"))
    };

    let page = text();
    for good in blocks(&page).into_iter().chain([DEFAULTS]) {
        assert!(is_valid(good), "{good}");
    }
    for bad in [
        "[[gate]]\nmaxx = 1",
        "[[gate]]\nname = \"nothing\"",
        "[[gate]]\nmax = true",
        "[[gate]]\ntolerance = -1",
        "[[gate]]\npercent = 5\nagainst = \"yesterday\"",
        "[[gate]]\nmax = 1\nguarded = true",
        "[[gate]]\nbudget = {}",
        "[[gate]]\nbudget = { time = 1 }\nmetric = \"time\"",
        "[[gate]]\nhistory = 1",
        "[[gate]]\nmax = 1\nseverity = \"bad\"",
        "[[gate]]\nmax = 1\nstatistic = \"mode\"",
        "[[gates]]\nmax = 1",
    ] {
        assert!(Rules::defaults().read_file(bad, "g.toml").is_err(), "{bad}");
        assert!(!is_valid(bad), "{bad}");
    }
}
