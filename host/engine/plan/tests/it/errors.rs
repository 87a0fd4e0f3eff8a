//! Each thing that can be wrong has its exact sentence.

use benchhost_plan::Overrides;

use crate::{HEAD, benchmark, sentence, sentence_with};

#[test]
fn values_of_the_wrong_type_unit_or_range_are_named() {
    for (key, end) in [
        (
            "max-time = \"2\"",
            "`max-time` is \"2\", expected a duration with unit, like \"2s\"",
        ),
        (
            "max-time = 2",
            "`max-time` is 2, expected a duration with unit, like \"2s\"",
        ),
        (
            "max-time = \"0s\"",
            "`max-time` is \"0s\", expected a duration with unit, like \"2s\"",
        ),
        (
            "max-time = \"2 MiB\"",
            "`max-time` is \"2 MiB\", expected a duration with unit, like \"2s\"",
        ),
        (
            "threads = 0",
            "`threads` is 0, expected a whole number from 1 to 4096",
        ),
        (
            "threads = 100000",
            "`threads` is 100000, expected a whole number from 1 to 4096",
        ),
        (
            "threads = 1.5",
            "`threads` is 1.5, expected a whole number from 1 to 4096",
        ),
        (
            "repetitions = -3",
            "`repetitions` is -3, expected a whole number of at least 1",
        ),
        (
            "repetitions = 5_000_000_000",
            "`repetitions` is 5_000_000_000, expected a whole number of at least 1",
        ),
        (
            "precision = 0.01",
            "`precision` is 0.01, expected a percentage above 0% and below 100%, like \"1%\"",
        ),
        (
            "precision = \"100%\"",
            "`precision` is \"100%\", expected a percentage above 0% and below 100%, like \"1%\"",
        ),
        (
            "confidence = 1",
            "`confidence` is 1, expected a number above 0 and below 1, like 0.99",
        ),
        (
            "confidence = nan",
            "`confidence` is nan, expected a number above 0 and below 1, like 0.99",
        ),
        (
            "samples = 0",
            "`samples` is 0, expected a whole number of at least 1",
        ),
        (
            "samples = {}",
            "`samples` is a table, expected a whole number of at least 1, or a table like { min = 10, max = 1000 }",
        ),
        (
            "samples = { min = 9, max = 2 }",
            "`samples.min` is 9, expected a number up to `samples.max`, which is 2",
        ),
        (
            "iterations = \"many\"",
            "`iterations` is \"many\", expected \"auto\" or a whole number of at least 1",
        ),
        (
            "mode = \"both\"",
            "`mode` is \"both\", expected \"batch\" or \"each\"",
        ),
        (
            "pin = [1, 1]",
            "`pin` is [1, 1], expected \"auto\", \"none\" or a list of different CPUs like [0, 1]",
        ),
        (
            "device = \"cuda:01\"",
            "`device` is \"cuda:01\", expected \"cpu\", \"cuda\" or \"cuda:N\"",
        ),
        (
            "device = \"gpu\"",
            "`device` is \"gpu\", expected \"cpu\", \"cuda\" or \"cuda:N\"",
        ),
        (
            "dtype = \"float\"",
            "`dtype` is \"float\", expected \"f32\" or \"f16\" or \"bf16\" or \"f64\"",
        ),
        (
            "probes = [\"enrgy\"]",
            "`probes` is \"enrgy\", expected one of \"cpu\", \"memory\", \"io\", \"network\", \"gpu\", \"energy\", \"perf\" (did you mean \"energy\"?)",
        ),
        (
            "warm-up = 10",
            "`warm-up` is 10, expected \"auto\", \"none\", a duration like \"200ms\", or a table like { iterations = 10 }",
        ),
        (
            "warm-up = { iterations = 1, time = \"1s\" }",
            "`warm-up` is a table, expected a table with `iterations`, or `time`, or `floor` and `cap`",
        ),
        (
            "limits = { memory = \"2G\" }",
            "`limits.memory` is \"2G\", expected a size with unit, like \"512 MiB\" or \"none\"",
        ),
        (
            "limits = { create = 60 }",
            "`limits.create` is 60, expected a duration with unit, like \"2s\"",
        ),
        ("limits = 5", "`limits` is 5, expected a table of limits"),
        (
            "tiers = []",
            "`tiers` is [], expected a list of names like [\"quick\", \"nightly\"]",
        ),
        (
            "tiers = \"quick\"",
            "`tiers` is \"quick\", expected a list of names like [\"quick\", \"nightly\"]",
        ),
    ] {
        assert_eq!(sentence(&benchmark(key)), format!("s.toml:10: {end}"));
    }
}

