//! `benchhost history`: what runs have left is listed, shown, followed, copied and brought back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use benchhost::store::{ImportPoint, Store};
use benchhost_record::{Direction, Metric, MetricKind, Run};
use serde_json::Value;

use crate::support::{Output, Sandbox, plugin, read_run};

/// Two quick cases of the plugin that does nothing.
fn suite() -> String {
    format!(
        "name = 'twice'\n[defaults]\nmax-time = '5ms'\nwarm-up = 'none'\n[plugins]\nm = '{}'\n[[benchmark]]\n\
         name = 'b'\nplugin = 'm'\nworkload = 'trouble'\nparams = {{ what = 'work' }}\naxes = {{ after = [1, 2] }}\n",
        plugin("fixture-misbehave").display()
    )
}

fn json(output: &Output) -> Value {
    assert_eq!(output.code, Some(0), "{output:?}");
    serde_json::from_str(&output.stdout).unwrap()
}

/// A sandbox with two runs in its history.
fn two_runs() -> (Sandbox, [Run; 2]) {
    let sandbox = Sandbox::new();
    sandbox.write("suite.toml", suite());
    let runs = ["one", "two"].map(|out| {
        let output = sandbox.run(&["run", "suite.toml", "--out", out]);
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(
            output.stderr.contains("history: .benchhost/history.db"),
            "{output:?}"
        );
        read_run(&sandbox.path().join(out).join("run.json"))
    });
    (sandbox, runs)
}

/// A history with a series of 20 values and a gap.
fn imported(sandbox: &Sandbox) {
    let mut store = Store::open(&sandbox.path().join(".benchhost/history.db")).unwrap();
    let points = (0..20).map(|day: i64| ImportPoint {
        case: "tool/sort?n=64".to_owned(),
        metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
        machine: String::new(),
        time_ms: 1_780_000_000_000 + day * 86_400_000,
        revision: None,
        value: match day {
            17 => f64::NAN,
            15.. => 110.0,
            _ => 100.0,
        },
        low: None,
        high: None,
        n: 1,
        samples: Vec::new(),
    });
    store.import(points).unwrap();
}

#[test]
fn two_runs_are_listed_and_come_back_whole() {
    let (sandbox, runs) = two_runs();

    let list = json(&sandbox.run(&["history", "list", "--format", "json"]));
    let table = sandbox.run(&["history", "list"]).stdout;
    let series = json(&sandbox.run(&[
        "history", "list", "--series", "--metric", "time", "--format", "json",
    ]));

    let ids: Vec<&str> = list["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    for run in &runs {
        assert!(
            ids.contains(&run.id.as_str()) && table.contains(&run.id),
            "{table}"
        );
        let shown = sandbox.run(&["history", "show", &run.id, "--format", "json"]);
        assert_eq!(serde_json::from_str::<Run>(&shown.stdout).unwrap(), *run);
    }
    assert_eq!(list["runs"][0]["cases"], 2);
    assert!(
        table.contains("2 of 2") && table.contains("finished"),
        "{table}"
    );
    let series = series["series"].as_array().unwrap();
    assert_eq!(series.len(), 2, "{series:?}");
    assert!(
        series
            .iter()
            .all(|one| one["points"] == 2 && one["metric"]["unit"] == "ns")
    );
}

#[test]
fn a_run_is_shown_as_at_its_end_and_named_in_short() {
    let (sandbox, _) = two_runs();
    let newest = json(&sandbox.run(&["history", "list", "--last", "1", "--format", "json"]));
    let id = newest["runs"][0]["id"].as_str().unwrap();

    let shown = sandbox.run(&["history", "show", "last"]);
    let unknown = sandbox.run(&["history", "show", &format!("{id}x")]);

    assert!(
        shown.stdout.contains("m/trouble") && shown.stdout.contains("2 cases: 2 ok"),
        "{shown:?}"
    );
    assert!(shown.stdout.contains(id));
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains(&format!("did you mean `{id}`?")),
        "{unknown:?}"
    );
    assert!(
        unknown.stderr.contains("benchhost history list"),
        "{unknown:?}"
    );
}

#[test]
fn a_trend_leaves_gaps_out_and_says_where_it_is_heading() {
    let sandbox = Sandbox::new();
    imported(&sandbox);

    let table = sandbox.run(&["history", "trend", "--case", "tool/*"]);
    let trend = json(&sandbox.run(&["history", "trend", "--format", "json"]));
    let none = sandbox.run(&["history", "trend", "--case", "other"]);

    let series = &trend["series"][0];
    // The last ten values: six of 100, four of 110; the last five against the five before: 108 against 100.
    assert_eq!(
        (series["n"].as_u64(), series["mean"].as_f64()),
        (Some(10), Some(104.0))
    );
    assert_eq!(series["trend_percent"], 8.0);
    assert!(
        table.stdout.contains("+8.0 %") && table.stdout.contains("104 ns"),
        "{table:?}"
    );
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("history list --series"), "{none:?}");
}

#[test]
fn alerts_and_filters_of_runs_have_their_answers() {
    let sandbox = Sandbox::new();
    imported(&sandbox);

    let alerts = json(&sandbox.run(&["history", "list", "--alerts", "--format", "json"]));
    let wrong = sandbox.run(&["history", "list", "--case", "x"]);

    assert_eq!(alerts["alerts"], Value::Array(Vec::new()));
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("--series"), "{wrong:?}");
}

#[test]
fn a_backup_comes_back_after_a_question_and_replaces_nothing() {
    let (sandbox, _) = two_runs();

    let backup = sandbox.run(&["history", "backup", "kept.db"]);
    let again = sandbox.run(&["history", "backup", "kept.db"]);
    let more = sandbox.run(&["run", "suite.toml", "--out", "three", "--quiet"]);
    let unasked = sandbox.run(&["history", "restore", "kept.db"]);
    let restored = sandbox.run(&["history", "restore", "kept.db", "--yes"]);

    assert_eq!(
        (backup.code, again.code),
        (Some(0), Some(2)),
        "{backup:?} {again:?}"
    );
    assert!(
        again.stderr.contains("`kept.db` exists already"),
        "{again:?}"
    );
    assert_eq!(more.code, Some(0), "{more:?}");
    assert_eq!(unasked.code, Some(2));
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(restored.code, Some(0), "{restored:?}");
    let count = |args: &[&str]| json(&sandbox.run(args))["runs"].as_array().unwrap().len();
    assert_eq!(count(&["history", "list", "--format", "json"]), 2);
    let aside = ".benchhost/history.db.before-restore";
    assert_eq!(
        count(&["history", "list", "--format", "json", "--store", aside]),
        3
    );
}

#[test]
fn compacting_says_first_and_then_does() {
    let sandbox = Sandbox::new();
    imported(&sandbox);

    let said = sandbox.run(&["history", "compact", "--keep-last", "5", "--dry-run"]);
    let left = json(&sandbox.run(&["history", "list", "--series", "--format", "json"]));
    let done = sandbox.run(&["history", "compact", "--keep-last", "5"]);
    let after = json(&sandbox.run(&["history", "list", "--series", "--format", "json"]));

    assert!(said.stdout.contains("would drop: 15 points"), "{said:?}");
    assert_eq!(left["series"][0]["points"], 20);
    assert!(done.stdout.contains("dropped: 15 points"), "{done:?}");
    assert_eq!(after["series"][0]["points"], 5);
}
