//! Runs that end early: Ctrl-C, SIGTERM, kill -9, a plugin that is replaced. What was finished is kept.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{
    collections::BTreeSet,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::PathBuf,
    process::{Child, Stdio},
};

use benchhost_record::{Flag, FlagKind, Run, RunState};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Elf, Sandbox, eventually, plugin, processes_of, read_run};

/// A run of `cases` cases of `max-time` each, in the background.
struct Background {
    sandbox: Sandbox,
    child: Child,
}

impl Background {
    fn start(plugin: &std::path::Path, cases: u32, max_time: &str) -> Self {
        let keys = format!("axes = {{ after = {{ from = 1, to = {cases}, step = 1 }} }}");
        Self::with(plugin, &keys, max_time)
    }

    /// A run of one benchmark with `keys`.
    fn with(plugin: &std::path::Path, keys: &str, max_time: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write(
            "suite.toml",
            format!(
                "name = 'long'\n[plugins]\nm = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'm'\n\
                 workload = 'trouble'\nparams = {{ what = 'work' }}\n{keys}\n\
                 max-time = '{max_time}'\nprecision = '0.0001%'\nsamples = {{ min = 5, max = 100000 }}\n\
                 warm-up = 'none'\n",
                plugin.display()
            ),
        );
        let child = sandbox
            .command(&["run", "suite.toml", "--out", "out"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { sandbox, child }
    }

    fn result(&self) -> PathBuf {
        self.sandbox.path().join("out/run.json")
    }

    /// Waits until `count` cases are in the result, and the next worker is running.
    fn wait_for_cases(&self, count: usize) {
        eventually("cases in run.json and a worker", || {
            let finished = self.result().exists() && read_run(&self.result()).cases.len() >= count;
            let working = processes_of(self.sandbox.path()).len() > 1;
            (finished && working).then_some(())
        });
    }

    /// Waits until `count` processes have been started, one after the other or at once, besides the program itself.
    fn wait_for_processes(&self, count: usize) {
        let mut seen = BTreeSet::new();
        eventually("processes of the run", || {
            seen.extend(processes_of(self.sandbox.path()));
            (seen.len() > count).then_some(())
        });
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Exit code (or minus the signal), standard output, and the result.
    fn end(self) -> (i32, String, Run) {
        let Self { sandbox, child } = self;
        let output = child.wait_with_output().unwrap();
        let code = output
            .status
            .code()
            .or(output.status.signal().map(|s| -s))
            .unwrap();
        eventually("no process of the run is left", || {
            processes_of(sandbox.path()).is_empty().then_some(())
        });
        let run = read_run(&sandbox.path().join("out/run.json"));
        (
            code,
            String::from_utf8_lossy(&output.stdout).into_owned(),
            run,
        )
    }
}

#[test]
fn ctrl_c_and_sigterm_keep_the_finished_cases_and_show_the_table() {
    for signal in [Signal::INT, Signal::TERM] {
        let background = Background::start(&plugin("fixture-misbehave"), 50, "300ms");
        background.wait_for_cases(2);

        background.signal(signal);

        let (code, table, run) = background.end();
        assert_eq!(code, 130);
        assert_eq!(run.state, RunState::Interrupted);
        assert!((2..50).contains(&run.cases.len()) && run.planned_cases == 50);
        assert!(
            run.cases.iter().all(|case| case.outcome.is_ok()),
            "{:?}",
            run.cases
        );
        assert!(table.contains("interrupted"), "{table}");
    }
}

#[test]
fn repetitions_that_are_not_in_are_told_of_each_case() {
    let keys = "axes = { after = [1, 2] }\nrepetitions = 9";
    let background = Background::with(&plugin("fixture-misbehave"), keys, "300ms");
    background.wait_for_cases(2);

    background.signal(Signal::INT);

    let (code, table, run) = background.end();
    assert_eq!((code, run.state), (130, RunState::Interrupted));
    for case in &run.cases {
        let taken = case.repetitions.len();
        let sentence = format!("{taken} of 9 repetitions are in");
        let partial = |flag: &Flag| flag.kind == FlagKind::Partial && flag.message == sentence;
        assert!(case.flags.iter().any(partial), "{:?}", case.flags);
    }
    let told = "interrupted: 2 cases with fewer repetitions than planned";
    assert!(table.contains(told), "{table}");
}

#[test]
fn ctrl_c_in_a_search_keeps_what_was_tried() {
    let keys = "search = { after = { from = 1, to = 1048576 } }";
    let background = Background::with(&plugin("fixture-misbehave"), keys, "300ms");
    // One opens the plugin to see what is in it; each of the others tries a value.
    background.wait_for_processes(7);

    background.signal(Signal::INT);

    let (code, table, run) = background.end();
    assert_eq!((code, run.state), (130, RunState::Interrupted));
    let case = &run.cases[0];
    let search = case.search.as_ref().unwrap();
    assert!((2..21).contains(&search.tried.len()), "{search:?}");
    assert!(search.tried.iter().all(|one| one.works()), "{search:?}");
    for (doublings, one) in search.tried.iter().enumerate() {
        assert_eq!(one.value, f64::from(1 << doublings));
    }
    let last = search.tried.last().unwrap().value;
    assert_eq!(
        (search.largest, search.smallest_failing),
        (Some(last), None)
    );
    let sentence = format!(
        "skipped: stopped after {} values: after={last} works, larger ones may",
        search.tried.len()
    );
    assert_eq!(case.outcome.sentence(), sentence);
    assert!(
        case.measurements.is_empty(),
        "no answer, so no metric of it"
    );
    assert!(table.contains("larger ones may"), "{table}");
}

#[test]
fn killing_the_host_takes_its_workers_along_and_leaves_the_finished_cases() {
    let background = Background::start(&plugin("fixture-misbehave"), 50, "300ms");
    background.wait_for_cases(2);

    background.signal(Signal::KILL);

    let (code, _, run) = background.end();
    assert_eq!(code, -9);
    assert_eq!(run.state, RunState::Running);
    assert!(run.cases.len() >= 2 && run.cases.iter().all(|case| case.outcome.is_ok()));
}

#[test]
fn a_plugin_replaced_in_mid_run_voids_the_cases_after_it() {
    let folder = Sandbox::new();
    let library = folder.write("libm.so", Elf::read(&plugin("fixture-misbehave")).bytes);
    let other = folder.write("libother.so", Elf::read(&plugin("noop")).bytes);
    let background = Background::start(&library, 12, "150ms");
    background.wait_for_cases(2);

    std::fs::rename(other, library).unwrap();

    let (code, _, run) = background.end();
    assert_eq!(code, 1);
    let fine = run.cases.iter().filter(|case| case.outcome.is_ok()).count();
    assert!((2..12).contains(&fine), "{fine}");
    assert_eq!(run.cases.len(), 12);
    for case in run.cases.iter().filter(|case| !case.outcome.is_ok()) {
        let sentence = case.outcome.sentence();
        assert!(
            sentence.contains("plugin-unchanged") && sentence.contains("sha256"),
            "{sentence}"
        );
        assert!(case.measurements.iter().all(|m| m.summary.is_none()));
    }
}

#[test]
fn an_interrupted_comparison_tells_what_it_has_seen() {
    let (sandbox, trouble) = (Sandbox::new(), plugin("fixture-misbehave"));
    let path = trouble.to_str().unwrap();
    let arguments = [
        "compare",
        path,
        path,
        "--param",
        "what=work",
        "--max-time",
        "600s",
        "--margin",
        "0.0001%",
        "--format",
        "json",
    ];
    let child = sandbox
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let id = child.id();
    // The program and two workers are a round; a margin that small is never reached.
    let folder = sandbox.path();
    eventually("a round", || {
        (processes_of(folder).len() >= 3).then_some(())
    });

    kill_process(Pid::from_raw(id as i32).unwrap(), Signal::INT).unwrap();

    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["interrupted"], true);
    assert_eq!(json["comparisons"][0]["verdict"], "inconclusive");
    let reason = json["comparisons"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("interrupted after "), "{reason}");
    assert!(processes_of(folder).is_empty());
}
