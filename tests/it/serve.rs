//! `benchhost serve`: asked as a browser, a script and Prometheus ask it, while others write the history.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod damage;
mod lists;
mod live;
mod metrics;
mod stop;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Stdio},
};

use benchhost::store::{ImportPoint, Store};
use benchhost_record::{Direction, Metric, MetricKind, Run};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use ureq::http::{Response, StatusCode};

use crate::support::{Sandbox, made_run, store};

const HISTORY: &str = ".benchhost/history.db";

/// Names that nobody would choose in good faith.
const HOSTILE: &str = "<script>alert(1)</script>\"=cmd()'\\\n\u{202e}\u{7}é";

/// A server on a free port, ended with the test.
struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    url: String,
}

/// What a server answered.
struct Answer {
    status: StatusCode,
    response: Response<()>,
    text: String,
}

impl Server {
    fn start(sandbox: &Sandbox) -> Self {
        Self::with(sandbox, &[], None)
    }

    /// With more arguments, and a token in the environment.
    fn with(sandbox: &Sandbox, arguments: &[&str], token: Option<&str>) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = sandbox.command(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(token) = token {
            command.env("BENCHHOST_TOKEN", token);
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening at ")
            .map(|url| url.trim_end_matches('/').to_owned());
        let Some(url) = url else {
            let mut errors = String::new();
            let stderr = child.stderr.as_mut().unwrap();
            stderr.read_to_string(&mut errors).unwrap();
            panic!("no server: {line:?} {errors}");
        };
        Self { child, url }
    }

    /// `IP:PORT`.
    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    /// What a script gets, which must be JSON.
    fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/json");
        serde_json::from_str(&answer.text).unwrap()
    }

    /// Every row of a list, page by page, and how many pages there were.
    fn walk(&self, path: &str, key: &str, mut between: impl FnMut()) -> (Vec<Value>, usize) {
        let (mut rows, mut pages) = (Vec::new(), 0);
        let mut cursor = String::new();
        loop {
            let page = self.json(&format!("{path}{cursor}"));
            rows.extend(page[key].as_array().unwrap().iter().cloned());
            pages += 1;
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return (rows, pages),
            }
            between();
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    fn of(response: Response<ureq::Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        Self {
            status: parts.status,
            text: body.read_to_string().unwrap(),
            response: Response::from_parts(parts, ()),
        }
    }

    /// Empty when it is not there.
    fn header(&self, name: &str) -> &str {
        let value = self.response.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn error(&self) -> String {
        let value: Value = serde_json::from_str(&self.text).unwrap();
        value["error"].as_str().unwrap().to_owned()
    }
}

/// Takes every status and every redirection as an answer.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None);
    config.build().into()
}

/// A sandbox whose history holds `runs`.
fn with(runs: &[Run]) -> Sandbox {
    let sandbox = Sandbox::new();
    store(&sandbox.path().join(HISTORY), runs);
    sandbox
}

/// A sandbox with some quiet runs.
fn quiet() -> Sandbox {
    let runs: Vec<Run> = (0..4)
        .map(|i| made_run(i, &[("steady", 1000.0), ("other", 5000.0)]))
        .collect();
    with(&runs)
}

/// A point of the series `case`.
fn point(case: &str, minute: i64, value: f64) -> ImportPoint {
    ImportPoint {
        case: case.to_owned(),
        metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
        machine: "m".to_owned(),
        time_ms: 1_780_000_000_000 + minute * 60_000,
        revision: None,
        value,
        low: None,
        high: None,
        n: 1,
        samples: Vec::new(),
    }
}

fn import(sandbox: &Sandbox, points: Vec<ImportPoint>) {
    let mut store = Store::open(&sandbox.path().join(HISTORY)).unwrap();
    store.import(points).unwrap();
}

#[test]
fn a_healthy_server_says_so_and_how_old_the_last_run_is() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);

    let found = server.json("/health");

    assert_eq!(
        (&found["status"], &found["format"]),
        (&"ok".into(), &1.into())
    );
    assert!(found["last_run_age_s"].is_f64(), "{found}");
}

#[test]
fn every_answer_tells_the_browser_to_keep_to_itself() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);

    for path in [
        "/",
        "/health",
        "/metrics",
        "/api/v1/runs",
        "/nowhere",
        "/?x=1",
    ] {
        let answer = server.get(path);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_a_sentence() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);

    for (path, status, part) in [
        ("/nowhere", 404, "there is nothing at \"/nowhere\""),
        ("/api/v1/series/999", 404, "has no series \"999\""),
        ("/api/v1/series/x/points", 404, "has no series \"x\""),
        ("/api/v1/runs/nosuch", 404, "has no run `nosuch`"),
        ("/api/v1/runs/2026", 400, "is the beginning of 4 runs"),
        ("/api/v1/runs?suite=x", 400, "unknown parameter \"suite\""),
        ("/api/v1/series?limit=0", 400, "from 1 to 1000"),
        ("/api/v1/series?limit=1&limit=2", 400, "is there 2 times"),
        ("/api/v1/series?cursor=7", 400, "is none of this list"),
        ("/api/v1/series?case=%5B", 400, "is no pattern"),
        ("/api/v1/alerts?state=dead", 400, "expected alive or all"),
        ("/api/v1/verdicts?run=nosuch", 404, "has no run `nosuch`"),
        ("/?run=nosuch", 404, "has no run `nosuch`"),
        ("/metrics?x=1", 400, "unknown parameter \"x\""),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.error().contains(part), "{path}: {}", answer.text);
    }
    let page = server.get_with("/?run=%3Cb%3E", &[("accept", "text/html")]);
    assert_eq!(page.status, 404);
    assert!(
        page.text.contains("&lt;b&gt;") && !page.text.contains("<b>"),
        "{}",
        page.text
    );
    let posted = agent().post(format!("{}/api/v1/runs", server.url));
    let posted = Answer::of(posted.send_empty().unwrap());
    assert_eq!(posted.status, 405, "{}", posted.text);
    assert!(posted.error().contains("expected GET"));
}
