//! Messages to Slack.

use serde_json::json;

use super::{
    HOSTILE, broken, command, quick,
    receiver::{Answer, Receiver},
    run, with,
};
use crate::support::{Sandbox, finish};

fn slack(address: &str, more: &str) -> String {
    format!(
        "[[action]]\nname = \"chat\"\nkind = \"slack\"\nurl = \"{address}\"\nretry = {{ tries = 2, first-wait = \"0s\" }}\n{more}\n"
    )
}

/// A run whose one case, of a hostile name, failed.
fn sandbox() -> Sandbox {
    let name = format!("steady {HOSTILE}");
    with(&[broken(quick(0, &[(&name, 1000.0)]), 0)])
}

#[test]
fn a_name_mentions_nobody() {
    let sandbox = sandbox();
    let receiver = Receiver::content();
    for more in [
        "",
        "template = \"<!here> {{ alert.case }}: {{ alert.sentence }}\"",
    ] {
        sandbox.write("publish.toml", slack(&receiver.address, more));
        let output = run(&sandbox, &["publish", "alerts", "--all"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }

    let texts: Vec<String> = receiver
        .got()
        .iter()
        .map(|got| {
            let message = got.json();
            assert_eq!(message["text"], message["blocks"][0]["text"]["text"]);
            assert_eq!(message["blocks"][0]["text"]["type"], "mrkdwn");
            message["text"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(
        texts[0].starts_with(":red_circle: *failure opened* (critical): "),
        "{}",
        texts[0]
    );
    assert!(!texts[0].contains(['<', '>']), "{}", texts[0]);
    assert!(
        texts[0].contains("&lt;!channel&gt;") && texts[0].contains("\"q\" &amp;"),
        "{}",
        texts[0]
    );
    // What the user wrote is the user's; what was filled in is text.
    assert!(texts[1].starts_with("<!here> p/"), "{}", texts[1]);
    assert_eq!(texts[1].matches('<').count(), 1, "{}", texts[1]);
}

#[test]
fn each_channel_gets_the_message() {
    let sandbox = sandbox();
    let receiver = Receiver::answering(&[Answer::json("200 OK", &json!({ "ok": true }))]);
    let more = "channels = [\"#performance-alerts\", \"#nightly\"]\nheaders = { Authorization = { env = \"BOT\", prefix = \"Bearer \" } }";
    sandbox.write("publish.toml", slack(&receiver.address, more));

    let output = finish(command(&sandbox, &["publish", "alerts"]).env("BOT", "xoxb-hunter2"));

    assert_eq!(output.code, Some(0), "{output:?}");
    let got = receiver.got();
    let channels: Vec<_> = got
        .iter()
        .map(|got| got.json()["channel"].clone())
        .collect();
    assert_eq!(channels, ["#performance-alerts", "#nightly"]);
    assert_eq!(got[0].header("authorization"), "Bearer xoxb-hunter2");
}

#[test]
fn a_refusal_that_calls_itself_a_success_is_none() {
    let sandbox = sandbox();
    let denied = json!({ "ok": false, "error": "channel_not_found" });
    let receiver = Receiver::answering(&[Answer::json("200 OK", &denied)]);
    sandbox.write("publish.toml", slack(&receiver.address, ""));

    let output = run(&sandbox, &["publish", "alerts"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("channel_not_found"), "{output:?}");
}
