//! Actions for alerts: webhooks, and what is told when.

use serde_json::json;

use super::{
    HISTORY, HOSTILE, add, broken, command, quick, quiet,
    receiver::{Answer, Receiver, dead},
    run, slower, with,
};
use crate::support::{Output, Sandbox, finish};

/// A webhook at `address`, with more keys.
pub(super) fn webhook(address: &str, more: &str) -> String {
    format!(
        "[[action]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{address}\"\nretry = {{ tries = 2, first-wait = \"0s\" }}\n{more}\n"
    )
}

fn tell(sandbox: &Sandbox, more: &[&str]) -> Output {
    run(sandbox, &[&["publish", "alerts"], more].concat())
}

fn check(sandbox: &Sandbox) {
    let output = run(sandbox, &["check", "--quiet"]);
    assert!(matches!(output.code, Some(0 | 1 | 4)), "{output:?}");
}

#[test]
fn an_alert_is_told_once_and_once_more_when_it_is_over() {
    let sandbox = slower();
    let receiver = Receiver::content();
    sandbox.write("publish.toml", webhook(&receiver.address, ""));
    check(&sandbox);

    let first = tell(&sandbox, &[]);
    let again = tell(&sandbox, &[]);

    assert_eq!(
        (first.code, again.code),
        (Some(0), Some(0)),
        "{first:?} {again:?}"
    );
    assert!(
        first
            .stderr
            .contains("told hook: regression of time of p/steady?threads=1, opened"),
        "{first:?}"
    );
    assert_eq!(receiver.got().len(), 1);
    let got = receiver.got()[0].json();
    assert_eq!(receiver.got()[0].header("content-type"), "application/json");
    assert_eq!(
        (&got["alert"]["kind"], &got["alert"]["state"]),
        (&json!("regression"), &json!("opened"))
    );
    assert_eq!(got["alert"]["unit"], "ns");
    assert!(
        (got["alert"]["value"].as_f64().unwrap() - 1300.0).abs() < 10.0,
        "{got}"
    );
    assert!(
        (got["alert"]["change"].as_f64().unwrap() - 0.3).abs() < 0.02,
        "{got}"
    );
    assert_eq!(
        (&got["run"]["suite"], &got["run"]["host"]),
        (&json!("quick"), &json!("ci-1"))
    );
    assert_eq!(
        (&got["report"]["cases"], &got["report"]["regressed"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(got["action"], "hook");

    add(
        &sandbox,
        &[quick(13, &[("steady", 1000.0), ("other", 5000.0)])],
    );
    check(&sandbox);
    tell(&sandbox, &[]);
    tell(&sandbox, &[]);

    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].json()["alert"]["state"], "resolved");
}

#[test]
fn what_is_confirmed_is_told_to_those_who_ask_and_everything_again_with_all() {
    let sandbox = slower();
    let receiver = Receiver::content();
    sandbox.write(
        "publish.toml",
        webhook(&receiver.address, "state = [\"opened\", \"confirmed\"]"),
    );
    check(&sandbox);
    tell(&sandbox, &[]);
    add(
        &sandbox,
        &[quick(13, &[("steady", 1300.0), ("other", 5000.0)])],
    );
    check(&sandbox);
    tell(&sandbox, &[]);
    tell(&sandbox, &[]);

    let states: Vec<_> = receiver
        .got()
        .iter()
        .map(|got| got.json()["alert"]["state"].clone())
        .collect();
    assert_eq!(states, ["opened", "confirmed"]);

    tell(&sandbox, &["--all"]);
    assert_eq!(receiver.got().len(), 3);
}

#[test]
fn a_run_without_the_case_has_nothing_to_tell_of_its_alert() {
    let sandbox = slower();
    let receiver = Receiver::content();
    sandbox.write("publish.toml", webhook(&receiver.address, ""));
    check(&sandbox);
    add(&sandbox, &[quick(13, &[("other", 5000.0)])]);
    check(&sandbox);

    tell(&sandbox, &["--all"]);

    assert!(receiver.got().is_empty(), "{:?}", receiver.got());
}

#[test]
fn a_failure_is_told_once_until_the_case_is_fine_again() {
    let sandbox = with(&[broken(quick(0, &[("steady", 1000.0)]), 0)]);
    let receiver = Receiver::content();
    sandbox.write(
        "publish.toml",
        webhook(&receiver.address, "on = \"failure\""),
    );

    tell(&sandbox, &[]);
    add(&sandbox, &[broken(quick(1, &[("steady", 1000.0)]), 0)]);
    tell(&sandbox, &[]);
    add(&sandbox, &[quick(2, &[("steady", 1000.0)])]);
    tell(&sandbox, &[]);
    tell(&sandbox, &[]);
    add(&sandbox, &[broken(quick(3, &[("steady", 1000.0)]), 0)]);
    tell(&sandbox, &[]);

    let got: Vec<_> = receiver.got().iter().map(|got| got.json()).collect();
    let states: Vec<_> = got
        .iter()
        .map(|got| got["alert"]["state"].clone())
        .collect();
    assert_eq!(states, ["opened", "resolved", "opened"]);
    assert!(
        got[0]["alert"]["sentence"]
            .as_str()
            .unwrap()
            .contains("panic in measure: boom"),
        "{got:?}"
    );
    assert_eq!(
        (&got[0]["alert"]["severity"], &got[0]["alert"]["value"]),
        (&json!("critical"), &json!(null))
    );
}

#[test]
fn an_action_hears_only_of_what_it_asks_for() {
    let sandbox = slower();
    for (more, count) in [
        ("case = \"p/other*\"", 0),
        ("case = [\"p/*\"]\nmetric = \"time\"", 1),
        ("metric = \"accuracy\"", 0),
        ("on = [\"improvement\", \"failure\"]", 0),
        ("severity = \"info\"", 1),
        ("state = \"resolved\"", 0),
        ("most = 1", 1),
    ] {
        let receiver = Receiver::content();
        sandbox.write("publish.toml", webhook(&receiver.address, more));
        check(&sandbox);
        let _ = std::fs::remove_file(sandbox.path().join(format!("{HISTORY}-published.json")));

        let output = tell(&sandbox, &[]);

        assert_eq!(output.code, Some(0), "{more}: {output:?}");
        assert_eq!(receiver.got().len(), count, "{more}: {output:?}");
    }
}

#[test]
fn a_flood_is_cut_and_the_rest_is_named() {
    let names: Vec<String> = (0..30).map(|i| format!("case{i}")).collect();
    let times: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1000.0)).collect();
    let mut failed = quick(0, &times);
    for i in 0..30 {
        failed = broken(failed, i);
    }
    let sandbox = with(&[failed]);
    let receiver = Receiver::content();
    sandbox.write("publish.toml", webhook(&receiver.address, "most = 5"));

    let output = tell(&sandbox, &[]);

    assert_eq!(receiver.got().len(), 5);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("`hook` has 25 more to tell"),
        "{output:?}"
    );
}

