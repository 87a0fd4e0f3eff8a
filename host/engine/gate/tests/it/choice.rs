//! Which of several rules speaks: the most specific of each kind, the last of equals, kinds together.

use benchhost_record::Metric;

use crate::support::{and_defaults, rules, time};

const CASE: &str = "contrastive/training?batch=16&threads=1";

/// Names of the rules that speak of `metric`.
fn chosen(text: &str, metric: &Metric) -> Vec<String> {
    let rules = rules(text);
    rules
        .of(CASE, "training-small", metric)
        .iter()
        .map(|rule| rule.name.clone())
        .collect()
}

fn gate(name: &str, keys: &str) -> String {
    format!(
        "[[gate]]\nname = \"{name}\"\n{}\n",
        keys.replace("; ", "\n")
    )
}

#[test]
fn the_most_specific_rule_of_a_kind_speaks_wherever_it_stands() {
    let wide = gate("wide", "percent = 5");
    let middle = gate("middle", "case = 'training*'; percent = 10");
    let narrow = gate(
        "narrow",
        "case = 'training*'; metric = 'time'; percent = 15",
    );

    for order in [
        [&wide, &middle, &narrow],
        [&narrow, &wide, &middle],
        [&middle, &narrow, &wide],
    ] {
        let text: String = order.into_iter().cloned().collect();
        assert_eq!(chosen(&text, &time()), ["narrow"], "{text}");
    }
}

#[test]
fn the_last_of_equals_speaks() {
    let text = gate("first", "case = 'training*'; percent = 5")
        + &gate("last", "case = '*training'; percent = 6");

    assert_eq!(chosen(&text, &time()), ["last"]);
    let mut both = rules(&text);
    both.read_file(
        &gate("later", "case = '*training'; percent = 1"),
        "more.toml",
    )
    .unwrap();
    let found = both.of(CASE, "training-small", &time());
    assert_eq!(
        (found.len(), found[0].place.as_str()),
        (1, "more.toml:1"),
        "of two files too"
    );
}

#[test]
fn rules_of_different_kinds_apply_together() {
    let text = gate("floor", "min = 1")
        + &gate("limit", "max = 5")
        + &gate("tail", "max = 9; statistic = 'p95'")
        + &gate("step", "percent = 5")
        + &gate("base", "percent = 5; against = 'baseline'")
        + &gate("recent", "percent = 5; against = 'median'")
        + &gate("spike", "when = 'time > 5ms'")
        + &gate("leak", "when = 'time > 6ms'")
        + &gate("past", "history = true; change = true");

    let mut found = chosen(&text, &time());

    found.sort();
    assert_eq!(
        found,
        [
            "base", "floor", "leak", "limit", "past", "past", "recent", "spike", "step", "tail"
        ]
    );
}

#[test]
fn off_takes_a_kind_away_where_it_is_the_most_specific() {
    let text = gate("all", "percent = 5; max = 9")
        + &gate("quiet", "case = 'training*'; percent = 5; off = true");
    assert_eq!(chosen(&text, &time()), ["all"], "the bound stays");

    let back = text.clone() + &gate("loud", "case = 'training-small'; percent = 7");
    assert_eq!(
        chosen(&back, &time()),
        ["all", "loud"],
        "an even more specific rule speaks again"
    );

    let denied = gate("all", "history = true") + &gate("no", "case = 'training*'; history = false");
    assert_eq!(
        chosen(&denied, &time()),
        [""; 0],
        "`history = false` says the same"
    );
}

#[test]
fn off_alone_takes_everything_away() {
    let text = gate(
        "all",
        "percent = 5; max = 9; history = true; change = true; tolerance = 1",
    ) + &gate("tail", "max = 5; statistic = 'p99'")
        + &gate("spike", "when = 'time > 5ms'")
        + &gate("quiet", "case = 'training*'; off = true");

    assert_eq!(chosen(&text, &time()), [""; 0]);
    let loud = rules(&text);
    assert_eq!(loud.of("other/x?threads=1", "other", &time()).len(), 7);
}

#[test]
fn a_written_rule_replaces_the_default_of_its_kind_only() {
    let names = |text: &str, metric: &Metric| -> Vec<String> {
        let rules = and_defaults(text);
        rules
            .of(CASE, "b", metric)
            .iter()
            .map(|rule| rule.name.clone())
            .collect()
    };

    assert_eq!(
        names("", &time()),
        ["history", "change", "recent", "baseline"]
    );
    let mine = gate("mine", "history = true; window = 20");
    assert_eq!(
        names(&mine, &time()),
        ["change", "recent", "baseline", "mine"]
    );
    let off = gate("off", "off = true");
    assert_eq!(names(&off, &time()), [""; 0]);
    let part = Metric {
        name: "time.forward".to_owned(),
        ..time()
    };
    assert_eq!(names("", &part), [""; 0], "parts are only kept");
    let asked = gate("part", "metric = 'time.forward'; percent = 5");
    assert_eq!(names(&asked, &part), ["part"]);
}

#[test]
fn rules_of_a_suite_and_of_a_file_stand_side_by_side() {
    let mut rules = rules(&gate("file", "percent = 5"));
    let table = "case = 'training*'\npercent = 9".parse().unwrap();
    rules.read_table(&table, "suite.toml:7").unwrap();

    let found = rules.of(CASE, "training-small", &time());

    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].place.as_str()),
        ("percent-previous", "suite.toml:7")
    );
    assert_eq!(rules.written().len(), 2);
}
