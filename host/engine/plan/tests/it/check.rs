//! What the workloads say about themselves meets what the suite says about them.

use benchhost_plan::{Error, KnownParam, KnownWorkload, ParamKind, Plan, check_params};

use crate::{benchmark, ids, one, plan};

fn known() -> Vec<KnownWorkload> {
    let param = |name: &str, kind, min, max, choices: &[&str]| KnownParam {
        name: name.to_owned(),
        kind,
        min,
        max,
        choices: choices.iter().map(ToString::to_string).collect(),
    };
    vec![KnownWorkload {
        plugin: "p".into(),
        workload: "w".into(),
        params: vec![
            param("batch", ParamKind::Int, Some(2.0), Some(64.0), &[]),
            param("rate", ParamKind::Float, Some(0.0), None, &[]),
            param("encoder", ParamKind::Text, None, None, &["simple", "deep"]),
            param("flag", ParamKind::Bool, None, None, &[]),
            param("path", ParamKind::Any, None, None, &[]),
        ],
    }]
}

fn with_dtype() -> Vec<KnownWorkload> {
    let mut known = known();
    known[0].params.push(KnownParam {
        name: "dtype".into(),
        kind: ParamKind::Text,
        min: None,
        max: None,
        choices: vec!["f32".into()],
    });
    known
}

fn checked(mut plan: Plan) -> Result<Plan, Error> {
    check_params(&mut plan, &known()).map(|()| plan)
}

#[test]
fn values_that_the_workload_accepts_pass() {
    let keys = "params = { rate = 1, encoder = \"deep\", flag = true, path = [1] }\naxes = { batch = [2, 64] }";

    assert!(checked(one(keys)).is_ok());
}

#[test]
fn what_the_workload_does_not_accept_is_named() {
    for (keys, end) in [
        (
            "params = { bach = 1 }",
            "10: unknown parameter \"bach\" of p/w (did you mean \"batch\"?)",
        ),
        (
            "params = { colour = 1 }",
            "10: unknown parameter \"colour\" of p/w (there are: \"batch\", \"rate\", \"encoder\", \"flag\", \"path\")",
        ),
        (
            "\naxes = { batch = [2, 65] }",
            "11: parameter `batch` of p/w is 65, expected 2 to 64",
        ),
        (
            "params = { rate = -0.5 }",
            "10: parameter `rate` of p/w is -0.5, expected at least 0",
        ),
        (
            "params = { batch = 2.5 }",
            "10: parameter `batch` of p/w is 2.5, expected a whole number",
        ),
        (
            "params = { batch = \"2\" }",
            "10: parameter `batch` of p/w is \"2\", expected a whole number",
        ),
        (
            "params = { encoder = \"big\" }",
            "10: parameter `encoder` of p/w is \"big\", expected one of \"simple\", \"deep\"",
        ),
        (
            "params = { flag = 1 }",
            "10: parameter `flag` of p/w is 1, expected true or false",
        ),
        (
            "dtype = \"f16\"",
            "10: unknown parameter \"dtype\" of p/w (there are: \"batch\", \"rate\", \"encoder\", \"flag\", \"path\")",
        ),
    ] {
        assert_eq!(
            checked(one(keys)).unwrap_err().to_string(),
            format!("s.toml:{end}")
        );
    }
}

#[test]
fn an_unknown_workload_is_named_with_those_there_are() {
    let suite = plan(&benchmark("").replace("\"w\"", "\"training\""));

    let error = checked(suite).unwrap_err().to_string();

    assert_eq!(
        error,
        "s.toml:6: unknown workload `training` of plugin `p` (there are: `w`)"
    );
}

#[test]
fn a_dtype_of_the_defaults_holds_only_for_workloads_that_have_one() {
    let suite = format!(
        "{}[defaults]\ndtype = \"f32\"\n",
        benchmark("axes = { batch = [2, 4] }")
    );
    let before = plan(&suite);
    assert_eq!(ids(&before)[0], "p/w?batch=2&dtype=f32&threads=1");

    let without = checked(before.clone()).unwrap();
    let mut with = before;
    check_params(&mut with, &with_dtype()).unwrap();

    assert_eq!(
        ids(&without),
        ["p/w?batch=2&threads=1", "p/w?batch=4&threads=1"]
    );
    assert!(!without.benchmarks[0].cases[0].params.contains_key("dtype"));
    assert_eq!(ids(&with)[1], "p/w?batch=4&dtype=f32&threads=1");
}

#[test]
fn a_dtype_of_the_defaults_that_the_workload_refuses_is_named_in_its_line() {
    let mut suite = plan(&format!("{}[defaults]\ndtype = \"bf16\"\n", benchmark("")));

    let error = check_params(&mut suite, &with_dtype())
        .unwrap_err()
        .to_string();

    assert_eq!(
        error,
        "s.toml:12: parameter `dtype` of p/w is \"bf16\", expected one of \"f32\""
    );
}

#[test]
fn benchmarks_of_a_plugin_that_could_not_be_loaded_are_left_as_they_are() {
    let mut suite = plan(&format!(
        "{}[defaults]\ndtype = \"f32\"\n",
        benchmark("params = { anything = 1 }")
    ));
    let before = suite.clone();

    check_params(&mut suite, &[]).unwrap();

    assert_eq!(suite, before);
}