#[test]
fn a_receiver_that_fails_is_told_and_hears_of_it_the_next_time() {
    let sandbox = slower();
    check(&sandbox);
    let (_held, nowhere) = dead();
    sandbox.write("publish.toml", webhook(&format!("http://{nowhere}/x"), ""));
    let refused = tell(&sandbox, &[]);
    let receiver = Receiver::answering(&[
        Answer::status("500 Internal Server Error"),
        Answer::Nothing,
        Answer::status("204 No Content"),
    ]);
    sandbox.write("publish.toml", webhook(&receiver.address, ""));
    let broken = tell(&sandbox, &[]);

    let reached = tell(&sandbox, &[]);

    assert_eq!(
        (refused.code, broken.code, reached.code),
        (Some(1), Some(1), Some(0))
    );
    assert!(
        refused.stderr.contains("connection refused") && refused.stderr.contains("2 tries"),
        "{refused:?}"
    );
    assert!(broken.stderr.contains("the connection broke"), "{broken:?}");
    assert_eq!(receiver.got().len(), 3);
}

#[test]
fn that_a_case_is_fine_again_is_told_later_when_nobody_answered() {
    let sandbox = with(&[broken(quick(0, &[("steady", 1000.0)]), 0)]);
    let receiver = Receiver::answering(&[
        Answer::status("200 OK"),
        Answer::status("400 Bad Request"),
        Answer::status("200 OK"),
    ]);
    sandbox.write("publish.toml", webhook(&receiver.address, ""));

    tell(&sandbox, &[]);
    add(&sandbox, &[quick(1, &[("steady", 1000.0)])]);
    let codes: Vec<_> = (0..3).map(|_| tell(&sandbox, &[]).code.unwrap()).collect();

    assert_eq!(codes, [1, 0, 0]);
    assert_eq!(receiver.got().len(), 3);
    assert_eq!(receiver.got()[2].json()["alert"]["state"], "resolved");
}

