//! How axes become cases.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::{ids, one};

#[test]
fn the_first_axis_varies_slowest_and_zips_fastest() {
    let plan = one(
        "zip = [{ w = [1, 2], x = [\"a\", \"b\"] }]\naxes = { threads = [2, 1], batch = [16, 8] }",
    );

    let expected = [
        "p/w?batch=16&threads=2&w=1&x=a",
        "p/w?batch=16&threads=2&w=2&x=b",
        "p/w?batch=8&threads=2&w=1&x=a",
        "p/w?batch=8&threads=2&w=2&x=b",
        "p/w?batch=16&threads=1&w=1&x=a",
        "p/w?batch=16&threads=1&w=2&x=b",
        "p/w?batch=8&threads=1&w=1&x=a",
        "p/w?batch=8&threads=1&w=2&x=b",
    ];
    assert_eq!(ids(&plan), expected);
}

#[test]
fn includes_follow_the_product_and_excludes_leave_them_alone() {
    let plan = one(
        "params = { base = 1 }\naxes = { batch = [8, 16], threads = [1, 2] }\n\
         exclude = [{ batch = 16, threads = 2 }]\n\
         include = [{ batch = 16, threads = 2, base = 5 }, { device = \"cuda:1\" }]",
    );

    let expected = [
        "p/w?base=1&batch=8&threads=1",
        "p/w?base=1&batch=8&threads=2",
        "p/w?base=1&batch=16&threads=1",
        "p/w?base=5&batch=16&threads=2",
        "p/w?base=1&device=cuda:1&threads=1",
    ];
    assert_eq!(ids(&plan), expected);
}

#[test]
fn ranges_include_both_ends_and_stay_whole_or_decimal() {
    for (range, expected) in [
        ("{ from = 1, to = 64, factor = 4 }", "1 4 16 64"),
        ("{ from = 8, to = 20, step = 4 }", "8 12 16 20"),
        (
            "{ from = 0.1, to = 0.5, step = 0.1 }",
            "0.1 0.2 0.3 0.4 0.5",
        ),
        ("{ from = 1, to = 3, factor = 1.5 }", "1 1.5 2.25"),
    ] {
        let plan = one(&format!("axes = {{ a = {range} }}"));

        let cases = &plan.benchmarks[0].cases;
        let values: Vec<String> = cases
            .iter()
            .map(|case| case.params["a"].to_string())
            .collect();
        assert_eq!(values.join(" "), expected);
    }
}

proptest! {
    #[test]
    fn there_are_as_many_cases_as_the_product_less_the_excluded_plus_the_included(
        sizes in prop::collection::vec(1_usize..5, 1..4),
        zipped in 0_usize..4,
        excluded in prop::collection::btree_set(0_usize..4, 0..3),
        included in 0_usize..3,
    ) {
        let list = |n: usize, from: usize| format!("{:?}", (from..from + n).collect::<Vec<_>>());
        let axes: Vec<String> = sizes.iter().enumerate().map(|(i, n)| format!("a{i} = {}", list(*n, 0))).collect();
        let excluded: Vec<usize> = excluded.into_iter().filter(|v| *v < sizes[0]).collect();
        prop_assume!(excluded.len() < sizes[0]);
        let excludes: Vec<String> = excluded.iter().map(|v| format!("{{ a0 = {v} }}")).collect();
        let includes: Vec<String> = (0..included).map(|i| format!("{{ a0 = {} }}", 100 + i)).collect();
        let zip = if zipped == 0 { String::new() } else {
            format!("zip = [{{ y = {}, z = {} }}]", list(zipped, 0), list(zipped, 50))
        };
        let suite = format!(
            "axes = {{ {} }}\n{zip}\nexclude = [{}]\ninclude = [{}]",
            axes.join(", "), excludes.join(", "), includes.join(", ")
        );

        let (plan, again) = (one(&suite), one(&suite));

        let rest: usize = sizes[1..].iter().product::<usize>() * zipped.max(1);
        prop_assert_eq!(plan.case_count(), (sizes[0] - excluded.len()) * rest + included);
        prop_assert_eq!(ids(&plan).into_iter().collect::<BTreeSet<_>>().len(), plan.case_count());
        prop_assert_eq!(plan, again);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-z0-9\\[\\]{}=\",.\n #-]{0,80}") {
        let _ = benchhost_plan::parse(&text, "s.toml", &benchhost_plan::Overrides::default());
    }
}

#[test]
fn untracked_parameters_are_set_and_no_part_of_the_name() {
    let plan = one("params = { batch = 8, path = 'x' }\nuntracked = ['path']");

    assert_eq!(ids(&plan), ["p/w?batch=8&threads=1"]);
    let case = &plan.benchmarks[0].cases[0];
    assert_eq!(case.params["path"].to_string(), "x");
}
