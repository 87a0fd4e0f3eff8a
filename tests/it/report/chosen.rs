//! What `--case` and `--metric` leave of a report, and what an earlier run shows of later ones.

use benchhost_record::{Direction, MetricKind};
use serde_json::Value;

use super::with;
use crate::support::{Sandbox, made_run};

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let mut all = vec!["report"];
    all.extend(arguments);
    all.extend(["--format", "json", "--out", "-"]);
    let output = sandbox.run(&all);
    assert_eq!(output.code, Some(0), "{output:?}");
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn a_glob_leaves_out_other_cases_and_says_so() {
    let runs: Vec<_> = (0..3)
        .map(|i| made_run(i, &[("one", 1000.0), ("two", 2000.0)]))
        .collect();
    let sandbox = with(&runs);

    let whole = json(&sandbox, &[]);
    let chosen = json(&sandbox, &["--case", "p/one"]);

    let verdicts = |report: &Value| report["verdicts"].as_array().unwrap().clone();
    let of_one = |one: &Value| one["case"].as_str().unwrap().starts_with("p/one");
    // Who is left is judged as before.
    let expected: Vec<Value> = verdicts(&whole).into_iter().filter(of_one).collect();
    assert!(!expected.is_empty());
    assert_eq!(verdicts(&chosen), expected);
    let told = chosen["left_out"].to_string();
    assert!(
        told.contains("1 of 2 cases are not shown: --case"),
        "{told}"
    );
}

#[test]
fn metrics_that_no_rule_judges_are_counted_among_the_chosen() {
    let mut run = made_run(0, &[("one", 1000.0), ("two", 2000.0)]);
    for (index, case) in run.cases.iter_mut().enumerate() {
        for number in 0..=index {
            let mut more = case.measurements[0].clone();
            more.metric.name = format!("odd-{number}");
            more.metric.direction = Direction::Neither;
            more.metric.kind = MetricKind::Count;
            case.measurements.push(more);
        }
    }
    let sandbox = with(&[run]);
    let not_judged = |arguments: &[&str]| json(&sandbox, arguments)["not_judged"].clone();

    assert_eq!(not_judged(&[]), 3);
    assert_eq!(not_judged(&["--case", "p/one"]), 1);
    assert_eq!(not_judged(&["--case", "p/two"]), 2);
    assert_eq!(not_judged(&["--metric", "odd-1"]), 1);
    assert_eq!(not_judged(&["--metric", "time"]), 0);
}

#[test]
fn a_glob_that_means_nothing_is_told() {
    let sandbox = with(&[made_run(0, &[("one", 1000.0)])]);

    for option in ["--case", "--metric"] {
        let output = sandbox.run(&["report", option, "nothing-like-it"]);

        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("`nothing-like-it`"), "{output:?}");
        assert!(!sandbox.path().join("reports").exists());
    }
}

#[test]
fn an_earlier_run_shows_no_later_values() {
    let runs: Vec<_> = (0..5).map(|i| made_run(i, &[("one", 1000.0)])).collect();
    let sandbox = with(&runs);

    let last = json(&sandbox, &["last"]).to_string();
    let earlier = json(&sandbox, &["last~2"]).to_string();

    assert!(last.contains(&runs[4].id) && last.contains(&runs[1].id));
    for later in &runs[3..] {
        assert!(!earlier.contains(&later.id), "{}", later.id);
    }
    assert!(earlier.contains(&runs[1].id));
}
