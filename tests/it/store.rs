//! The history while runs write it: where it is, what is in it after a crash, and what happens when it cannot be written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{
    fs,
    process::{Command, Stdio},
};

use benchhost::store::{SeriesFilter, Store, StoreError};
use benchhost_record::RunState;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Sandbox, bin, eventually, finish, plugin, processes_of, read_run};

const HISTORY: &str = ".benchhost/history.db";

fn suite(cases: u32) -> String {
    format!(
        "name = 'many'\n[defaults]\nmax-time = '2ms'\nwarm-up = 'none'\nsamples = {{ min = 2, max = 5 }}\n[plugins]\n\
         m = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\n\
         params = {{ what = 'work' }}\naxes = {{ after = {{ from = 1, to = {cases}, step = 1 }} }}\n",
        plugin("fixture-misbehave").display()
    )
}

/// A sandbox with the suite of `cases`.
fn sandbox(cases: u32) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("suite.toml", suite(cases));
    sandbox
}

const RUN: [&str; 4] = ["run", "suite.toml", "--out", "out"];

#[test]
fn the_history_is_where_it_was_said_to_be_or_nowhere() {
    let sandbox = sandbox(1);
    let history = sandbox.path().join(HISTORY);
    let runs = |name: &str| {
        Store::open_existing(&sandbox.path().join(name))
            .unwrap()
            .runs(None)
            .unwrap()
            .len()
    };

    let none = sandbox.run(&[&RUN[..], &["--no-store"]].concat());
    assert_eq!(none.code, Some(0), "{none:?}");
    assert!(
        !history.exists() && !none.stderr.contains("history"),
        "{none:?}"
    );

    let named = sandbox.run(&[&RUN[..], &["--store", "here/h.db"]].concat());
    assert_eq!((named.code, runs("here/h.db")), (Some(0), 1), "{named:?}");

    let mut command = sandbox.command(&RUN);
    let by_variable = finish(command.env("BENCHHOST_STORE", "there.db"));
    assert_eq!(
        (by_variable.code, runs("there.db")),
        (Some(0), 1),
        "{by_variable:?}"
    );
    assert!(!history.exists());

    let usual = sandbox.run(&RUN);
    assert_eq!((usual.code, runs(HISTORY)), (Some(0), 1), "{usual:?}");
    assert!(history.with_file_name(".gitignore").exists());
}

#[test]
fn a_failed_case_is_a_gap_in_its_series() {
    let sandbox = sandbox(1);
    let text = suite(1).replace("what = 'work'", "what = 'reads-a-file', file = 'data'");
    sandbox.write("suite.toml", text);
    let data = sandbox.write("data", "there");
    let good = sandbox.run(&RUN);
    fs::remove_file(data).unwrap();

    let bad = sandbox.run(&RUN);

    assert_eq!(
        (good.code, bad.code),
        (Some(0), Some(1)),
        "{good:?} {bad:?}"
    );
    let store = Store::open_existing(&sandbox.path().join(HISTORY)).unwrap();
    let failed: u64 = store.runs(None).unwrap().iter().map(|run| run.failed).sum();
    assert_eq!(failed, 1);
    let all = store.series(&SeriesFilter::default()).unwrap();
    assert!(all.len() > 3, "{all:?}");
    for series in all {
        let points = store.points(series.id, None).unwrap();
        let gaps = points.iter().filter(|point| point.value.is_nan()).count();
        assert_eq!((points.len(), gaps), (2, 1), "{series:?}");
    }
}

#[test]
fn what_is_finished_is_in_the_history_whenever_the_run_is_killed() {
    for cases in [1, 4, 9, 15] {
        let sandbox = sandbox(60);
        let mut child = sandbox
            .command(&RUN)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let result = sandbox.path().join("out/run.json");
        eventually("cases in run.json", || {
            (result.exists() && read_run(&result).cases.len() >= cases).then_some(())
        });

        kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        eventually("no process of the run is left", || {
            processes_of(sandbox.path()).is_empty().then_some(())
        });

        let store = Store::open_existing(&sandbox.path().join(HISTORY)).unwrap();
        assert!(store.integrity().unwrap().is_ok());
        let (said, stored) = (read_run(&result), store.run("last").unwrap());
        assert_eq!(
            (stored.id.as_str(), stored.state),
            (said.id.as_str(), RunState::Running)
        );
        for case in &said.cases {
            assert!(
                stored.cases.contains(case),
                "{} was reported and is not stored",
                case.case.id
            );
        }
    }
}