#[test]
fn unknown_keys_are_refused_at_every_level_with_what_was_meant() {
    for (text, expected) in [
        (
            "nmae = 1".to_owned(),
            "s.toml:1: unknown key `nmae` in the suite (did you mean `name`?)",
        ),
        (
            format!("{HEAD}[defaults]\nmax_time = 1"),
            "s.toml:7: unknown key `max_time` in [defaults] (did you mean `max-time`?)",
        ),
        (
            format!("{HEAD}[tier.quick]\nrepetition = 1"),
            "s.toml:7: unknown key `repetition` in [tier.quick] (did you mean `repetitions`?)",
        ),
        (
            format!("{HEAD}[defaults.limits]\nmemry = 1"),
            "s.toml:7: unknown key `memry` in `limits` (did you mean `memory`?)",
        ),
        (
            benchmark("axis = {}"),
            "s.toml:10: unknown key `axis` in [[benchmark]] (did you mean `axes`?)",
        ),
        (
            benchmark("warm-up = { iter = 3 }"),
            "s.toml:10: unknown key `iter` in `warm-up` (did you mean `iterations`?)",
        ),
        (
            benchmark("samples = { least = 3 }"),
            "s.toml:10: unknown key `least` in `samples` (there are: `min`, `max`)",
        ),
        (
            benchmark("axes = { a = { from = 1, too = 2, step = 1 } }"),
            "s.toml:10: unknown key `too` in axis `a` (did you mean `to`?)",
        ),
    ] {
        assert_eq!(sentence(&text), expected);
    }
}

