//! docs/recommendations.md: its table is the rules, its examples work, its keys are all there are.

use std::{fs, path::PathBuf};

use benchhost_advice::Rules;

fn text() -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    fs::read_to_string(root.join("docs/recommendations.md")).expect("the page is there")
}

/// The row of a rule.
fn rows() -> Vec<String> {
    let cell = |text: &str| text.replace('|', "\\|");
    let rules = Rules::builtin();
    let row = |rule: &benchhost_advice::Rule| {
        // Stars and brackets would be Markdown.
        let code = |text: &str| format!("`{}`", cell(text));
        let (subject, condition) = (code(&rule.subject()), code(&rule.condition()));
        format!(
            "| {} | {subject} | {condition} | {} |",
            rule.name,
            cell(&rule.text)
        )
    };
    rules.all().iter().map(row).collect()
}

#[test]
fn the_table_of_rules_is_the_file() {
    let text = text();
    let told = text
        .lines()
        .skip_while(|line| !line.starts_with("| rule |"))
        .skip(2);
    let told: Vec<&str> = told.take_while(|line| line.starts_with('|')).collect();

    let rows = rows();
    assert!(told == rows, "the table should be\n{}", rows.join("\n"));
}

#[test]
fn the_examples_are_read() {
    let text = text();
    let blocks: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let mut rules = Rules::builtin();
        rules
            .read_file(block, "docs")
            .expect("an example that is right");
    }
}

#[test]
fn every_key_is_told() {
    let text = text();
    let keys: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("- `"))
        .flat_map(|line| line.split(':').next().unwrap_or_default().split(','))
        .map(|key| key.trim_matches(|c: char| c == '-' || c == '`' || c == ' '))
        .collect();
    for key in &keys {
        let read = Rules::default().read_file(&format!("[[recommend]]\n{key} = 1979-05-27"), "r");
        let message = read.expect_err("no date is expected").to_string();
        assert!(!message.contains("unknown key"), "{key}");
    }
    assert_eq!(keys.len(), 17, "{keys:?}");
    assert!(text.lines().count() <= 90, "a page, not a book");
}
