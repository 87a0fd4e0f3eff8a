//! The comment of a pull request, on a stand-in of GitHub's API.

use std::{
    io::Write as _,
    sync::{Arc, Mutex},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{
    HOSTILE, command, quick,
    receiver::{Answer, Got, Receiver},
    said, with,
};
use crate::support::{Output, Sandbox, finish};

const TOKEN: &str = "ghs_hunter2hunter2";

/// Comments of a pull request: id, body, whether ours may write them.
type Comments = Arc<Mutex<Vec<(u64, String, bool)>>>;

/// GitHub, with pages of two comments.
fn github(comments: &[(u64, &str, bool)]) -> (Receiver, Comments) {
    let all = comments
        .iter()
        .map(|(id, body, ours)| (*id, (*body).to_owned(), *ours));
    let comments: Comments = Arc::new(Mutex::new(all.collect()));
    let kept = Arc::clone(&comments);
    let receiver = Receiver::new(move |got| api(got, &kept));
    (receiver, comments)
}

fn api(got: &Got, comments: &Comments) -> Answer {
    let mut comments = comments.lock().unwrap();
    let (path, query) = got.path.split_once('?').unwrap_or((&got.path, ""));
    if got.header("authorization") != format!("Bearer {TOKEN}") {
        return Answer::json("401 Unauthorized", &json!({ "message": "Bad credentials" }));
    }
    match (got.method.as_str(), path) {
        ("GET", "/repos/o/r/issues/7/comments") => {
            let page: usize = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("page="))
                .map_or(1, |n| n.parse().unwrap());
            let from = 2 * (page - 1);
            let shown: Vec<Value> = comments
                .iter()
                .skip(from)
                .take(2)
                .map(|(id, body, _)| json!({ "id": id, "body": body }))
                .collect();
            let mut headers = Vec::new();
            if comments.len() > from + 2 {
                let base = format!("http://{}{path}?per_page=100", got.header("host"));
                let link = format!(
                    "<{base}&page={}>; rel=\"next\", <{base}&page=9>; rel=\"last\"",
                    page + 1
                );
                headers.push(("Link", link));
            }
            Answer::Reply("200 OK", headers, json!(shown).to_string().into_bytes())
        }
        ("POST", "/repos/o/r/issues/7/comments") => {
            let id = 1000 + comments.len() as u64;
            comments.push((id, got.json()["body"].as_str().unwrap().to_owned(), true));
            Answer::json("201 Created", &json!({ "id": id }))
        }
        ("PATCH", path) => {
            let id: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
            let found = comments
                .iter_mut()
                .find(|(known, ..)| *known == id)
                .unwrap();
            if !found.2 {
                return Answer::json(
                    "403 Forbidden",
                    &json!({ "message": "Resource not accessible" }),
                );
            }
            found.1 = got.json()["body"].as_str().unwrap().to_owned();
            Answer::json("200 OK", &json!({ "id": id }))
        }
        _ => Answer::json("404 Not Found", &json!({ "message": "Not Found" })),
    }
}

fn sandbox() -> Sandbox {
    let sandbox = with(&[quick(0, &[("steady", 1000.0)])]);
    sandbox.write(
        "publish.toml",
        "[github]\nretry = { first-wait = \"0s\", tries = 3 }\n",
    );
    sandbox
}

fn publish(sandbox: &Sandbox, api: &str, more: &[&str]) -> Output {
    let all = [
        &[
            "publish", "github", "--repo", "o/r", "--pr", "7", "--api", api,
        ],
        more,
    ]
    .concat();
    let output = finish(command(sandbox, &all).env("GITHUB_TOKEN", TOKEN));
    assert!(
        !said(&output).contains("hunter2"),
        "the token is told: {output:?}"
    );
    output
}

#[test]
fn the_comment_is_posted_once_and_updated_ever_after() {
    let sandbox = sandbox();
    let (receiver, comments) = github(&[(1, "looks good", false)]);

    let first = publish(&sandbox, &receiver.address, &[]);
    let second = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(
        (first.code, second.code),
        (Some(0), Some(0)),
        "{first:?} {second:?}"
    );
    assert!(
        first.stderr.contains("comment posted on o/r#7"),
        "{first:?}"
    );
    assert!(
        second.stderr.contains("comment updated on o/r#7"),
        "{second:?}"
    );
    let comments = comments.lock().unwrap();
    assert_eq!(comments.len(), 2);
    assert_eq!(
        comments[1].1.lines().next(),
        Some("<!-- benchhost:quick -->")
    );
}

