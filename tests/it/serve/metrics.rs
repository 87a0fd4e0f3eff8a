//! `/metrics`, read by parsers that are not ours.

#![expect(
    clippy::print_stderr,
    reason = "a test that cannot do its work says why"
)]

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use prometheus_parse::{Scrape, Value as Number};

use super::*;

const OPEN_METRICS: &str =
    "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// A history with a regression, an alert, a baseline and a failed case, whose names are hostile.
fn sick() -> Sandbox {
    let mut runs: Vec<Run> = (0..12)
        .map(|i| {
            made_run(
                i,
                &[("steady", 1000.0), (HOSTILE, 5000.0), ("broken", 10.0)],
            )
        })
        .collect();
    let mut last = made_run(
        12,
        &[("steady", 2000.0), (HOSTILE, 5000.0), ("broken", 10.0)],
    );
    last.cases[2].outcome = benchhost_record::Outcome::Wrong {
        rule: "verify".to_owned(),
        message: HOSTILE.to_owned(),
    };
    last.cases[1].measurements[0].metric.name = HOSTILE.to_owned();
    runs.push(last);
    let sandbox = with(&runs);
    let save = [
        "baseline", "save", "main", "--run", "last~1", "--case", "p/steady",
    ];
    let saved = sandbox.run(&save);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    sandbox.run(&["check"]);
    sandbox
}

fn scrape(text: &str) -> Scrape {
    Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

fn number(scrape: &Scrape, name: &str) -> f64 {
    let found = scrape.samples.iter().find(|one| one.metric == name);
    match found.unwrap_or_else(|| panic!("no {name}")).value {
        Number::Gauge(value) | Number::Untyped(value) | Number::Counter(value) => value,
        ref other => panic!("{name} is {other:?}"),
    }
}

/// `None` where promtool is not installed.
fn promtool(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let started = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: promtool is not installed");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

#[test]
fn the_last_run_its_verdict_and_its_alerts_can_be_scraped() {
    let sandbox = sick();
    let server = Server::start(&sandbox);

    let answer = server.get("/metrics");

    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let found = scrape(&answer.text);
    assert_eq!(number(&found, "benchhost_run_exit_code"), 4.0);
    assert_eq!(number(&found, "benchhost_run_cases_planned"), 3.0);
    assert_eq!(number(&found, "benchhost_alert"), 1.0);
    let has = |parts: &[&str]| {
        let mut lines = answer.text.lines();
        lines.any(|line| parts.iter().all(|part| line.contains(part)))
    };
    let steady = "case=\"p/steady?threads=1\"";
    let line = answer
        .text
        .lines()
        .find(|line| line.starts_with("benchhost_time_seconds{") && line.contains(steady));
    let value: f64 = line.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!((1.9e-6..2.1e-6).contains(&value), "{value}");
    assert!(has(&["benchhost_baseline_time_seconds{", steady]));
    assert!(has(&[
        "benchhost_verdict{",
        steady,
        "verdict=\"regressed\"",
        "} 1"
    ]));
    assert!(has(&[
        "benchhost_case_outcome{",
        "p/broken",
        "outcome=\"wrong\"",
        "} 1"
    ]));
    assert!(!has(&["benchhost_time_seconds{", "p/broken"]));
    assert!(
        answer
            .text
            .lines()
            .all(|line| line.starts_with("benchhost_") || line.starts_with("# "))
    );
}

#[test]
fn promtool_finds_nothing_to_remark_on() {
    let server_of = sick();
    let server = Server::start(&server_of);

    let text = server.get("/metrics").text;

    if let Some((is_fine, said)) = promtool(&["check", "metrics"], &text) {
        assert!(is_fine && said.is_empty(), "{said}");
    }
}

#[test]
fn the_parser_of_prometheus_takes_open_metrics() {
    let sandbox = sick();
    let server = Server::start(&sandbox);

    let answer = server.get_with("/metrics", &[("accept", OPEN_METRICS)]);

    assert_eq!(
        answer.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert!(answer.text.ends_with("\n# EOF\n"));
    // Backfilling reads the very format, but wants to know when each sample was.
    let timed: Vec<String> = answer
        .text
        .lines()
        .map(|line| match line.starts_with('#') {
            true => format!("{line}\n"),
            false => format!("{line} 1780272000\n"),
        })
        .collect();
    let samples = timed.iter().filter(|line| !line.starts_with('#')).count();
    let file = sandbox.write("metrics.txt", timed.concat());
    let blocks = sandbox.path().join("blocks");
    let arguments = [
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        file.to_str().unwrap(),
        blocks.to_str().unwrap(),
    ];
    if let Some((is_fine, said)) = promtool(&arguments, "") {
        assert!(is_fine, "{said}");
        assert!(
            said.contains(&samples.to_string()),
            "{samples} samples: {said}"
        );
    }
}
