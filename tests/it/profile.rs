//! `benchhost run --profile`: a flame graph beside the results, and the results as they would be without it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use benchhost_record::{Run, RunState};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Output, Sandbox, eventually, finish, plugin, processes_of, read_run};

/// Two healthy cases and one that fails.
fn suite() -> String {
    format!(
        "name = 'profiled'\n[defaults]\nmax-time = '20ms'\nwarm-up = 'none'\nrepetitions = 1\n[plugins]\nm = '{}'\n\
         [[benchmark]]\nname = 'fine'\nplugin = 'm'\nworkload = 'trouble'\nparams = {{ what = 'work' }}\n\
         axes = {{ after = [1, 2] }}\n[[benchmark]]\nname = 'bad'\nplugin = 'm'\nworkload = 'trouble'\n\
         params = {{ what = 'wrong', phase = 'verify' }}\n",
        plugin("fixture-misbehave").display()
    )
}

/// A `perf` that writes down what it is asked, and has seen two stacks.
const FAKE: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
if [ "$1" = script ]; then
    printf 'exe 42 1.0: 1003009 cpu-clock: \n\t5581 spin<T>+0x10 (/x/libm.so)\n\t5592 main+0x8 (/x/benchhost)\n\n'
    exit 0
fi
while [ "$1" != -o ]; do shift; done
echo head > "$2"
trap 'exit 0' INT
while :; do sleep 0.02; done
"#;

const REFUSED: &str = "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/calls\"\n\
                       echo 'Error:' >&2\necho 'Access to performance monitoring is limited.' >&2\nexit 255\n";

struct Profiled {
    sandbox: Sandbox,
}

impl Profiled {
    /// With `perf` as the one program `perf` that is found first; none at all without a text.
    fn new(perf: Option<&str>) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("suite.toml", suite());
        sandbox.write("bin/calls", "");
        if let Some(script) = perf {
            let path = sandbox.write("bin/perf", script);
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { sandbox }
    }

    fn command(&self, glob: &str) -> Command {
        let mut command = self.sandbox.command(&[
            "run",
            "suite.toml",
            "--out",
            "out",
            "--no-store",
            "--profile",
            glob,
        ]);
        let bin = self.sandbox.path().join("bin");
        let path = match bin.join("perf").exists() {
            true => format!("{}:/usr/bin:/bin", bin.display()),
            false => bin.display().to_string(),
        };
        command.env("PATH", path);
        command
    }

    fn run(&self, glob: &str) -> (Output, Run) {
        let output = finish(&mut self.command(glob));
        (output, read_run(&self.sandbox.path().join("out/run.json")))
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.sandbox.path().join("bin/calls")).unwrap();
        calls.lines().map(str::to_owned).collect()
    }

    /// What is in the folder of flame graphs.
    fn files(&self) -> Vec<PathBuf> {
        let folder = fs::read_dir(self.sandbox.path().join("out/profile"));
        let mut files: Vec<PathBuf> = folder
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    }
}

#[test]
fn matching_cases_have_a_flame_graph_and_the_results_know_nothing_of_it() {
    let profiled = Profiled::new(Some(FAKE));

    let (output, run) = profiled.run("*after=1*");

    assert_eq!(
        output.code,
        Some(1),
        "of the case that is wrong: {output:?}"
    );
    let files = profiled.files();
    assert_eq!(files.len(), 2, "{files:?}");
    let folded = fs::read_to_string(&files[0]).unwrap();
    assert!(
        folded.starts_with("exe;main;spin")
            && folded.ends_with(
                " 1003009
"
            ),
        "{folded}"
    );
    let svg = fs::read_to_string(&files[1]).unwrap();
    let document = roxmltree::Document::parse_with_options(
        &svg,
        roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        },
    );
    assert!(document.is_ok() && svg.contains("spin"), "{document:?}");
    let name = files[1].file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("m_trouble_after=1_"), "{name}");
    assert!(
        output
            .stderr
            .contains(&format!("profile: out/profile/{name}")),
        "{}",
        output.stderr
    );
    let calls = profiled.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    for part in [
        "record -F 997 -e cpu-clock --call-graph dwarf",
        " -p ",
        " -o ",
    ] {
        assert!(calls[0].contains(part), "{calls:?}");
    }
    assert!(calls[1].starts_with("script --no-inline"), "{calls:?}");
    assert_eq!(run.state, RunState::Finished);
    assert!(run.cases.iter().all(|case| case.repetitions.len() == 1));
    assert!(processes_of(profiled.sandbox.path()).is_empty());
}

