//! `against`: which case is set against which, and the exact sentence where that cannot be said.

use benchhost_plan::{
    Benchmark, KnownParam, KnownWorkload, Overrides, ParamKind, Plan, check_params, counterparts,
    parse, render,
};

use crate::{HEAD, plan, sentence};

/// A suite with benchmark `a` of these keys, from line 10, and benchmark `b` of those.
fn two(a: &str, b: &str) -> String {
    let one = |name: &str, keys: &str| {
        format!(
            "[[benchmark]]\nname = \"{name}\"\nplugin = \"p\"\nworkload = \"w{name}\"\n{keys}\n"
        )
    };
    format!("{HEAD}{}{}", one("a", a), one("b", b))
}

/// For each case of `b`, what is left after `?` of its counterparts in `a`.
fn found(plan: &Plan) -> Vec<Vec<String>> {
    let of = |name: &str| -> &Benchmark {
        let mut all = plan.benchmarks.iter();
        all.find(|one| one.name == name).unwrap()
    };
    let against = of("b").against.as_ref().unwrap();
    let query = |ids: Vec<&benchhost_record::Case>| {
        let ids = ids.into_iter();
        ids.map(|case| case.id.query().to_owned()).collect()
    };
    let all = counterparts(of("b"), against, of("a")).into_iter();
    all.map(query).collect()
}

#[test]
fn what_both_set_must_be_the_same_and_what_one_sets_is_not_looked_at() {
    let text = two(
        "params = { lanes = 4 }\naxes = { batch = [8, 16, 32], threads = [1, 2] }",
        "params = { compile = true }\naxes = { threads = [2, 1], batch = [32, 8] }\nagainst = \"a\"",
    );

    assert_eq!(
        found(&plan(&text)),
        [
            ["batch=32&lanes=4&threads=2"],
            ["batch=8&lanes=4&threads=2"],
            ["batch=32&lanes=4&threads=1"],
            ["batch=8&lanes=4&threads=1"],
        ]
    );
}

#[test]
fn two_values_of_one_parameter_are_set_against_each_other_by_its_name() {
    let b = "params = { encoder = \"deep\" }\naxes = { batch = [16, 8] }\ndevice = \"cuda\"\n\
             against = { benchmark = \"a\", differ-in = [\"encoder\", \"device\"] }";
    let text = two(
        "params = { encoder = \"simple\" }\naxes = { batch = [8, 16] }",
        b,
    );

    let plan = plan(&text);

    let simple = |batch: u32| vec![format!("batch={batch}&encoder=simple&threads=1")];
    assert_eq!(found(&plan), [simple(16), simple(8)]);
    let shown = "\nagainst = { benchmark = \"a\", differ-in = [\"encoder\", \"device\"] }\n";
    assert!(render(&plan).contains(shown), "{}", render(&plan));
}

#[test]
fn parameters_that_do_not_name_a_case_do_not_choose_one() {
    let text = two(
        "params = { path = \"x\" }",
        "params = { path = \"y\" }\nuntracked = [\"path\"]\nagainst = \"a\"",
    );

    assert_eq!(found(&plan(&text)), [["path=x&threads=1"]]);
}

#[test]
fn a_case_that_fits_none_is_told_what_none_has() {
    for (a, b, missing, key) in [
        ("", "threads = 2", "threads = 2", "threads"),
        ("", "instances = 2", "instances = 2", "instances"),
        ("offered-load = 5", "", "no offered-load", "offered-load"),
        ("params = { n = 1 }", "params = { n = 2 }", "n = 2", "n"),
        (
            "zip = [{ n = [1, 2], m = [3, 4] }]",
            "params = { n = 1, m = 4 }",
            "m = 4, n = 1, threads = 1, no instances, no instances-mode, no offered-load, device = cpu",
            "m",
        ),
    ] {
        let said = sentence(&two(a, &format!("{b}\nagainst = \"a\"")));

        let end = format!(
            "for `a` has no case with {missing}; if the two differ in that on purpose, write \
             against = {{ benchmark = \"a\", differ-in = [\"{key}\"] }}"
        );
        assert!(said.ends_with(&end), "{said}");
        assert!(
            said.starts_with("s.toml:16: benchmark `b`: its case p/wb?"),
            "{said}"
        );
    }
}

