//! Which layer wins, which benchmarks and cases stay, where plugins come from.

use benchhost_plan::{Comparison, Offer, Overrides, PluginSource, WarmUp, adhoc, defaults, parse};
use benchhost_record::ParamValue;

use crate::{benchmark, ids, one, plan};

const LAYERED: &str = r#"
name = "s"
seed = 7
[defaults]
repetitions = 2
threads = 4
max-time = "3s"
limits = { memory = "1 GiB", create = "5s" }
[tier.quick]
repetitions = 4
limits = { create = "6s" }
[plugins]
my-plugin = "../p"
[[benchmark]]
name = "one"
plugin = "my-plugin"
workload = "w"
repetitions = 3
max-time = "4s"
[[benchmark]]
name = "two"
plugin = "my-plugin"
workload = "w"
tiers = ["nightly"]
axes = { threads = [1, 2] }
[tier.nightly]
threads = 8
"#;

fn with(overrides: &Overrides) -> benchhost_plan::Plan {
    parse(LAYERED, "s.toml", overrides).unwrap()
}

fn tier(name: &str) -> Overrides {
    Overrides {
        tier: Some(name.to_owned()),
        ..Overrides::default()
    }
}

#[test]
fn defaults_give_way_to_suite_benchmark_tier_and_command_line() {
    let plain = &with(&Overrides::default()).benchmarks[0].settings;
    let quick = &with(&tier("quick")).benchmarks[0].settings;
    let typed = &with(&Overrides {
        repetitions: Some(5),
        max_time_ns: Some(1),
        ..tier("quick")
    })
    .benchmarks[0]
        .settings;

    assert_eq!(
        (plain.repetitions, quick.repetitions, typed.repetitions),
        (3, 4, 5)
    );
    assert_eq!(plain.sampling.max_time_ns, 4_000_000_000);
    assert_eq!(typed.sampling.max_time_ns, 1);
    assert_eq!(plain.limits.create_ns, 5_000_000_000);
    assert_eq!(quick.limits.create_ns, 6_000_000_000);
    assert_eq!(quick.limits.memory_bytes, Some(1 << 30));
    assert_eq!(quick.limits.total_ns, defaults::TOTAL_NS);
}

#[test]
fn an_axis_wins_over_every_layer() {
    let nightly = with(&tier("nightly"));

    let expected = [
        "my-plugin/w?threads=8",
        "my-plugin/w?threads=1",
        "my-plugin/w?threads=2",
    ];
    assert_eq!(ids(&nightly), expected);
}

#[test]
fn a_tier_keeps_its_benchmarks_and_those_of_all_tiers() {
    let names = |overrides: &Overrides| -> Vec<String> {
        let plan = with(overrides);
        plan.benchmarks.into_iter().map(|b| b.name).collect()
    };

    assert_eq!(names(&tier("quick")), ["one"]);
    assert_eq!(names(&tier("nightly")), ["one", "two"]);
    assert_eq!(names(&Overrides::default()), ["one", "two"]);
}

#[test]
fn a_filter_matches_name_workload_or_case() {
    for (glob, expected) in [
        ("on*", &["my-plugin/w?threads=4"][..]),
        ("*threads=2", &["my-plugin/w?threads=2"]),
        ("two", &["my-plugin/w?threads=1", "my-plugin/w?threads=2"]),
        (
            "my-*",
            &[
                "my-plugin/w?threads=4",
                "my-plugin/w?threads=1",
                "my-plugin/w?threads=2",
            ],
        ),
    ] {
        let plan = with(&Overrides {
            filter: vec![glob.to_owned()],
            ..Overrides::default()
        });

        assert_eq!(ids(&plan), expected, "{glob}");
    }
}

#[test]
fn every_case_carries_the_seed_of_the_suite_or_of_the_command_line() {
    let typed = with(&Overrides {
        seed: Some(99),
        ..Overrides::default()
    });

    assert_eq!(with(&Overrides::default()).benchmarks[1].cases[1].seed, 7);
    assert_eq!((typed.seed, typed.benchmarks[0].cases[0].seed), (99, 99));
    assert_eq!(one("").seed, defaults::SEED);
}

