//! Workers are told where data lies, and where it lies is no part of what is measured.

use std::{collections::BTreeSet, fs, process::Stdio};

use crate::support::{Sandbox, eventually, plugin, processes_of, read_run};

fn suite(sandbox: &Sandbox, max_time: &str) {
    sandbox.write(
        "suites/s.toml",
        format!(
            "name = 's'\n[plugins]\nm = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\n\
             params = {{ what = 'work' }}\nmax-time = '{max_time}'\nprecision = '0.0001%'\nsamples = {{ min = 5, max = 100000 }}\n\
             warm-up = 'none'\n",
            plugin("fixture-misbehave").display()
        ),
    );
}

/// `BENCHHOST_DATA` of the first worker that is seen.
fn seen_by_worker(sandbox: &Sandbox) -> String {
    eventually("a worker", || {
        processes_of(sandbox.path()).into_iter().find_map(|pid| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
            let environment = fs::read_to_string(format!("/proc/{pid}/environ")).ok()?;
            let value = environment
                .split('\0')
                .find_map(|entry| entry.strip_prefix("BENCHHOST_DATA="));
            line.contains("__worker")
                .then(|| value.unwrap_or("none").to_owned())
        })
    })
}

#[test]
fn workers_get_the_users_folders_and_the_cache() {
    let sandbox = Sandbox::new();
    suite(&sandbox, "60s");
    let mut child = sandbox
        .command(&["run", "suites/s.toml", "--no-store"])
        .env("BENCHHOST_DATA", "mine:/theirs")
        .env("BENCHHOST_CACHE", "cache")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    let seen = seen_by_worker(&sandbox);

    rustix::process::kill_process(
        rustix::process::Pid::from_child(&child),
        rustix::process::Signal::TERM,
    )
    .unwrap();
    child.wait().unwrap();
    let here = sandbox.path().canonicalize().unwrap();
    let here = here.display();
    assert_eq!(seen, format!("{here}/mine:/theirs:{here}/cache"));
}

#[test]
fn the_folders_are_no_part_of_a_case() {
    let ids: BTreeSet<String> = ["one", "two"]
        .iter()
        .map(|cache| {
            let sandbox = Sandbox::new();
            suite(&sandbox, "10ms");
            let mut command =
                sandbox.command(&["run", "suites/s.toml", "--no-store", "--out", "out"]);
            command
                .env("BENCHHOST_CACHE", cache)
                .env("BENCHHOST_DATA", format!("/{cache}"));
            crate::support::finish(&mut command);
            let run = read_run(&sandbox.path().join("out/run.json"));
            run.cases[0].case.id.to_string()
        })
        .collect();

    assert_eq!(ids.len(), 1, "{ids:?}");
}