#[test]
fn parameters_and_axes_that_cannot_be_are_named() {
    for (keys, end) in [
        (
            "axes = { batch = [] }",
            "10: benchmark `b`: axis `batch` has no values",
        ),
        (
            "axes = { batch = { from = 4, to = 1, step = 1 } }",
            "10: benchmark `b`: axis `batch` has no values",
        ),
        (
            "axes = { batch = 4 }",
            "10: `axes.batch` is 4, expected a list of values, or a range like { from = 1, to = 64, factor = 2 }",
        ),
        (
            "axes = { batch = { from = 1, to = 2 } }",
            "10: `axes.batch` is a table, expected a range with `from`, `to` and either `factor` or `step`",
        ),
        (
            "axes = { batch = { from = 1, to = 2, factor = 1 } }",
            "10: `axes.batch.factor` is 1, expected a number above 1",
        ),
        (
            "axes = { batch = { from = 0, to = 2, factor = 2 } }",
            "10: `axes.batch.from` is 0, expected a number above 0, because `factor` multiplies",
        ),
        (
            "axes = { batch = { from = -inf, to = 2, step = 2 } }",
            "10: `axes.batch.from` is -inf, expected a finite number",
        ),
        (
            "axes = { threads = [1, 0] }",
            "10: `axes.threads` is 0, expected a whole number from 1 to 4096",
        ),
        (
            "axes = { threads = [4097] }",
            "10: `axes.threads` is 4097, expected a whole number from 1 to 4096",
        ),
        (
            "axes = { threads = { from = 1, to = 100000, factor = 10 } }",
            "10: `axes.threads` is a table, expected a range of whole numbers from 1 to 4096",
        ),
        (
            "axes = { instances = { from = 1, to = 4097, factor = 2 } }",
            "10: `axes.instances` is a table, expected a range of whole numbers from 1 to 4096",
        ),
        (
            "axes = { threads = { from = 0, to = 2, step = 1 } }",
            "10: `axes.threads` is a table, expected a range of whole numbers from 1 to 4096",
        ),
        (
            "axes = { device = [\"gpu\"] }",
            "10: `axes.device` is \"gpu\", expected \"cpu\", \"cuda\" or \"cuda:N\"",
        ),
        (
            "params = { rate = nan }",
            "10: `params.rate` is nan, expected a finite number",
        ),
        (
            "params = { rate = [1, inf] }",
            "10: `params.rate` is inf, expected a finite number",
        ),
        (
            "params = { on = 1979-05-27 }",
            "10: `params.on` is 1979-05-27, expected a number, a text, true, false or a list of these",
        ),
        (
            "params = { threads = 2 }",
            "10: `params.threads` is 2, expected it as a key of the benchmark: threads = 2",
        ),
        (
            "params = { \"a b\" = 2 }",
            "10: `params.a b` is a key with other characters, expected a name of letters, digits, `-`, `_` or `.`, like \"training\"",
        ),
        (
            "zip = [{ batch = [1, 2], window = [1] }]",
            "10: benchmark `b`: zip needs lists of equal length, found `batch` with 2, `window` with 1",
        ),
        (
            "zip = { batch = [1] }",
            "10: `zip` is a table, expected a list of tables like [{ batch = [16, 32], window = [512, 1024] }]",
        ),
        (
            "params = { batch = 1 }\naxes = { batch = [1] }",
            "10: benchmark `b`: `batch` is set in `params` and in `axes`, keep one of them",
        ),
        (
            "axes = { batch = [1] }\nzip = [{ batch = [1] }]",
            "10: benchmark `b`: `batch` is set in `axes` and in `zip`, keep one of them",
        ),
        (
            "threads = 2\naxes = { threads = [1] }",
            "11: benchmark `b`: `threads` is set in the benchmark and in `axes`, keep one of them",
        ),
        (
            "params = { batch = 1 }\ninclude = [{ bach = 2 }]",
            "11: benchmark `b`: `include` names `bach`, which is neither in `params` nor an axis (did you mean `batch`?)",
        ),
        (
            "axes = { batch = [1] }\nexclude = [\n  { size = 2 },\n]",
            "12: benchmark `b`: `exclude` names `size`, which is neither in `params` nor an axis (there are: `batch`, `device`, `dtype`, `instances`, `instances-mode`, `offered-load`, `threads`)",
        ),
        (
            "axes = { batch = [1] }\nexclude = [{ batch = 2 }]",
            "11: benchmark `b`: the exclude { batch = 2 } matches no point of the axes",
        ),
        (
            "axes = { batch = [1] }\nexclude = [{ batch = 1 }]",
            "6: benchmark `b` has no cases left, its excludes remove all of them",
        ),
        (
            "axes = { a = { from = 1, to = 1000, step = 1 }, b = { from = 1, to = 101, step = 1 } }",
            "6: with benchmark `b` the suite has 101000 cases or more, expected at most 100000",
        ),
        (
            "axes = { batch = [8, 8] }",
            "6: benchmark `b` has the case p/w?batch=8&threads=1, which benchmark `b` (line 6) has already",
        ),
    ] {
        assert_eq!(sentence(&benchmark(keys)), format!("s.toml:{end}"));
    }
}

#[test]
fn targets_need_a_comparison_and_a_bound() {
    for bound in ["\"200ms\"", "\"<= soon\"", "\"=> 5\"", "5"] {
        let expected = format!(
            "s.toml:10: `targets.time` is {bound}, expected a comparison (<, <=, >, >=) and a bound with its unit, like \"<= 200ms\""
        );

        assert_eq!(
            sentence(&benchmark(&format!("targets = {{ time = {bound} }}"))),
            expected
        );
    }
}

#[test]
fn what_is_missing_is_named() {
    let without = |key: &str| {
        let lines: Vec<String> = benchmark("").lines().map(str::to_owned).collect();
        let first_of_benchmark = lines.iter().position(|l| l == "[[benchmark]]").unwrap();
        let keep = |(i, l): &(usize, String)| *i < first_of_benchmark || !l.starts_with(key);
        let kept: Vec<String> = lines
            .into_iter()
            .enumerate()
            .filter(keep)
            .map(|(_, l)| l)
            .collect();
        kept.join("\n")
    };
    for (text, expected) in [
        (
            without("name"),
            "s.toml:6: [[benchmark]] has no `name`, expected a name of its own, like \"training\"",
        ),
        (
            without("plugin"),
            "s.toml:6: [[benchmark]] has no `plugin`, expected the name of a plugin in [plugins]",
        ),
        (
            without("workload"),
            "s.toml:6: [[benchmark]] has no `workload`, expected the name of a workload of the plugin",
        ),
        (
            String::new(),
            "s.toml: the suite has no `name`, expected the name of the suite, like \"quick\"",
        ),
        (HEAD.to_owned(), "s.toml: the suite has no [[benchmark]]"),
    ] {
        assert_eq!(sentence(&text), expected);
    }
}