#[test]
fn a_plugin_of_the_command_line_replaces_the_one_of_the_suite() {
    for name in ["my-plugin", "libmy_plugin.so", "my_plugin"] {
        let plan = with(&Overrides {
            plugins: vec![(name.to_owned(), "./libmy_plugin.so".to_owned())],
            ..Overrides::default()
        });

        let replaced = PluginSource {
            name: "my-plugin".into(),
            reference: "./libmy_plugin.so".into(),
            line: None,
        };
        assert_eq!(plan.plugins, [replaced], "{name}");
    }
    assert_eq!(with(&Overrides::default()).plugins[0].line, Some(13));
}

#[test]
fn plugins_that_no_benchmark_uses_are_not_in_the_plan() {
    let suite = benchmark("").replace("p = \"../p\"", "p = \"../p\"\nq = \"../q\"");

    let plan = plan(&suite);

    assert_eq!(plan.plugins.len(), 1);
}

#[test]
fn every_form_of_warm_up_and_target_is_read() {
    for (text, expected) in [
        ("\"auto\"", WarmUp::default()),
        ("\"none\"", WarmUp::None),
        ("\"200ms\"", WarmUp::Time(200_000_000)),
        ("{ time = \"1s\" }", WarmUp::Time(1_000_000_000)),
        ("{ iterations = 10 }", WarmUp::Iterations(10)),
        (
            "{ floor = 5 }",
            WarmUp::Auto {
                floor_iterations: 5,
                cap_ns: defaults::WARM_UP_CAP_NS,
            },
        ),
    ] {
        assert_eq!(
            one(&format!("warm-up = {text}")).benchmarks[0]
                .settings
                .warm_up,
            expected
        );
    }

    let plan = one("targets = { \"time.forward\" = \"<= 50 ms\" }");

    let target = &plan.benchmarks[0].targets["time.forward"];
    assert_eq!(
        (target.op, target.value, target.unit.as_str()),
        (Comparison::AtMost, 5e7, "ns")
    );
    assert_eq!(target.line, 10);
}

#[test]
fn gates_are_kept_as_written_with_their_lines() {
    let plan = plan(&benchmark(
        "[[gate]]\nmetric = \"time\"\npercent = 15\n[[gate]]\nany = { thing = [1] }",
    ));

    let lines: Vec<usize> = plan.gates.iter().map(|gate| gate.line).collect();
    assert_eq!(lines, [10, 13]);
    assert_eq!(plan.gates[0].table["percent"], toml::Value::Integer(15));
}

#[test]
fn without_a_suite_each_workload_is_a_benchmark_of_one_case() {
    let offer = |plugin: &str, workloads: &[&str]| Offer {
        plugin: plugin.to_owned(),
        reference: format!("./{plugin}.so"),
        workloads: workloads.iter().map(ToString::to_string).collect(),
    };
    let offers = [offer("b", &["train", "data"]), offer("a", &["data"])];

    let plan = adhoc(&offers, &Overrides::default()).unwrap();
    let one = adhoc(
        &offers,
        &Overrides {
            filter: vec!["train".into()],
            params: [("batch".to_owned(), ParamValue::Int(8))].into(),
            ..Overrides::default()
        },
    )
    .unwrap();
    let error = adhoc(&offers, &tier("quick")).unwrap_err();

    let twice = adhoc(
        &[offer("a", &["x"]), offer("a", &["y"])],
        &Overrides::default(),
    );
    assert_eq!(
        twice.unwrap_err().to_string(),
        "command line: plugin `a` is given twice on the command line, keep one of them"
    );

    let names: Vec<&str> = plan.benchmarks.iter().map(|b| b.name.as_str()).collect();
    assert_eq!(names, ["train", "b/data", "a/data"]);
    assert_eq!(
        ids(&plan),
        ["b/train?threads=1", "b/data?threads=1", "a/data?threads=1"]
    );
    assert_eq!(plan.plugins[0].reference, "./a.so");
    assert_eq!(
        (ids(&one), one.plugins.len()),
        (vec!["b/train?batch=8&threads=1"], 1)
    );
    assert_eq!(
        error.to_string(),
        "command line: unknown tier `quick` (there are none)"
    );
}
