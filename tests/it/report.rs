//! `benchhost report`: the files of the text forms, what can be printed, and what cannot be reported.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod chosen;
mod hostile;
mod schema;

use std::path::Path;

use benchhost_record::{CaseResult, Outcome, Phase, Run, RunState, WrittenGate};

use crate::support::{Output, Sandbox, finish, made_run, store};

const HISTORY: &str = ".benchhost/history.db";

/// The text forms and their files.
const FORMS: [(&str, &str); 5] = [
    ("md", "report.md"),
    ("json", "report.json"),
    ("csv", "report.csv"),
    ("junit", "junit.xml"),
    ("github", "summary.md"),
];

/// A sandbox whose history holds `runs`.
fn with(runs: &[Run]) -> Sandbox {
    let sandbox = Sandbox::new();
    store(&sandbox.path().join(HISTORY), runs);
    sandbox
}

/// A case that ended like this.
fn ended(mut result: CaseResult, outcome: Outcome) -> CaseResult {
    result.outcome = outcome;
    result.measurements.clear();
    result
}

/// A quiet past, and then a run with everything that can go wrong, cut short.
fn sick(message: &str) -> Vec<Run> {
    let names = ["steady", "worse", "odd", "crashed", "absent"];
    let times = |worse: f64| names.map(|name| (name, if name == "worse" { worse } else { 1000.0 }));
    let mut runs: Vec<Run> = (0..12)
        .map(|i| made_run(i, &times(1000.0 + (i % 3) as f64)))
        .collect();
    let mut last = made_run(20, &times(2000.0));
    last.state = RunState::Interrupted;
    last.planned_cases = 9;
    let bad = [
        Outcome::Wrong {
            rule: "verify".to_owned(),
            message: message.to_owned(),
        },
        Outcome::Panic {
            phase: Phase::Measure,
            message: message.to_owned(),
            detail: String::new(),
        },
        Outcome::Skipped {
            reason: message.to_owned(),
        },
    ];
    for (result, outcome) in last.cases.iter_mut().skip(2).zip(bad) {
        *result = ended(result.clone(), outcome);
    }
    runs.push(last);
    runs
}

fn read(sandbox: &Sandbox, name: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(name)).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn assert_usage(output: &Output, sentence: &str) {
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains(sentence), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn each_form_is_a_file_in_the_folder_and_nothing_else_is_left() {
    let sandbox = with(&sick("boom"));

    let output = sandbox.run(&[
        "report",
        "--format",
        "md,json,csv,junit,github",
        "--out",
        "a/b",
    ]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let mut expected: Vec<&str> = FORMS.iter().map(|(_, file)| *file).collect();
    expected.sort_unstable();
    assert_eq!(files(&sandbox.path().join("a/b")), expected);
    for (_, file) in FORMS {
        assert!(
            output.stderr.contains(&format!("written: a/b/{file}")),
            "{output:?}"
        );
    }
}

#[test]
fn every_form_tells_what_failed_was_wrong_was_skipped_and_is_missing() {
    let sandbox = with(&sick("boom"));
    for (form, file) in FORMS {
        let output = sandbox.run(&["report", "--format", form]);
        assert_eq!(output.code, Some(0), "{output:?}");
        let text = read(&sandbox, &format!("reports/{file}"));

        for name in ["odd", "crashed", "absent", "worse", "boom"] {
            assert!(
                text.contains(name),
                "{form} is silent about {name}:\n{text}"
            );
        }
        let text = text.to_lowercase();
        for word in ["wrong", "panic", "skipped", "regressed", "interrupted"] {
            assert!(text.contains(word), "{form} never says {word}:\n{text}");
        }
    }
    assert!(
        read(&sandbox, "reports/report.md")
            .contains("INTERRUPTED: ended early by the user, 5 of 9 cases are in")
    );
}

#[test]
fn one_form_can_be_printed_and_is_what_the_file_holds() {
    let sandbox = with(&sick("boom"));

    for (form, file) in FORMS {
        let printed = sandbox.run(&["report", "--format", form, "--out", "-"]);
        sandbox.run(&["report", "--format", form]);

        assert_eq!(printed.code, Some(0), "{printed:?}");
        assert!(printed.stderr.is_empty(), "{printed:?}");
        let kept = read(&sandbox, &format!("reports/{file}"));
        // They were made at different moments.
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&printed.stdout), lines(&kept), "{form}");
    }
    for several in ["md,csv", "png"] {
        let output = sandbox.run(&["report", "--format", several, "--out", "-"]);
        assert_usage(&output, "prints one form, and pictures cannot be printed");
    }
}

#[test]
fn a_run_json_is_enough() {
    let sandbox = Sandbox::new();
    let run = sick("boom").pop().unwrap();
    sandbox.write("kept/run.json", serde_json::to_string(&run).unwrap());

    for name in ["kept", "kept/run.json"] {
        let output = sandbox.run(&["report", name, "--format", "md", "--out", "-"]);
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stdout.contains(&run.id), "{output:?}");
    }
    assert!(
        !sandbox.path().join(HISTORY).exists(),
        "a report makes no history"
    );
}

