//! docs/METHODOLOGY.md says what the code does: every number in its tables is looked up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use crate::support::{Sandbox, root};

fn text() -> String {
    fs::read_to_string(root().join("docs/METHODOLOGY.md")).unwrap()
}

/// Cells of the table whose header begins with `first`.
fn table(first: &str) -> Vec<Vec<String>> {
    let text = text();
    let mut lines = text.lines().map(str::trim_start);
    let header = format!("| {first} |");
    lines
        .find(|line| line.starts_with(&header))
        .unwrap_or_else(|| panic!("no table of {first}"));
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split(" | ")
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn constants_are_those_of_the_code() {
    let rows = table("constant");
    assert!(rows.len() > 15);
    for row in rows {
        let code = fs::read_to_string(root().join(&row[2]))
            .unwrap_or_else(|_| panic!("no file {}", row[2]));
        let name = format!("const {}: ", row[0]);
        let line = code.lines().find(|line| line.contains(&name));
        let line = line.unwrap_or_else(|| panic!("{} has no {}", row[2], row[0]));
        let value = line.split_once("= ").unwrap().1.trim_end_matches(';');
        assert_eq!(value, row[1], "{} in {}", row[0], row[2]);
    }
}

#[test]
fn quantiles_need_as_many_samples_as_it_says() {
    let rows = table("quantile");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let percent: f64 = row[0].trim_start_matches('p').parse().unwrap();
        assert_eq!(
            benchhost_stats::samples_needed(percent / 100.0).to_string(),
            row[1],
            "{}",
            row[0]
        );
    }
}

#[test]
fn flags_and_verdicts_are_words_that_the_program_has() {
    use benchhost_record::FlagKind;
    let words: Vec<&str> = FlagKind::ALL.iter().map(|kind| kind.word()).collect();
    for row in table("flag") {
        for word in row[0]
            .split(", ")
            .map(|word| word.trim_matches('`'))
            .filter(|word| *word != "…")
        {
            assert!(words.contains(&word), "no flag `{word}`");
        }
    }
    let help = Sandbox::new().run(&["compare", "--help"]).stdout;
    for word in [
        "faster",
        "slower",
        "better",
        "worse",
        "equivalent",
        "inconclusive",
        "failed",
    ] {
        assert!(
            text().contains(&format!("`{word}`")) && help.contains(word),
            "{word}"
        );
    }
    assert!(
        help.contains("[default: 1%]")
            && help.contains("[default: 0.5%]")
            && help.contains("a third of the margin")
    );
}

#[test]
fn its_own_links_lead_somewhere() {
    let text = text();
    for link in text
        .split("](#")
        .skip(1)
        .map(|rest| rest.split_once(')').unwrap().0)
    {
        let is_heading = |line: &str| {
            line.strip_prefix("## ")
                .is_some_and(|title| title.to_lowercase().replace(' ', "-") == link)
        };
        assert!(text.lines().any(is_heading), "#{link}");
    }
}
