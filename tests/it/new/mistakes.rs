//! What a new author does wrong with each template, and the sentence that answers.

use std::fs;

use super::{made, run_in};
use crate::support::{Output, Sandbox, python};

/// Makes a plugin of `template`, changes `from` in its `file` into `to`, and runs it.
fn after(template: &str, file: &str, from: &str, to: &str) -> Output {
    let sandbox = Sandbox::new();
    // A name of its own: libraries of all tests lie in one target directory.
    let name = format!("wrong-{template}");
    let folder = made(&sandbox, &name, template);
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let run = [
        "run",
        "--plugin",
        &format!("./{name}"),
        "--no-store",
        "--max-time",
        "20ms",
    ];
    run_in(sandbox.path(), &run)
}

#[track_caller]
fn assert_says(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, Some(code), "{output:?}");
    let said = format!("{}{}", output.stdout, output.stderr);
    for words in words {
        assert!(said.contains(words), "`{words}`: {output:?}");
    }
}

#[test]
fn rust_that_does_not_compile_exports_nothing_or_makes_no_library() {
    let broken = after(
        "cpu",
        "src/lib.rs",
        "self.found = match",
        "self.fuond = match",
    );
    let cfg = "#[cfg(any())]\nexport_plugin! {";
    let silent = after("cpu", "src/lib.rs", "export_plugin! {", cfg);
    let kind = after("cpu", "Cargo.toml", "[\"cdylib\", \"rlib\"]", "[\"rlib\"]");

    assert_says(
        &broken,
        3,
        &[
            "no field `fuond`",
            "cannot build `",
            "hint: see cargo's messages above",
        ],
    );
    assert_says(
        &silent,
        3,
        &[
            "is a valid library but not a benchhost plugin",
            "export_plugin! once in the root of the crate",
        ],
    );
    assert_says(
        &kind,
        3,
        &[
            "makes no plugin: it has no `cdylib` target",
            "add crate-type = [\"cdylib\"]",
        ],
    );
}

#[test]
fn c_that_does_not_compile_exports_nothing_or_lies_about_its_size() {
    let broken = after("c", "plugin.c", "return BH_OK;", "return BH_OKAY;");
    let hidden = after(
        "c",
        "plugin.c",
        "const bh_plugin benchhost_plugin_v1",
        "const bh_plugin my_plugin",
    );
    let size = after("c", "plugin.c", "sizeof(bh_plugin)", "8");
    let wrong = after("c", "plugin.c", "error <= 1e-3", "error <= -1.0");

    assert_says(
        &broken,
        3,
        &[
            "BH_OKAY",
            "`sh build.sh` ended with exit status: 1",
            "hint: see its messages above",
        ],
    );
    assert_says(
        &hidden,
        3,
        &[
            "no symbol `benchhost_plugin_v1`",
            "in C, define `bh_plugin benchhost_plugin_v1`",
        ],
    );
    assert_says(
        &size,
        3,
        &[
            "the descriptor of `",
            "`.size` is 8, expected sizeof(bh_plugin): 104 in this version, 64 at least",
        ],
    );
    assert_says(&wrong, 1, &["wrong", "the product is"]);
}

#[test]
fn python_that_raises_prints_or_ends_costs_its_own_case_or_nothing() {
    if python().is_none() {
        return;
    }
    let line = "self.product = self.multiply(self.a, self.b)";
    let raises = after("python", "bench.py", line, "raise KeyError('size')");
    let prints = after(
        "python",
        "bench.py",
        line,
        &format!("print('{{\"say\":\"done\"}}'); {line}"),
    );
    let ends = after("python", "bench.py", line, "import os; os._exit(3)");
    let syntax = after("python", "bench.py", "def setup(self):", "def setup(self)");
    let missing = after("python", "benchhost.toml", "python3", "python-of-tomorrow");
    let missing_file = after("python", "benchhost.toml", "bench.py", "bensch.py");

    assert_says(&raises, 1, &["plugin-error", "KeyError: 'size'"]);
    assert_says(&prints, 0, &["1 ok"]);
    assert_says(&ends, 1, &["exit", "3"]);
    assert_says(
        &syntax,
        3,
        &[
            "ended with exit code 1 before it described itself",
            "SyntaxError",
        ],
    );
    assert_says(
        &missing,
        3,
        &[
            "cannot start `python-of-tomorrow`",
            "hint: install python-of-tomorrow",
        ],
    );
    assert_says(
        &missing_file,
        3,
        &[
            "ended with exit code 2 before it described itself",
            "bensch.py",
        ],
    );
}

#[test]
fn a_parameter_that_no_plugin_has_is_found_before_anything_runs() {
    for template in ["c", "python"] {
        if template == "python" && python().is_none() {
            continue;
        }
        let sandbox = Sandbox::new();
        let folder = made(&sandbox, "hello", template);
        let path = folder.join("suite.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("method =", "metod =")).unwrap();

        let output = run_in(sandbox.path(), &["run", "hello/suite.toml", "--no-store"]);

        assert_says(&output, 2, &["metod", "method"]);
    }
}