#[test]
fn a_comment_on_a_later_page_is_found_and_that_of_another_suite_is_left_alone() {
    let sandbox = sandbox();
    let (receiver, comments) = github(&[
        (1, "<!-- benchhost:nightly -->\nother suite", true),
        (2, "> <!-- benchhost:quick -->\nquoted", true),
        (3, "x", true),
        (4, "<!-- benchhost:quick -->\nof yesterday", true),
        (5, "y", true),
    ]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let comments = comments.lock().unwrap();
    assert_eq!(comments.len(), 5);
    assert!(!comments[3].1.contains("of yesterday"), "{comments:?}");
    assert!(comments[0].1.contains("other suite") && comments[1].1.contains("quoted"));
}

#[test]
fn what_somebody_else_wrote_with_our_marker_does_not_stand_in_the_way() {
    let sandbox = sandbox();
    let (receiver, comments) = github(&[(9, "<!-- benchhost:quick -->\nnot yours", false)]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let comments = comments.lock().unwrap();
    assert_eq!(comments.len(), 2);
    assert!(comments[0].1.contains("not yours"));
}

#[test]
fn too_many_requests_and_troubles_that_pass_are_waited_for() {
    let sandbox = sandbox();
    let wait = |status, name, value: &str| {
        Answer::Reply(status, vec![(name, value.to_owned())], Vec::new())
    };
    let receiver = Receiver::answering(&[
        wait("429 Too Many Requests", "Retry-After", "0"),
        Answer::Nothing,
        Answer::json("200 OK", &json!([])),
        wait("403 Forbidden", "Retry-After", "0"),
        Answer::status("503 Service Unavailable"),
        Answer::json("201 Created", &json!({ "id": 8 })),
    ]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let methods: Vec<String> = receiver.got().into_iter().map(|got| got.method).collect();
    assert_eq!(methods, ["GET", "GET", "GET", "POST", "POST", "POST"]);
}

#[test]
fn a_comment_whose_answer_got_lost_is_not_posted_twice() {
    let sandbox = sandbox();
    let comments: Comments = Arc::default();
    let kept = Arc::clone(&comments);
    let mut is_first = true;
    let receiver = Receiver::new(move |got| {
        let answer = api(got, &kept);
        if got.method == "POST" && std::mem::take(&mut is_first) {
            Answer::Nothing
        } else {
            answer
        }
    });

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("comment updated"), "{output:?}");
    assert_eq!(comments.lock().unwrap().len(), 1);
}

#[test]
fn an_answer_that_is_no_comment_is_no_success() {
    let sandbox = sandbox();
    let (empty, other) = (json!([]), json!({ "status": "fine" }));
    let receiver = Receiver::new(move |got| match got.method.as_str() {
        "GET" => Answer::json("200 OK", &empty),
        _ => Answer::json("200 OK", &other),
    });

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("answered 200 without the comment"),
        "{output:?}"
    );
    assert_eq!(receiver.got().len(), 2, "it is not tried again");
}

#[test]
fn an_answer_that_unpacks_to_more_than_anybody_says_is_refused() {
    let sandbox = sandbox();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..17 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    packed.write_all(b"[]").unwrap();
    let headers = vec![("Content-Encoding", "gzip".to_owned())];
    let bomb = Answer::Reply("200 OK", headers, packed.finish().unwrap());
    let receiver = Receiver::answering(&[bomb]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("the answer is too long"),
        "{output:?}"
    );
}

#[test]
fn a_refusal_is_told_with_its_reason_and_a_way_out() {
    let sandbox = sandbox();
    for (status, message, hint) in [
        (
            "401 Unauthorized",
            "Bad credentials",
            "the token is not known there",
        ),
        (
            "403 Forbidden",
            "Resource not accessible by integration",
            "pull-requests: write",
        ),
        (
            "404 Not Found",
            "Not Found",
            "is there a pull request o/r#7",
        ),
        ("422 Unprocessable Entity", "Validation Failed", "65536"),
    ] {
        let body =
            json!({ "message": message, "errors": [{ "message": format!("echo {TOKEN}") }] });
        let receiver = Receiver::answering(&[
            Answer::json("200 OK", &json!([])),
            Answer::json(status, &body),
        ]);

        let output = publish(&sandbox, &receiver.address, &[]);

        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(
            output.stderr.contains(&status[..3]) && output.stderr.contains(message),
            "{output:?}"
        );
        assert!(output.stderr.contains(hint), "{output:?}");
        assert_eq!(receiver.got().len(), 2, "a refusal is not tried again");
    }
}

#[test]
fn a_limit_that_ends_much_later_is_not_waited_for() {
    let sandbox = sandbox();
    let headers = vec![
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", "99999999999".to_owned()),
    ];
    let receiver = Receiver::answering(&[Answer::Reply("403 Forbidden", headers, Vec::new())]);

    let output = publish(&sandbox, &receiver.address, &[]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("asks to wait"), "{output:?}");
    assert_eq!(receiver.got().len(), 1);
}

#[test]
fn the_token_goes_nowhere_but_to_the_api() {
    let sandbox = sandbox();
    let thief = Receiver::content();
    let elsewhere = format!("{}/repos/o/r/issues/7/comments", thief.address);
    let redirect = Receiver::answering(&[Answer::Reply(
        "301 Moved",
        vec![("Location", elsewhere.clone())],
        Vec::new(),
    )]);
    let link = vec![("Link", format!("<{elsewhere}?page=2>; rel=\"next\""))];
    let paged = Receiver::answering(&[
        Answer::Reply("200 OK", link, b"[]".to_vec()),
        Answer::json("201 Created", &json!({ "id": 8 })),
    ]);

    let redirected = publish(&sandbox, &redirect.address, &[]);
    let turned = publish(&sandbox, &paged.address, &[]);
    let open = publish(&sandbox, "http://api.example.org", &[]);

    assert_eq!(redirected.code, Some(1), "{redirected:?}");
    assert!(
        redirected.stderr.contains("it sends on to"),
        "{redirected:?}"
    );
    assert_eq!(turned.code, Some(0), "{turned:?}");
    assert_eq!(open.code, Some(2), "{open:?}");
    assert!(open.stderr.contains("readable on its way"), "{open:?}");
    assert!(thief.got().is_empty(), "{:?}", thief.got());
}

#[test]
fn a_workflow_says_itself_where_the_comment_goes() {
    let sandbox = sandbox();
    let event = sandbox.write("event.json", r#"{"pull_request":{"number":7}}"#);
    for variable in [
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ] {
        let (receiver, comments) = github(&[]);

        let output = finish(
            command(&sandbox, &["publish", "github"])
                .env("GITHUB_TOKEN", TOKEN)
                .env("GITHUB_API_URL", &receiver.address)
                .env("GITHUB_REPOSITORY", "o/r")
                .env("GITHUB_SERVER_URL", "https://github.com")
                .env("GITHUB_RUN_ID", "4711")
                .env(variable.0, variable.1),
        );

        assert_eq!(output.code, Some(0), "{output:?}");
        let comments = comments.lock().unwrap();
        assert!(
            comments[0]
                .1
                .contains("https://github.com/o/r/actions/runs/4711"),
            "{comments:?}"
        );
    }
}

#[test]
fn what_is_not_known_is_asked_for() {
    let sandbox = sandbox();
    for (arguments, code, expected) in [
        (
            &["publish", "github", "--pr", "7"][..],
            2,
            "in which repository",
        ),
        (
            &["publish", "github", "--repo", "o/r"],
            2,
            "on which pull request",
        ),
        (
            &["publish", "github", "--repo", "../x", "--pr", "7"],
            2,
            "expected owner/name",
        ),
        (
            &["publish", "github", "--repo", "o/r", "--pr", "7"],
            1,
            "there is no token",
        ),
        (
            &[
                "publish", "github", "--repo", "o/r", "--pr", "7", "--api", "ftp://x",
            ],
            2,
            "--api: expected an address",
        ),
    ] {
        let output = super::run(&sandbox, arguments);

        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(output.stderr.contains(expected), "{output:?}");
        assert!(output.stderr.contains("hint: ") || code == 2, "{output:?}");
    }
}

#[test]
fn a_rehearsal_shows_the_comment_and_sends_nothing() {
    let sandbox = sandbox();
    let (receiver, _) = github(&[]);

    let output = publish(&sandbox, &receiver.address, &["--dry-run"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stdout.contains("o/r#7") && output.stdout.contains("<!-- benchhost:quick -->"),
        "{output:?}"
    );
    assert!(receiver.got().is_empty());
}

#[test]
fn a_suite_with_a_hostile_name_has_a_marker_like_any_other() {
    let mut run = quick(0, &[("steady", 1000.0)]);
    run.suite.as_mut().unwrap().name = format!("--> {HOSTILE}");
    let sandbox = with(&[run]);
    let (receiver, comments) = github(&[]);

    publish(&sandbox, &receiver.address, &[]);
    let output = publish(&sandbox, &receiver.address, &[]);

    assert!(output.stderr.contains("comment updated"), "{output:?}");
    let comments = comments.lock().unwrap();
    assert_eq!(comments.len(), 1);
    let marker = comments[0].1.lines().next().unwrap();
    assert_eq!(
        (
            marker.matches("<!--").count(),
            marker.matches("-->").count()
        ),
        (1, 1),
        "{marker}"
    );
}
