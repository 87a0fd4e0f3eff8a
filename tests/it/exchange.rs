//! `benchhost history import` and `export`: other tools' files through the program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Sandbox, finish, made_run, root, store};

fn fixtures() -> PathBuf {
    root().join("tests/fixtures/imports")
}

fn import(sandbox: &Sandbox, path: &Path, more: &[&str]) -> crate::support::Output {
    sandbox.run(&[&["history", "import", path.to_str().unwrap()], more].concat())
}

fn series(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.run(&["history", "list", "--series", "--format", "json"]);
    let listed: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    listed["series"].as_array().unwrap().clone()
}

#[test]
fn every_tool_s_files_are_known_by_looking_and_added_once() {
    let tools: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert!(tools.len() >= 8, "{tools:?}");
    let mut tried = 0;
    for tool in tools {
        let sandbox = Sandbox::new();
        let name = tool.file_name().unwrap().to_string_lossy().into_owned();
        // Folders of these tools are one result; of the others each file is.
        let paths: Vec<PathBuf> = if ["asv", "criterion"]
            .iter()
            .any(|folder| name.starts_with(folder))
        {
            vec![tool]
        } else {
            let files = std::fs::read_dir(&tool)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            files
                .filter(|path| {
                    path.extension()
                        .is_some_and(|end| end == "json" || end == "csv")
                })
                .collect()
        };
        for path in paths {
            let first = import(&sandbox, &path, &[]);
            if first.code == Some(2) && first.stderr.contains("--from says which") {
                // Files of one shape and two meanings: the user has to say.
                continue;
            }
            assert_eq!(first.code, Some(0), "{}: {first:?}", path.display());
            let again = import(&sandbox, &path, &[]);
            assert!(
                again.stdout.starts_with("added 0 points"),
                "{}: {again:?}",
                path.display()
            );
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

#[test]
fn broken_files_are_refused_and_the_history_stays_whole() {
    let sandbox = Sandbox::new();
    for (name, text, sentence) in [
        ("empty.json", "", "empty.json"),
        ("text.json", "hello", "of no format that is known"),
        ("cut.json", r#"{"benchmarks": [{"name": "#, "cut.json"),
        (
            "rows.csv",
            "series,time,value\na,1,2\nb,2,x\n",
            "rows.csv:3",
        ),
    ] {
        let path = sandbox.write(name, text);
        let output = import(&sandbox, &path, &[]);
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert!(output.stderr.contains(sentence), "{name}: {output:?}");
    }
    let rows = series(&sandbox);
    assert_eq!(
        rows.len(),
        1,
        "the good row before the bad one is kept: {rows:?}"
    );
    let unknown = import(&sandbox, Path::new("rows.csv"), &["--from", "punch-cards"]);
    assert!(
        unknown.stderr.contains("--from") && unknown.stderr.contains("pytest-benchmark"),
        "{unknown:?}"
    );
}

#[test]
fn what_is_exported_comes_back_the_same() {
    let sandbox = Sandbox::new();
    let runs: Vec<_> = (0..12)
        .map(|i| made_run(i, &[("a", 1000.0 + i as f64), ("b", 5000.0)]))
        .collect();
    store(&sandbox.path().join(".benchhost/history.db"), &runs);
    let export = |form: &str, file: &str| {
        let output = sandbox.run(&["history", "export", "--to", form, "--out", file]);
        assert_eq!(output.code, Some(0), "{form}: {output:?}");
        std::fs::read_to_string(sandbox.path().join(file)).unwrap()
    };

    for (form, file) in [("benchhost", "h.jsonl"), ("csv", "h.csv")] {
        let text = export(form, file);
        let added = sandbox.run(&["history", "import", file, "--store", &format!("{form}.db")]);
        assert!(
            added.stdout.starts_with("added 24 points of 2 series"),
            "{form}: {added:?}\n{text}"
        );
    }
    let back = sandbox.run(&["history", "export", "--store", "benchhost.db"]);
    assert_eq!(back.stdout, export("benchhost", "h.jsonl"));

    let bencher: Value = serde_json::from_str(&export("bencher", "b.json")).unwrap();
    assert!(
        bencher["p/a?threads=1"]["time"]["value"].as_f64().unwrap() > 900.0,
        "{bencher}"
    );
    let smaller: Value = serde_json::from_str(&export("smaller-is-better", "s.json")).unwrap();
    assert_eq!(smaller.as_array().unwrap().len(), 2);
    assert!(export("openmetrics", "m.txt").ends_with("# EOF\n"));
    assert!(
        export("tracker-csv", "t.csv")
            .starts_with("Model Name,Metric Name,Value,Unit,Category,Timestamp,Date Time")
    );
    let report = export("tracker-report", "r.md");
    for part in [
        "# Performance Report",
        "- Total metrics tracked: 24",
        "- Unique metrics: 2",
        "- Historical mean:",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let history: Value = serde_json::from_str(&export("tracker-history", "t.json")).unwrap();
    assert_eq!(history.as_object().unwrap().len(), 2, "{history}");
}

#[test]
fn standard_input_is_imported_with_all_its_equal_rows_once() {
    let sandbox = Sandbox::new();
    let row = "x,2026-01-01T00:00:00Z,1\n";
    let csv = sandbox.write("rows.csv", format!("series,time,value\n{row}{row}"));
    let piped = |args: &[&str], input: &Path| {
        let input = std::fs::File::open(input).unwrap();
        finish(sandbox.command(args).stdin(input))
    };

    let first = piped(&["history", "import", "-"], &csv);
    let again = piped(&["history", "import", "-"], &csv);
    let lines = sandbox.run(&["history", "export"]);
    let lines = sandbox.write("lines.jsonl", lines.stdout);
    let moved = piped(&["history", "import", "-", "--store", "other.db"], &lines);
    let other = fixtures().join("hyperfine/local_1.15.json");
    let refused = piped(&["history", "import", "-"], &other);

    assert!(first.stdout.starts_with("added 2 points"), "{first:?}");
    assert!(again.stdout.starts_with("added 0 points"), "{again:?}");
    assert!(moved.stdout.starts_with("added 2 points"), "{moved:?}");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("standard input is neither"));
}

#[test]
fn commands_that_failed_but_have_times_are_a_note_and_nothing_skipped() {
    let sandbox = Sandbox::new();
    let file = fixtures().join("hyperfine/local_1.15_params_failures.json");

    let done = import(&sandbox, &file, &[]);

    assert!(done.stderr.contains("note: "), "{done:?}");
    assert!(done.stderr.contains("its times are kept"), "{done:?}");
    assert!(!done.stdout.contains("skipped"), "{done:?}");
}