#[test]
fn hostile_names_stay_text_in_every_template_of_json() {
    let name = format!("steady {HOSTILE}");
    let mut runs: Vec<_> = quiet();
    runs.truncate(1);
    runs.push(broken(quick(12, &[(&name, 1000.0)]), 0));
    let sandbox = with(&runs);
    let receiver = Receiver::content();
    let template = "template = '{\"title\": {{ alert.case }}, \"value\": {{ alert.value }}, \"all\": {{ [run.id, alert.kind] }} }'";
    sandbox.write("publish.toml", webhook(&receiver.address, template));

    let output = tell(&sandbox, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let got = receiver.got()[0].json();
    let title = got["title"].as_str().unwrap();
    assert!(title.contains("<script>alert(1)</script> \"q\""), "{title}");
    assert!(!title.contains(['\n', '\r', '\u{202e}']), "{title:?}");
    assert_eq!(got["value"], json!(null));
    assert_eq!(got["all"][1], "failure");
    // The terminal is not driven either.
    assert!(!output.stderr.contains('\r'), "{output:?}");
}

#[test]
fn secrets_come_from_the_environment_and_are_never_told() {
    let sandbox = slower();
    check(&sandbox);
    let receiver = Receiver::answering(&[Answer::Reply(
        "403 Forbidden",
        Vec::new(),
        b"no: hunter2, /secret-path-hunter3".to_vec(),
    )]);
    let settings = "[[action]]\nname = \"hook\"\nkind = \"webhook\"\nurl-env = \"HOOK\"\n\
                    headers = { Authorization = { env = \"HOOK_TOKEN\", prefix = \"Bearer \" }, X-Team = \"perf\" }\n";
    sandbox.write("publish.toml", settings);
    let address = format!("{}/secret-path-hunter3", receiver.address);

    let output = finish(
        command(&sandbox, &["publish", "alerts"])
            .env("HOOK", &address)
            .env("HOOK_TOKEN", "hunter2"),
    );
    let without = tell(&sandbox, &[]);
    let open = finish(
        command(&sandbox, &["publish", "alerts"])
            .env("HOOK", "http://example.org/x")
            .env("HOOK_TOKEN", "t"),
    );

    assert_eq!(output.code, Some(1), "{output:?}");
    let got = &receiver.got()[0];
    assert_eq!(
        (got.header("authorization"), got.header("x-team")),
        ("Bearer hunter2", "perf")
    );
    assert!(!output.stderr.contains("hunter"), "{output:?}");
    assert_eq!(without.code, Some(1), "{without:?}");
    assert!(
        without
            .stderr
            .contains("the environment variable HOOK is empty or not there"),
        "{without:?}"
    );
    assert!(open.stderr.contains("readable on its way"), "{open:?}");
}

#[test]
fn a_rehearsal_tells_nobody_and_remembers_nothing() {
    let sandbox = slower();
    check(&sandbox);
    let receiver = Receiver::content();
    sandbox.write(
        "publish.toml",
        webhook(
            &receiver.address,
            "template = '{ \"text\": {{ alert.sentence }} }'",
        ),
    );

    let output = tell(&sandbox, &["--dry-run"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stdout.contains("{ \"text\": \"") && output.stdout.contains(&receiver.address),
        "{output:?}"
    );
    assert!(receiver.got().is_empty());
    assert!(
        !sandbox
            .path()
            .join(format!("{HISTORY}-published.json"))
            .exists()
    );
}

#[test]
fn what_cannot_be_remembered_or_was_never_checked_is_told() {
    let sandbox = slower();
    let receiver = Receiver::content();
    sandbox.write("publish.toml", webhook(&receiver.address, ""));
    let unchecked = tell(&sandbox, &[]);
    sandbox.write(&format!("{HISTORY}-published.json"), "{ damaged");
    let damaged = tell(&sandbox, &[]);
    sandbox.write("publish.toml", "");
    let none = tell(&sandbox, &[]);

    assert_eq!(unchecked.code, Some(0), "{unchecked:?}");
    assert!(
        unchecked.stderr.contains("once it is checked"),
        "{unchecked:?}"
    );
    assert_eq!(damaged.code, Some(1), "{damaged:?}");
    assert!(
        damaged.stderr.contains("remove the file if that is right"),
        "{damaged:?}"
    );
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("there is no [[action]]"), "{none:?}");
    assert!(receiver.got().is_empty());
}

#[test]
fn one_action_can_be_chosen_by_its_name() {
    let sandbox = slower();
    check(&sandbox);
    let (one, other) = (Receiver::content(), Receiver::content());
    let both = webhook(&one.address, "")
        + &webhook(&other.address, "").replace("hook\"\nkind", "second\"\nkind");
    sandbox.write("publish.toml", both);

    let chosen = tell(&sandbox, &["--action", "second"]);
    let unknown = tell(&sandbox, &["--action", "secnd"]);

    assert_eq!(chosen.code, Some(0), "{chosen:?}");
    assert_eq!((one.got().len(), other.got().len()), (0, 1));
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.stderr.contains("did you mean `second`?"),
        "{unknown:?}"
    );
}