#[test]
fn a_history_that_cannot_be_opened_costs_the_exit_code_and_nothing_else() {
    let sandbox = sandbox(2);
    sandbox.write("file", "no folder");
    sandbox.write(
        "noise.db",
        "noise, noise and nothing but noise, but enough of it to be read as a header of a file",
    );
    fs::create_dir(sandbox.path().join("folder.db")).unwrap();

    for (store, sentence) in [
        ("file/history.db", "cannot make the folder `file`"),
        (
            "noise.db",
            "the history `noise.db` is damaged: file is not a database",
        ),
        ("folder.db", "cannot open the history `folder.db`"),
    ] {
        let output = sandbox.run(&[&RUN[..], &["--store", store]].concat());

        assert_eq!(output.code, Some(1), "{output:?}");
        let warnings = output.stderr.matches("warning: ").count();
        assert_eq!(warnings, 1, "{output:?}");
        assert_eq!(
            output.stderr.matches(sentence).count(),
            2,
            "{sentence}: {output:?}"
        );
        assert!(
            output.stderr.contains(" hint: ") && !output.stderr.contains("panicked"),
            "{output:?}"
        );
        let run = read_run(&sandbox.path().join("out/run.json"));
        assert_eq!((run.state, run.cases.len()), (RunState::Finished, 2));
    }
}

#[test]
fn a_full_disk_loses_neither_the_run_nor_the_history() {
    let sandbox = sandbox(2);
    sandbox.run(&RUN);
    let before = Store::open_existing(&sandbox.path().join(HISTORY))
        .unwrap()
        .run("last")
        .unwrap();

    // Files may not grow beyond 28 KiB: enough for run.json, not for the log of the history.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -f 56; exec \"$0\" \"$@\""])
        .arg(bin())
        .args(RUN);
    command
        .current_dir(sandbox.path())
        .env("TMPDIR", sandbox.path())
        .env_remove("BENCHHOST_STORE");
    let output = finish(&mut command);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output
            .stderr
            .contains("cannot write the history `.benchhost/history.db`"),
        "{output:?}"
    );
    assert!(output.stderr.contains("history compact"), "{output:?}");
    let run = read_run(&sandbox.path().join("out/run.json"));
    assert_eq!((run.state, run.cases.len()), (RunState::Finished, 2));
    let store = Store::open_existing(&sandbox.path().join(HISTORY)).unwrap();
    assert!(store.integrity().unwrap().is_ok());
    assert_eq!(store.run(&before.id).unwrap(), before);
}

#[test]
fn a_damaged_or_newer_history_is_refused_with_the_way_out_and_left_alone() {
    let sandbox = sandbox(1);
    sandbox.run(&RUN);
    let history = sandbox.path().join(HISTORY);
    let whole = fs::read(&history).unwrap();
    // The format's number lies at byte 60 of the header, the lowest byte last.
    let mut newer = whole.clone();
    newer[63] = 99;

    for (bytes, code, sentence, way_out) in [
        (
            whole[..whole.len() / 2].to_vec(),
            1,
            "is damaged: ",
            "history restore BACKUP",
        ),
        (
            whole.iter().map(|byte| byte ^ 0x5a).collect(),
            1,
            "is damaged: ",
            "history restore BACKUP",
        ),
        (
            newer,
            2,
            "written by a newer benchhost: its format is 99",
            "use that version",
        ),
    ] {
        fs::write(&history, &bytes).unwrap();

        let output = sandbox.run(&["history", "list"]);

        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(
            output.stderr.contains(sentence) && output.stderr.contains(way_out),
            "{output:?}"
        );
        assert!(fs::read(&history).unwrap() == bytes, "the file was touched");
    }
    let missing = sandbox.run(&["history", "list", "--store", "none.db"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("there is no history at `none.db`"),
        "{missing:?}"
    );
    assert!(!sandbox.path().join("none.db").exists());
}

#[test]
fn runs_that_write_one_history_at_once_are_all_in_it() {
    let sandbox = sandbox(3);

    let children: Vec<_> = (0..6)
        .map(|i| {
            let mut command =
                sandbox.command(&["run", "suite.toml", "--quiet", "--out", &format!("out-{i}")]);
            command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    let store = Store::open_existing(&sandbox.path().join(HISTORY)).unwrap();
    let runs = store.runs(None).unwrap();
    assert_eq!(runs.len(), 6);
    assert!(
        runs.iter()
            .all(|run| run.cases == 3 && run.state == RunState::Finished),
        "{runs:?}"
    );
    let unknown = store.run("2").unwrap_err();
    assert!(
        matches!(unknown, StoreError::Ambiguous { count: 6, .. }),
        "{unknown}"
    );
}