#[test]
fn what_is_not_there_cannot_be_reported() {
    let nowhere = Sandbox::new();
    assert_usage(&nowhere.run(&["report", "--format", "md"]), "history");

    let sandbox = with(&sick("boom"));
    assert_usage(
        &sandbox.run(&["report", "20990101T", "--format", "md"]),
        "20990101T",
    );
    sandbox.write("run.json", "{}");
    assert_usage(
        &sandbox.run(&["report", "run.json", "--format", "md"]),
        "is no stored run",
    );
    assert_usage(
        &sandbox.run(&["report", "missing/run.json", "--format", "md"]),
        "there is no file `missing/run.json`",
    );
    assert_usage(&sandbox.run(&["report", "--format", "docx"]), "docx");
    sandbox.write("zero.db", "");
    assert_usage(
        &sandbox.run(&["report", "--store", "zero.db"]),
        "there is no history at `zero.db`: the file is empty",
    );
    let file = sandbox.path().join("kept.json");
    let kept = serde_json::to_string(&sick("boom")[0]).unwrap();
    std::fs::write(&file, kept).unwrap();
    for command in ["report", "check"] {
        let arguments = [command, "kept.json", "--store", "zero.db"];
        let output = sandbox.run(&arguments);
        assert!(!output.stderr.contains("empty"), "{command}: {output:?}");
    }
    std::fs::remove_dir_all(sandbox.path().join("reports")).unwrap();
    assert_eq!(read(&sandbox, "zero.db"), "", "who reads writes nothing");
    assert!(
        !sandbox.path().join("reports").exists(),
        "nothing was begun"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let sandbox = with(&sick("boom"));
    sandbox.write("taken", "a file");

    let output = sandbox.run(&["report", "--format", "md", "--out", "taken"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output
            .stderr
            .contains("cannot write `taken/report.md`: `taken` is no folder"),
        "{output:?}"
    );
    assert_eq!(read(&sandbox, "taken"), "a file");
}

#[test]
fn a_full_disk_is_no_mistake_of_who_typed() {
    let sandbox = with(&sick("boom"));
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = sandbox.command(&["report", "--format", "md", "--out", "-"]);

    let output = finish(command.stdout(full.unwrap()));

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("cannot print: No space left"),
        "{output:?}"
    );
}

#[test]
fn a_step_of_github_gets_its_summary_appended_and_its_annotations_printed() {
    let sandbox = with(&sick("boom"));
    let summary = sandbox.write("step.md", "before\n");
    let mut command = sandbox.command(&["report", "--format", "github"]);

    let output = finish(command.env("GITHUB_STEP_SUMMARY", &summary));

    assert_eq!(output.code, Some(0), "{output:?}");
    let text = read(&sandbox, "step.md");
    assert!(text.starts_with("before\n# Benchmark report"), "{text}");
    for line in output.stdout.lines() {
        let is_command = ["::error title=", "::warning title=", "::notice title="];
        assert!(
            is_command.iter().any(|begin| line.starts_with(begin)),
            "{line}"
        );
    }
    assert!(
        output
            .stdout
            .contains("::error title=wrong answer%3A p/odd?threads=1::"),
        "{output:?}"
    );
}

#[test]
fn a_path_that_holds_no_run_is_told_as_what_it_is() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/other.json", "{}");
    sandbox.write("odd/run.json/x", "");
    sandbox.write("forged.json", "{\"state\": \"a\u{1b}[2Jb\\nerror: c\"}");
    for (path, sentence) in [
        (
            "empty",
            "`empty` is no stored run: there is no run.json in that folder",
        ),
        (
            "odd",
            "`odd` is no stored run: its run.json cannot be read: it is a folder",
        ),
        ("/dev/zero", "`/dev/zero` is no stored run: it is a device"),
        ("forged.json", "`forged.json` is no stored run: "),
    ] {
        let output = sandbox.run(&["report", path]);

        assert_usage(&output, sentence);
        assert!(!output.stderr.contains(['\u{1b}', '\u{7}']), "{output:?}");
        assert!(!output.stderr.contains("\nerror: c"), "{output:?}");
    }
}

#[test]
fn settings_that_are_no_plain_file_are_refused() {
    let sandbox = with(&sick("boom"));
    for option in ["--recommend", "--gates"] {
        assert_usage(
            &sandbox.run(&["report", option, "/dev/zero"]),
            "cannot read the rules `/dev/zero`: it is a device, a pipe or a socket",
        );
    }
}

#[test]
fn a_gate_of_the_run_that_cannot_be_read_is_told_and_the_rest_is_reported() {
    let mut run = made_run(0, &[("steady", 1000.0)]);
    run.gates = vec![WrittenGate {
        toml: "max = [".to_owned(),
        place: "suite.toml:7".to_owned(),
    }];
    let sandbox = with(&[run]);

    let output = sandbox.run(&["report", "--format", "md", "--out", "-"]);
    let check = sandbox.run(&["check"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output
            .stdout
            .contains("a gate of the run judges nothing: suite.toml:7"),
        "{output:?}"
    );
    assert_usage(&check, "suite.toml:7");
}
