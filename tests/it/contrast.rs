//! `against`: two benchmarks of a suite in one table, in every form, and a side that has no time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use benchhost_record::{Contrast, Run};
use serde_json::Value;

use crate::support::{Output, Sandbox, plugin};

/// Two slow-downs of one kernel: 0 and 900 % more work.
fn slowed(repetitions: u32) -> String {
    let one = |name: &str, slowdown: f64, more: &str| {
        format!(
            "[[benchmark]]\nname = '{name}'\nplugin = 'k'\nworkload = 'arithmetic'\n\
             params = {{ slowdown = {slowdown:?} }}\naxes = {{ units = [1000, 4000] }}\n{more}\n"
        )
    };
    format!(
        "name = 'ratio'\n[defaults]\nrepetitions = {repetitions}\nmax-time = '10ms'\nwarm-up = {{ iterations = 3 }}\n\
         [plugins]\nk = '{}'\n{}{}",
        plugin("fixture-kernels").display(),
        one("plain", 0.0, ""),
        one(
            "slowed",
            900.0,
            "against = { benchmark = 'plain', differ-in = ['slowdown'] }"
        )
    )
}

fn contrast(run: &Run) -> &Contrast {
    assert_eq!(run.contrasts.len(), 1);
    &run.contrasts[0]
}

/// Lines of standard output from the one that begins with `title` to the next empty one.
fn block<'a>(output: &'a Output, title: &str) -> Vec<&'a str> {
    let lines = output.stdout.lines();
    let block = lines.skip_while(|line| !line.starts_with(title));
    block.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn ten_times_the_work_has_a_ratio_of_ten_in_one_table_of_every_form() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&slowed(5));

    assert_eq!(output.code, Some(0), "{output:?}");
    let contrast = contrast(&run);
    assert_eq!(
        (contrast.benchmark.as_str(), contrast.against.as_str()),
        ("slowed", "plain")
    );
    for pair in &contrast.pairs {
        let (ratio, interval) = (pair.ratio.unwrap(), pair.interval.unwrap());
        assert!((2.0..50.0).contains(&ratio), "{pair:?}");
        assert!(interval.low <= ratio && ratio <= interval.high);
        assert!(interval.confidence >= 0.99, "{interval:?}");
        assert_eq!(
            (pair.baseline_repetitions, pair.candidate_repetitions),
            (5, 5)
        );
        let both: Vec<&str> = pair
            .both
            .iter()
            .map(|one| one.metric.name.as_str())
            .collect();
        assert_eq!(both[0], "time");
        assert!(both.contains(&"peak-memory"), "{both:?}");
    }
    let first = &contrast.pairs[0];
    let word = first.verdict.unwrap().word(&first.metric);

    let table = block(&output, "slowed against plain, by slowdown");
    for words in ["ratio", "interval", "verdict", "peak-memory"] {
        assert!(table[1].contains(words), "{output:?}");
    }
    for (line, units) in table[3..5].iter().zip(["units=1000", "units=4000"]) {
        assert!(line.contains(units) && line.contains(" … "), "{line}");
    }
    assert!(
        table[5].contains("ratio: time of slowed by that of plain, confidence 99"),
        "{table:#?}"
    );

    let reported = sandbox.run(&["report", "--format", "md,json,csv,html"]);
    assert_eq!(reported.code, Some(0), "{reported:?}");
    let read =
        |name: &str| std::fs::read_to_string(sandbox.path().join("reports").join(name)).unwrap();
    let markdown = read("report.md");
    assert!(
        markdown.contains("## `slowed` against `plain`"),
        "{markdown}"
    );
    let json: Value = serde_json::from_str(&read("report.json")).unwrap();
    let pair = &json["run"]["contrasts"][0]["pairs"][0];
    assert_eq!(pair["ratio"].as_f64(), contrast.pairs[0].ratio);
    let csv = read("report.csv");
    let ratio = contrast.pairs[0].ratio.unwrap().to_string();
    let row = csv.lines().find(|line| line.contains(&ratio)).unwrap();
    let baseline = contrast.pairs[0].baseline.as_ref().unwrap();
    assert!(
        row.contains(",time,")
            && row.contains(baseline.as_str())
            && row.contains(&format!(",{word},")),
        "{row}"
    );
    assert!(read("report.html").contains("\"contrasts\":[{"));
}

#[test]
fn one_process_a_side_shows_the_ratio_and_says_what_is_missing() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&slowed(1));

    let pair = &contrast(&run).pairs[0];
    assert!(pair.ratio.is_some() && pair.interval.is_none());
    let table = block(&output, "slowed against plain");
    let last = table.last().unwrap();
    assert!(
        last.ends_with(
            "1 and 1 processes say nothing about the next one: raise repetitions to 5 or more"
        ),
        "{output:?}"
    );
}

#[test]
fn a_side_that_fails_or_is_skipped_has_no_ratio_and_the_table_says_why() {
    let sandbox = Sandbox::new();
    for (what, code, said) in [
        (
            "unsupported",
            0,
            "no ratio: `troubled`: skipped: this machine has no warp drive",
        ),
        (
            "wrong",
            1,
            "no ratio: `troubled`: wrong (verify): got 41, expected 42",
        ),
    ] {
        let suite = format!(
            "name = 'x'\n[defaults]\nrepetitions = 2\nmax-time = '5ms'\nwarm-up = 'none'\n[plugins]\nm = '{}'\nnoop = '{}'\n\
             [[benchmark]]\nname = 'troubled'\nplugin = 'm'\nworkload = 'trouble'\nparams = {{ what = '{what}' }}\n\
             [[benchmark]]\nname = 'healthy'\nplugin = 'noop'\nworkload = 'noop'\nagainst = 'troubled'\n",
            plugin("fixture-misbehave").display(),
            plugin("noop").display()
        );

        let (output, run) = sandbox.suite(&suite);

        assert_eq!(output.code, Some(code), "{output:?}");
        let pair = &contrast(&run).pairs[0];
        assert_eq!((pair.ratio, pair.verdict), (None, None));
        let table = block(&output, "healthy against troubled").join("\n");
        assert!(table.contains(said), "{what}: {table}");
    }
}

#[test]
fn a_filter_that_leaves_one_side_is_told() {
    let sandbox = Sandbox::new();

    let (output, _) = sandbox.suite_with(&slowed(1), &["--filter", "slowed"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let table = block(&output, "slowed against plain").join("\n");
    assert!(
        table.contains("no ratio: benchmark `plain` is not part of this run"),
        "{table}"
    );
}

#[test]
fn what_cannot_be_set_against_each_other_stops_before_anything_runs() {
    let sandbox = Sandbox::new();
    let suite = slowed(1).replace("'plain', differ-in = ['slowdown']", "'plain'");

    sandbox.write("suite.toml", suite);
    let output = sandbox.run(&["run", "suite.toml", "--out", "out"]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains(
            "`plain` has no case with slowdown = 900; if the two differ in that on purpose, write \
             against = { benchmark = \"plain\", differ-in = [\"slowdown\"] }"
        ),
        "{output:?}"
    );
    assert!(!sandbox.path().join("out").exists());
}
