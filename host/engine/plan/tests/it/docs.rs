//! docs/suites.md names every key, tells the defaults as they are, and its examples work; so do the suites in configs.

use std::{collections::BTreeMap, fs, path::PathBuf};

use benchhost_plan::{Overrides, keys, parse, render};

use crate::{benchmark, one, plan};

/// A row of a table of keys.
struct Row {
    default: String,
    example: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn text() -> String {
    fs::read_to_string(root().join("docs/suites.md")).unwrap()
}

/// Rows by key as [`keys`] has them, from the section that describes their table.
fn rows() -> BTreeMap<String, Row> {
    let mut prefix = "";
    let mut rows = BTreeMap::new();
    for line in text().lines() {
        if let Some(title) = line.strip_prefix("## ") {
            prefix = match title {
                "Settings" => "defaults.",
                "Limits" => "defaults.limits.",
                "Energy" => "defaults.energy.",
                "Searches" => "benchmark.search.KEY.",
                "Benchmarks" => "benchmark.",
                _ => "",
            };
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if cells.len() == 7 && cells[1].starts_with('`') {
            let row = Row {
                default: cells[3].trim_matches('`').to_owned(),
                example: cells[4].trim_matches('`').to_owned(),
            };
            rows.insert(format!("{prefix}{}", cells[1].trim_matches('`')), row);
        }
    }
    rows
}

#[test]
fn every_key_of_a_suite_is_described_and_nothing_else() {
    let described: Vec<String> = rows().into_keys().collect();
    let mut known = keys();
    known.sort();

    assert_eq!(described, known);
}

#[test]
fn the_defaults_told_are_the_defaults_used() {
    let shown = render(&one(""));

    for (key, row) in rows() {
        let setting = key.strip_prefix("defaults.").unwrap_or_default();
        if shown.contains(&format!("\n{setting} = ")) {
            let line = format!("\n{setting} = {}\n", row.default);
            assert!(shown.contains(&line), "{line}");
        }
    }
    assert_eq!(rows()["seed"].default, one("").seed.to_string());
    let case = one("").benchmarks.remove(0).cases.remove(0);
    assert_eq!(rows()["defaults.threads"].default, case.threads.to_string());
    assert_eq!(
        rows()["defaults.device"].default,
        format!("\"{}\"", case.device)
    );
}

#[test]
fn the_example_of_each_key_is_accepted() {
    for (key, row) in rows() {
        let example = &row.example;
        let name = key.rsplit('.').next().unwrap_or_default();
        let suite = match key.as_str() {
            "name" | "plugins" | "benchmark" | "gate" => continue,
            "benchmark.name" | "benchmark.plugin" | "benchmark.workload" => {
                let (before, after) = (benchmark(""), format!("{name} = \""));
                let old = before
                    .lines()
                    .skip(6)
                    .find(|l| l.starts_with(&after))
                    .unwrap();
                before.replacen(&format!("\n{old}\n"), &format!("\n{example}\n"), 2)
            }
            "benchmark.exclude" => benchmark(&format!("axes = {{ batch = [8, 16] }}\n{example}")),
            "benchmark.untracked" => benchmark(&format!("params = {{ path = 'x' }}\n{example}")),
            "benchmark.against" => {
                let other = "[[benchmark]]\nname = \"torch\"\nplugin = \"p\"\nworkload = \"v\"";
                format!("{}\n{other}", benchmark(example))
            }
            "benchmark.scale" => benchmark(&format!("params = {{ batch = 8 }}\n{example}")),
            _ if key.starts_with("benchmark.search.") => {
                let range = "from = 64\nto = 4096\n";
                let (line, others) = match range.lines().find(|l| l.starts_with(name)) {
                    Some(line) => (example.clone(), range.replace(line, "")),
                    None => (example.clone(), range.to_owned()),
                };
                benchmark(&format!("[benchmark.search.batch]\n{line}\n{others}"))
            }
            _ if key.starts_with("defaults.energy.") => benchmark(&format!("energy.{example}")),
            _ if key.starts_with("defaults.limits.") => benchmark(&format!("limits.{example}")),
            _ if key.contains('.') => benchmark(example),
            _ => format!("{example}\n{}", benchmark("")),
        };

        let parsed = parse(&suite, "example.toml", &Overrides::default());

        assert!(parsed.is_ok(), "{key}: {}\n{suite}", parsed.unwrap_err());
    }
}

#[test]
fn the_suites_of_the_page_are_accepted() {
    let text = text();
    let blocks: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();

    let counts: Vec<usize> = blocks
        .iter()
        .map(|block| plan(block).case_count())
        .collect();

    assert_eq!(counts, [4, 6, 4]);
}

#[test]
fn every_suite_in_configs_is_accepted_and_begins_with_its_question() {
    let readme = fs::read_to_string(root().join("configs/README.md")).unwrap();
    let mut suites = 0;
    for entry in fs::read_dir(root().join("configs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();

        let plan = parse(&text, &name, &Overrides::default()).unwrap();

        let cases = plan.case_count();
        let question = plan.question.unwrap_or_default();
        assert!(
            text.starts_with(&format!("# {question}")),
            "{name} begins with its question"
        );
        assert!(
            readme.contains(&format!("`{name}` | {question}")),
            "README names {name}"
        );
        let row = readme
            .lines()
            .find(|line| line.contains(&format!("`{name}`")))
            .unwrap();
        assert!(row.contains(&format!(" {cases} case")), "{row}");
        suites += 1;
    }
    assert!(suites > 0);
}
