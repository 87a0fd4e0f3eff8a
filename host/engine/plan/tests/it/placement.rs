//! Where and how a case runs: instances, offered load, growing work, searches, probes.

use benchhost_plan::Statistic;
use benchhost_record::{InstancesMode, ParamValue};

use crate::{benchmark, ids, one, sentence};

#[test]
fn instances_are_an_axis_whose_mode_is_part_of_the_name() {
    let plan = one(r#"axes = { instances = { values = [1, 2], mode = "process" } }"#);

    assert_eq!(
        ids(&plan),
        [
            "p/w?instances=1&instances-mode=process&threads=1",
            "p/w?instances=2&instances-mode=process&threads=1"
        ]
    );
    let case = &plan.benchmarks[0].cases[1];
    assert_eq!((case.instance_count(), case.processes()), (2, 2));
}

#[test]
fn both_modes_can_be_swept_and_rayon_is_the_default() {
    let plan =
        one("axes = { instances = [3], instances-mode = [\"rayon\", \"process\"] }\nthreads = 2");
    let modes = plan.benchmarks[0]
        .cases
        .iter()
        .map(|case| case.instances.unwrap().mode);

    assert_eq!(
        modes.collect::<Vec<_>>(),
        [InstancesMode::Rayon, InstancesMode::Process]
    );
    let alone = one("instances = 4").benchmarks.remove(0).cases.remove(0);
    assert_eq!((alone.processes(), alone.all_threads()), (1, 4));
}

#[test]
fn weak_scaling_multiplies_the_parameter_by_threads_and_instances() {
    let plan = one(
        "params = { batch = 8 }\naxes = { threads = [1, 3] }\ninstances = 2\nscale = { weak = \"batch\" }",
    );
    let batches = plan.benchmarks[0]
        .cases
        .iter()
        .map(|case| case.params["batch"].clone());

    assert_eq!(
        batches.collect::<Vec<_>>(),
        [ParamValue::Int(16), ParamValue::Int(48)]
    );
}

#[test]
fn a_search_knows_its_ends_its_conditions_and_the_cases_it_tries() {
    let plan = one(
        "axes = { dtype = [\"f32\", \"f16\"] }\n[benchmark.search.batch]\nfrom = 4\nto = 512\nmultiple-of = 4\nunder = { \"p99(time)\" = \"<= 20ms\", peak-memory = \"<= 1 GB\" }",
    );
    let benchmark = &plan.benchmarks[0];
    let search = benchmark.search.as_ref().unwrap();

    assert_eq!(ids(&plan)[0], "p/w?batch=max&dtype=f32&threads=1");
    assert_eq!(search.under.len(), 2);
    assert!(
        search
            .under
            .iter()
            .any(|c| c.statistic == Statistic::Quantile(0.99))
    );
    assert_eq!(search.rounded(131.0), 128.0);
    let tried = benchmark.case_at(&benchmark.cases[1], 128.0);
    assert_eq!(tried.id.as_str(), "p/w?batch=128&dtype=f16&threads=1");
    assert_eq!(tried.params["batch"], ParamValue::Int(128));
}

#[test]
fn the_offered_load_can_be_searched_and_is_no_parameter() {
    let plan = one("search = { offered-load = { from = 10, to = 1000 } }");
    let benchmark = &plan.benchmarks[0];

    let tried = benchmark.case_at(&benchmark.cases[0], 12.5);

    assert_eq!(tried.offered_load, Some(12.5));
    assert_eq!(tried.id.as_str(), "p/w?offered-load=12.5&threads=1");
    assert!(tried.params.is_empty());
}

#[test]
fn probes_are_chosen_by_name_and_kept_in_one_order() {
    let probes = |keys: &str| one(keys).benchmarks.remove(0).settings.probing.probes;

    assert_eq!(
        probes(r#"probes = ["energy", "cpu", "cpu"]"#),
        ["cpu", "energy"]
    );
    assert_eq!(probes(r#"probes = "all""#).len(), 7);
    assert!(probes("").is_empty());
}

#[test]
fn what_says_where_power_comes_from_replaces_what_weaker_layers_said() {
    let head = "name = \"s\"\n[defaults]\nenergy = { country = \"FRA\", pue = 1.5 }\n[plugins]\np = \"p\"\n";
    let text = format!(
        "{head}[[benchmark]]\nname=\"b\"\nplugin=\"p\"\nworkload=\"w\"\nenergy.carbon-intensity-g-per-kwh = 10"
    );

    let energy = crate::plan(&text)
        .benchmarks
        .remove(0)
        .settings
        .probing
        .energy;

    assert_eq!((energy.country, energy.pue), (None, Some(1.5)));
    assert_eq!(energy.carbon_intensity_g_per_kwh, Some(10.0));
}

#[test]
fn mistakes_are_named_with_what_was_expected() {
    for (keys, expected) in [
        (
            "instances = 0",
            "s.toml:10: `instances` is 0, expected a whole number from 1 to 4096",
        ),
        (
            "instances-mode = \"fork\"",
            "s.toml:10: `instances-mode` is \"fork\", expected \"rayon\" or \"process\"",
        ),
        (
            "offered-load = \"5 per s\"",
            "s.toml:10: `offered-load` is \"5 per s\", expected arrivals in a second, above 0, like 100 or \"100/s\"",
        ),
        (
            "instances = 2\noffered-load = 5",
            "s.toml:6: `offered-load` is set together with several `instances`, expected one of the two: arrivals queue for a single instance",
        ),
        (
            "scale = { weak = \"batch\" }",
            "s.toml:10: `scale.weak` is `batch`, expected a parameter that `params` or `axes` sets to whole numbers",
        ),
        (
            "scale = \"weak\"",
            "s.toml:10: `scale` is \"weak\", expected \"strong\", or a table like { weak = \"batch\" } that names the parameter to grow",
        ),
        (
            "search = { batch = { from = 8, to = 4 } }",
            "s.toml:10: `search.batch.to` is 4, expected a number above `from`",
        ),
        (
            "search = { threads = { from = 1, to = 4 } }",
            "s.toml:10: `search` is a search of `threads`, expected a parameter with numbers, or `offered-load`",
        ),
        (
            "search = { a = { from = 1, to = 4 }, b = { from = 1, to = 4 } }",
            "s.toml:10: `search` is a table, expected a table with one key, like { batch = { from = 4, to = 65536 } }",
        ),
        (
            "search = { batch = { from = 6, to = 64, multiple-of = 4 } }",
            "s.toml:10: `search.batch.multiple-of` is 4, expected a whole number that divides `from`, with whole bounds",
        ),
        (
            "search = { batch = { from = 6, to = 64, under = { \"p100(time)\" = \"< 1s\" } } }",
            "s.toml:10: `search.batch.under` is a bound of `p100(time)`, expected a metric, or a statistic of one like \"p99(latency)\"",
        ),
        (
            "params = { batch = 4 }\nsearch = { batch = { from = 1, to = 4 } }",
            "s.toml:10: benchmark `b`: `batch` is set in `params` and in `search`, keep one of them",
        ),
        (
            "probes = [\"gpus\"]",
            "s.toml:10: `probes` is \"gpus\", expected one of \"cpu\", \"memory\", \"io\", \"network\", \"gpu\", \"energy\", \"perf\" (did you mean \"gpu\"?)",
        ),
        (
            "energy = { country = \"FRA\", region = \"gcp:x\" }",
            "s.toml:10: `energy` is a table, expected only one of `country`, `region` and `carbon-intensity-g-per-kwh`",
        ),
        (
            "energy = { pue = 0.9 }",
            "s.toml:10: `energy.pue` is 0.9, expected a number of at least 1",
        ),
    ] {
        assert_eq!(sentence(&benchmark(keys)), expected);
    }
}