#[test]
fn a_case_that_fits_several_is_refused() {
    let said = sentence(&two(
        "axes = { impl = [\"x\", \"y\", \"z\"] }",
        "against = \"a\"",
    ));

    assert_eq!(
        said,
        "s.toml:15: benchmark `b`: its case p/wb?threads=1 fits 3 cases of `a`, p/wa?impl=x&threads=1 and \
         p/wa?impl=y&threads=1, …, expected one: keep one value of what tells these apart, or set it in both"
    );
}

#[test]
fn mistakes_in_against_have_their_sentences() {
    for (keys, said) in [
        (
            "against = \"aa\"",
            "benchmark `b` is set against `aa`, which is no benchmark of the suite (did you mean `a`?)",
        ),
        (
            "against = \"b\"",
            "`against` is \"b\", expected another benchmark of the suite: this one is called so itself",
        ),
        (
            "against = 1",
            "`against` is 1, expected the name of a benchmark, or a table like { benchmark = \"NAME\", differ-in = [\"encoder\"] }",
        ),
        (
            "against = { benchmark = \"a\", differ = [] }",
            "unknown key `differ` in `against` (did you mean `differ-in`?)",
        ),
        (
            "against = { differ-in = [] }",
            "`against` has no `benchmark`, expected the name of a benchmark, or a table like { benchmark = \"NAME\", differ-in = [\"encoder\"] }",
        ),
        (
            "params = { n = 1 }\nagainst = { benchmark = \"a\", differ-in = [\"n\"] }",
            "`against.differ-in` names `n`, which benchmarks `b` and `a` do not both have (there are: `threads`, `instances`, `instances-mode`, `offered-load`, `device`)",
        ),
        (
            "search = { n = { from = 1, to = 2 } }\nagainst = \"a\"",
            "`against` is \"a\", and `b` has a search, expected benchmarks without one: the answer of a search is no time",
        ),
    ] {
        let found = sentence(&two("", keys));
        let found = found.split_once(": ").unwrap().1;
        assert_eq!(found, said);
    }
}

#[test]
fn a_filter_or_a_tier_that_leaves_one_side_is_no_mistake() {
    let text = two("tiers = [\"slow\"]", "against = \"a\"");
    let filter = Overrides {
        filter: vec!["b".into()],
        ..Overrides::default()
    };
    let tier = Overrides {
        tier: Some("fast".into()),
        ..Overrides::default()
    };
    let text = format!("{text}[tier.fast]\nrepetitions = 2\n");

    for overrides in [filter, tier] {
        let plan = parse(&text, "s.toml", &overrides).unwrap();
        assert_eq!(plan.benchmarks.len(), 1);
        assert_eq!(plan.benchmarks[0].against.as_ref().unwrap().benchmark, "a");
    }
}

#[test]
fn an_inherited_dtype_counts_where_both_workloads_have_it() {
    let text = two("axes = { dtype = [\"f32\", \"bf16\"] }", "against = \"a\"");
    let text = format!("[defaults]\ndtype = \"bf16\"\n{text}").replacen("name = \"s\"\n", "", 1);
    let text = format!("name = \"s\"\n{text}");
    let workload = |name: &str, has_dtype: bool| KnownWorkload {
        plugin: "p".into(),
        workload: name.into(),
        params: has_dtype
            .then(|| KnownParam {
                name: "dtype".into(),
                kind: ParamKind::Text,
                min: None,
                max: None,
                choices: Vec::new(),
            })
            .into_iter()
            .collect(),
    };

    let mut both = plan(&text);
    check_params(&mut both, &[workload("wa", true), workload("wb", true)]).unwrap();
    let mut one = plan(&text);
    let error = check_params(&mut one, &[workload("wa", true), workload("wb", false)]);

    assert_eq!(found(&both), [["dtype=bf16&threads=1"]]);
    let said = error.unwrap_err().to_string();
    assert!(said.contains("fits 2 cases of `a`"), "{said}");
}