#[test]
fn text_that_is_no_toml_is_named_with_its_line() {
    for (text, expected) in [
        (
            "name = \"s\"\nseed = = 1\n",
            "s.toml:2: not valid TOML: extra `=`, expected nothing",
        ),
        (
            "name = \"s\"\nname = \"t\"\n",
            "s.toml:2: not valid TOML: duplicate key",
        ),
    ] {
        assert_eq!(sentence(text), expected);
    }
}

#[test]
fn names_that_clash_or_lead_nowhere_are_named() {
    let twice = |second: &str| {
        format!(
            "{}[[benchmark]]\nname = \"{second}\"\nplugin = \"p\"\nworkload = \"w\"\n",
            benchmark("")
        )
    };
    for (text, expected) in [
        (
            twice("b"),
            "s.toml:11: benchmark `b` exists already in line 6, give one of them another name",
        ),
        (
            twice("c"),
            "s.toml:11: benchmark `c` has the case p/w?threads=1, which benchmark `b` (line 6) has already",
        ),
        (
            benchmark("").replace("plugin = \"p\"", "plugin = \"q\""),
            "s.toml:8: benchmark `b` uses plugin `q`, which is not in [plugins] (there are: `p`)",
        ),
        (
            benchmark("").replace("p = \"../p\"", ""),
            "s.toml:8: benchmark `b` uses plugin `p`, which is not in [plugins] (there are none)",
        ),
        (
            benchmark("").replace("\"../p\"", "3"),
            "s.toml:3: `plugins.p` is 3, expected a folder, a library or a name, like \"../plugins/contrastive\"",
        ),
        (
            benchmark("").replace("\"w\"", "\"w?x\""),
            "s.toml:9: `workload` is \"w?x\", expected a name of letters, digits, `-`, `_` or `.`, like \"training\"",
        ),
        (
            benchmark("").replace("name = \"s\"", "name = \"s\"\ngate = [1]"),
            "s.toml:2: `gate` is 1, expected tables like [[gate]]",
        ),
        (
            benchmark("").replace("name = \"s\"", "name = \"s\"\nseed = -1"),
            "s.toml:2: `seed` is -1, expected a whole number of at least 0",
        ),
    ] {
        assert_eq!(sentence(&text), expected);
    }
}

#[test]
fn a_command_line_that_fits_nothing_is_named() {
    let suite = benchmark("tiers = [\"nightly\"]\n[tier.quick]\nrepetitions = 1");
    let tier = |name: &str| Overrides {
        tier: Some(name.to_owned()),
        ..Overrides::default()
    };
    let filter = |globs: &[&str]| Overrides {
        filter: globs.iter().map(ToString::to_string).collect(),
        ..Overrides::default()
    };
    let plugin = Overrides {
        plugins: vec![("other".into(), "./libother.so".into())],
        ..Overrides::default()
    };
    for (overrides, expected) in [
        (
            tier("fast"),
            "s.toml: unknown tier `fast` (there are: `nightly`, `quick`)",
        ),
        (
            tier("nihgtly"),
            "s.toml: unknown tier `nihgtly` (did you mean `nightly`?)",
        ),
        (
            tier("quick"),
            "s.toml: no benchmark belongs to tier `quick`",
        ),
        (
            filter(&["x*"]),
            "s.toml: no case matches filter `x*` (there are: `b`)",
        ),
        (
            filter(&["x*", "y"]),
            "s.toml: no case matches any of the filters `x*`, `y` (there are: `b`)",
        ),
        (
            filter(&["x*", "pp/w"]),
            "s.toml: no case matches any of the filters `x*`, `pp/w` (did you mean `p/w`?)",
        ),
        (
            filter(&["[z"]),
            "s.toml: filter `[z` is not a glob: unclosed character class; missing ']'",
        ),
        (
            Overrides {
                plugins: vec![
                    ("p".into(), "./a/p".into()),
                    ("libp.so".into(), "./libp.so".into()),
                ],
                ..Overrides::default()
            },
            "s.toml: plugin `p` is given twice on the command line, keep one of them",
        ),
        (
            plugin,
            "s.toml: no benchmark uses the plugin `other` of the command line (there are: `p`)",
        ),
    ] {
        assert_eq!(sentence_with(&suite, &overrides), expected);
    }
}
