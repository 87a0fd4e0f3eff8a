//! Metrics for Prometheus: the file, the gateway.

use std::os::unix::fs::PermissionsExt as _;

use super::{
    command, quick,
    receiver::{Answer, Receiver},
    run, said, with,
};
use crate::support::{Sandbox, finish};

fn sandbox() -> Sandbox {
    let sandbox = with(&[quick(0, &[("steady", 1000.0)])]);
    sandbox.write("publish.toml", "[otlp]\n");
    sandbox
}

#[test]
fn the_file_is_whole_and_readable_by_the_collector() {
    let sandbox = sandbox();
    let path = sandbox.write("metrics/benchhost.prom", "old 1\n");

    let output = run(
        &sandbox,
        &["publish", "prometheus", "--file", "metrics/benchhost.prom"],
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("old"), "{text}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left over");
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    prometheus_parse::Scrape::parse(lines).unwrap();
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_the_old_one_stays() {
    let sandbox = sandbox();
    sandbox.write("a-file", "");
    for (path, code, expected) in [
        (
            "a-file/benchhost.prom",
            1,
            "cannot write the metrics to `a-file/benchhost.prom`",
        ),
        ("metrics.txt", 2, "end in .prom"),
    ] {
        let output = run(&sandbox, &["publish", "prometheus", "--file", path]);

        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(output.stderr.contains(expected), "{output:?}");
    }
}

#[test]
fn the_folder_of_the_file_is_made_and_the_file_has_no_age() {
    let sandbox = sandbox();

    let output = run(
        &sandbox,
        &["publish", "prometheus", "--file", "metrics/a/x.prom"],
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    let text = std::fs::read_to_string(sandbox.path().join("metrics/a/x.prom")).unwrap();
    assert!(!text.contains("run_age"), "it would never grow: {text}");
    assert!(
        text.contains("benchhost_run_finished_timestamp_seconds "),
        "{text}"
    );
}

#[test]
fn a_full_disk_leaves_the_old_file_as_it_was() {
    let sandbox = sandbox();
    let path = sandbox.write("full.prom", "old 1\n");
    // A limit on the size of files, whose signal is ignored, is like a full disk. The history is read only.
    let program = crate::support::bin().display().to_string();
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", &format!("trap '' XFSZ; ulimit -f 0; exec '{program}' publish prometheus run.json --file full.prom")])
        .current_dir(sandbox.path())
        .env_remove("BENCHHOST_STORE");
    let text = serde_json::to_string(&quick(0, &[("steady", 1000.0)])).unwrap();
    sandbox.write("run.json", text);
    std::fs::remove_dir_all(sandbox.path().join(".benchhost")).unwrap();

    let output = finish(&mut limited);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output
            .stderr
            .contains("cannot write the metrics to `full.prom`"),
        "{output:?}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old 1\n");
    let left = std::fs::read_dir(sandbox.path()).unwrap().flatten();
    assert!(
        left.into_iter()
            .all(|one| !one.file_name().to_string_lossy().starts_with(".benchhost-"))
    );
}

#[test]
fn a_push_replaces_the_group_of_the_host() {
    let sandbox = sandbox();
    let gateway = Receiver::content();

    let output = run(
        &sandbox,
        &["publish", "prometheus", "--push", &gateway.address],
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    let got = &gateway.got()[0];
    assert_eq!(
        (got.method.as_str(), got.path.as_str()),
        ("PUT", "/metrics/job/benchhost/instance/ci-1")
    );
    assert!(
        got.header("content-type").starts_with("text/plain"),
        "{got:?}"
    );
}

#[test]
fn groups_are_what_was_asked_for() {
    let sandbox = sandbox();
    let gateway = Receiver::content();
    let base = ["publish", "prometheus", "--push", &gateway.address];
    let more = [
        "--job",
        "a/b",
        "--grouping",
        "instance=x y",
        "--grouping",
        "tier=",
    ];

    let output = run(&sandbox, &[&base[..], &more].concat());
    let refused = run(&sandbox, &[&base[..], &["--grouping", "job=x"]].concat());
    let halved = run(&sandbox, &[&base[..], &["--grouping", "tier"]].concat());

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        gateway.got()[0].path,
        "/metrics/job@base64/YS9i/instance/x%20y/tier@base64/="
    );
    assert_eq!(
        (refused.code, halved.code),
        (Some(2), Some(2)),
        "{refused:?} {halved:?}"
    );
    assert!(
        refused.stderr.contains("`job` is no name of a label"),
        "{refused:?}"
    );
    assert!(halved.stderr.contains("expected label=value"), "{halved:?}");
    assert_eq!(gateway.got().len(), 1);
}

#[test]
fn a_gateway_that_refuses_is_told_and_its_secret_is_not() {
    let sandbox = sandbox();
    let gateway = Receiver::answering(&[Answer::Reply(
        "400 Bad Request",
        Vec::new(),
        b"text format parsing error (Basic hunter2)".to_vec(),
    )]);
    let settings = format!(
        "[prometheus]\npush = \"{}\"\nheaders = {{ Authorization = {{ env = \"GATEWAY\", prefix = \"Basic \" }} }}\n",
        gateway.address
    );
    sandbox.write("publish.toml", settings);

    let output = finish(command(&sandbox, &["publish", "prometheus"]).env("GATEWAY", "hunter2"));

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output
            .stderr
            .contains("400 (Bad Request): text format parsing error"),
        "{output:?}"
    );
    assert_eq!(gateway.got()[0].header("authorization"), "Basic hunter2");
    assert!(!said(&output).contains("hunter2"), "{output:?}");
}

#[test]
fn neither_file_nor_gateway_is_a_question() {
    let output = run(&sandbox(), &["publish", "prometheus"]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("hint: --file PATH.prom"),
        "{output:?}"
    );
}