#[test]
fn what_failed_is_not_profiled_and_says_why() {
    let profiled = Profiled::new(Some(FAKE));

    let (output, _) = profiled.run("bad");

    assert!(profiled.calls().is_empty() && profiled.files().is_empty());
    assert!(
        output.stderr.contains("profile: none of m/trouble?"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("got 41, expected 42"),
        "{}",
        output.stderr
    );
}

#[test]
fn without_perf_or_leave_to_use_it_there_is_a_sentence_once_and_the_exit_code_stays() {
    for (perf, words, calls) in [
        (None, "there is no `perf` in PATH: install it", 0),
        (
            Some(REFUSED),
            "Access to performance monitoring is limited",
            1,
        ),
    ] {
        let profiled = Profiled::new(perf);

        let (output, run) = profiled.run("fine");

        assert_eq!(output.code, Some(1), "as without it: {output:?}");
        assert_eq!(
            output.stderr.matches("profile: ").count(),
            1,
            "{}",
            output.stderr
        );
        assert!(output.stderr.contains(words), "{}", output.stderr);
        assert_eq!((profiled.calls().len(), profiled.files().len()), (calls, 0));
        assert_eq!((run.state, run.cases.len()), (RunState::Finished, 3));
        assert!(processes_of(profiled.sandbox.path()).is_empty());
    }
}

#[test]
fn a_glob_that_matches_nothing_is_known_before_anything_is_measured() {
    let profiled = Profiled::new(Some(FAKE));

    for glob in ["nonsense", "[a"] {
        let output = finish(&mut profiled.command(glob));

        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(
            output.stderr.contains("--profile") && output.stderr.contains(glob),
            "{output:?}"
        );
    }
    assert!(!profiled.sandbox.path().join("out").exists());
}

#[test]
fn ctrl_c_while_profiling_keeps_the_results_and_leaves_nobody_behind() {
    let profiled = Profiled::new(Some(FAKE));
    let mut command = profiled.command("fine");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    eventually("perf looks", || {
        (!profiled.calls().is_empty()).then_some(())
    });

    kill_process(Pid::from_child(&child), Signal::INT).unwrap();

    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(
        stderr.contains("profile: stopped; the results are complete"),
        "{stderr}"
    );
    let run = read_run(&profiled.sandbox.path().join("out/run.json"));
    assert_eq!((run.state, run.cases.len()), (RunState::Finished, 3));
    assert!(profiled.files().is_empty());
    eventually("nobody is left", || {
        processes_of(profiled.sandbox.path())
            .is_empty()
            .then_some(())
    });
}

#[test]
fn the_real_perf_sees_the_workload_where_it_may() {
    let sandbox = Sandbox::new();
    sandbox.write("suite.toml", suite());
    let arguments = [
        "run",
        "suite.toml",
        "--out",
        "out",
        "--no-store",
        "--profile",
        "*after=2*",
    ];

    let output = sandbox.run(&arguments);

    let told = output
        .stderr
        .lines()
        .find(|line| line.starts_with("profile: "))
        .unwrap();
    if told.starts_with("profile: none") {
        eprintln!("skipped: {told}");
        return;
    }
    let path = sandbox.path().join(told.trim_start_matches("profile: "));
    let folded = fs::read_to_string(path.with_extension("folded")).unwrap();
    assert!(folded.contains("spin"), "the work of the plugin: {folded}");
    let times = folded.lines().map(|line| line.rsplit(' ').next().unwrap());
    let seen_ns: u64 = times.map(|ns| ns.parse::<u64>().unwrap()).sum();
    assert!(seen_ns > 50_000_000, "{seen_ns} ns of CPU time");
}
