//! A suite that uses everything, and the plan it makes, read and approved by a person.

use benchhost_plan::{Overrides, parse, render};

use crate::one;

const SUITE: &str = include_str!("../golden/full.toml");
const PLAN: &str = include_str!("../golden/full.plan.toml");

#[test]
fn a_suite_that_uses_everything_becomes_the_plan_on_file() {
    let overrides = Overrides {
        tier: Some("nightly".into()),
        ..Overrides::default()
    };

    let plan = parse(SUITE, "full.toml", &overrides).unwrap();

    assert_eq!(render(&plan), PLAN);
}

#[test]
fn a_rendered_plan_is_toml_and_shows_every_default() {
    let text = render(&one(""));

    let table: toml::Table = text.parse().unwrap();
    let benchmark = table["benchmark"][0].as_table().unwrap();
    for key in benchhost_plan::keys() {
        let Some(setting) = key.strip_prefix("defaults.") else {
            continue;
        };
        // These are part of each case's id, or there only when they are set.
        let placed = [
            "threads",
            "device",
            "dtype",
            "instances",
            "instances-mode",
            "offered-load",
        ];
        if placed.contains(&setting) || setting.starts_with("energy") {
            continue;
        }
        let found = setting
            .split('.')
            .try_fold(toml::Value::Table(benchmark.clone()), |value, part| {
                value.get(part).cloned()
            });
        assert!(found.is_some(), "{setting} is not shown");
    }
    assert_eq!(
        table["benchmark"][0]["cases"][0].as_str(),
        Some("p/w?threads=1")
    );
}

#[test]
fn settings_read_back_from_a_rendered_plan_are_the_same() {
    let plan = parse(SUITE, "full.toml", &Overrides::default()).unwrap();
    let without_cases: Vec<String> = render(&plan)
        .lines()
        .filter(|line| !line.starts_with("cases") && !line.starts_with("  \"") && *line != "]")
        .map(str::to_owned)
        .collect();
    // Without axes each benchmark is one case; its parameter keeps them apart.
    let mut text = String::new();
    for (i, line) in without_cases.iter().enumerate() {
        text += &format!("{line}\n");
        if line.starts_with("workload") {
            text += &format!("params = {{ i = {i} }}\n");
        }
    }

    let again = parse(&text, "again.toml", &Overrides::default()).unwrap();

    for (before, after) in plan.benchmarks.iter().zip(&again.benchmarks) {
        assert_eq!(before.settings, after.settings);
        assert_eq!(before.tiers, after.tiers);
        assert!(before.targets.keys().eq(after.targets.keys()));
    }
    assert_eq!(plan.benchmarks.len(), again.benchmarks.len());
    assert!(
        plan.gates
            .iter()
            .map(|g| &g.table)
            .eq(again.gates.iter().map(|g| &g.table))
    );
}
