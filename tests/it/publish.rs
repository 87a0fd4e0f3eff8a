//! `benchhost publish` and `--publish`: what receivers get, and what happens when they do not answer.
//!
//! Every receiver is a stand-in on the loopback device. Waits between tries are set to nothing, so nobody sleeps.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod alerts;
mod docs;
mod github;
mod mail;
mod mailbox;
mod otlp;
mod prometheus;
mod receiver;
mod slack;
mod soft;
mod tls;
mod traces;
mod trust;

use std::process::Command;

use benchhost_record::{Outcome, Phase, Run, SuiteSource};

use crate::support::{Output, Sandbox, finish, made_run, store};

/// Where the history of a sandbox is.
const HISTORY: &str = ".benchhost/history.db";

/// Names that a careless receiver would obey.
const HOSTILE: &str =
    "<!channel> <script>alert(1)</script> \"q\" & =cmd() \u{202e}gnp \r\nBcc: evil@example.org";

/// The program in `sandbox` without what the environment of the tests may say about receivers.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    let said = std::env::vars_os().map(|(name, _)| name);
    for name in said.filter(|name| {
        let name = name.to_string_lossy().to_uppercase();
        ["GITHUB_", "OTEL_", "SSL_"]
            .iter()
            .any(|start| name.starts_with(start))
            || name.ends_with("_PROXY")
    }) {
        command.env_remove(name);
    }
    command
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    finish(&mut command(sandbox, arguments))
}

/// A sandbox whose history holds `runs`.
fn with(runs: &[Run]) -> Sandbox {
    let sandbox = Sandbox::new();
    add(&sandbox, runs);
    sandbox
}

/// Puts more runs into the history.
fn add(sandbox: &Sandbox, runs: &[Run]) {
    store(&sandbox.path().join(HISTORY), runs);
}

/// A run of the suite `quick` with a case of each of these times in ns.
fn quick(index: u64, times: &[(&str, f64)]) -> Run {
    let mut run = made_run(index, times);
    run.suite = Some(SuiteSource {
        name: "quick".to_owned(),
        path: "quick.toml".to_owned(),
        sha256: String::new(),
    });
    run.environment.host_name = Some("ci-1".to_owned());
    run
}

/// Twelve quiet runs of `steady` and `other`.
fn quiet() -> Vec<Run> {
    (0..12)
        .map(|i| {
            let wobble = 1.0 + 0.005 * (((i * 7) % 5) as f64 - 2.0) / 2.0;
            quick(
                i,
                &[("steady", 1000.0 * wobble), ("other", 5000.0 / wobble)],
            )
        })
        .collect()
}

/// Quiet runs, then one in which `steady` is slower.
fn slower() -> Sandbox {
    let mut runs = quiet();
    runs.push(quick(12, &[("steady", 1300.0), ("other", 5000.0)]));
    with(&runs)
}

/// How a case ends that panicked.
fn boom() -> Outcome {
    Outcome::Panic {
        phase: Phase::Measure,
        message: "boom".to_owned(),
        detail: "src/lib.rs:7".to_owned(),
    }
}

/// `run` in which the case number `index` panicked.
fn broken(mut run: Run, index: usize) -> Run {
    let case = &mut run.cases[index];
    case.outcome = boom();
    case.measurements.clear();
    run
}

/// All that the program said.
fn said(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}
