//! Mistakes: each gets an exact sentence and exit code 2 (3 for plugins) before anything is measured or written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use crate::support::{Sandbox, plugin};

/// Runs a suite with `benchmark` in it; it must be refused with `code` and a message that has all of `words`.
fn assert_refused(benchmark: &str, code: i32, words: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write(
        "bad.toml",
        format!(
            "name = 'bad'\n[plugins]\nm = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\n{benchmark}\n",
            plugin("fixture-misbehave").display()
        ),
    );

    let output = sandbox.run(&["run", "bad.toml"]);

    assert_eq!(output.code, Some(code), "{output:?}");
    for word in words {
        assert!(output.stderr.contains(word), "{word}: {}", output.stderr);
    }
    assert!(
        !sandbox.path().join("benchhost-out").exists(),
        "something was written"
    );
    assert_eq!(output.stdout, "");
}

#[test]
fn mistakes_in_a_suite_are_named_with_file_line_and_the_way_out() {
    assert_refused(
        "repetition = 3",
        2,
        &["bad.toml:8", "`repetition`", "did you mean `repetitions`"],
    );
    assert_refused(
        "max-time = '2'",
        2,
        &["bad.toml:8", "`max-time`", "unit", "2s"],
    );
    assert_refused(
        "limits = { memory = '1 apple' }",
        2,
        &["bad.toml:8", "memory", "1 apple"],
    );
    assert_refused(
        "axes = { after = [] }",
        2,
        &["bad.toml:8", "axis", "after", "no values"],
    );
    assert_refused(
        "axes = { after = [1, 1] }",
        2,
        &["bad.toml:4", "after=1", "has already"],
    );
    assert_refused("threads = 0", 2, &["bad.toml:8", "threads"]);
    assert_refused("params = [", 2, &["bad.toml:"]);
    let far = "`pin` names CPU 4095, this process may use";
    assert_refused("pin = [4095]", 2, &["bad.toml:4", far]);
}

#[test]
fn parameters_are_checked_against_what_the_plugin_says_before_anything_runs() {
    assert_refused(
        "params = { wat = 'panic' }",
        2,
        &[
            "bad.toml:8",
            "unknown parameter",
            "wat",
            "did you mean",
            "what",
        ],
    );
    assert_refused(
        "params = { after = 'many' }",
        2,
        &["bad.toml:8", "after", "many"],
    );
    assert_refused(
        "[[benchmark]]\nname = 'c'\nplugin = 'm'\nworkload = 'troubel'",
        2,
        &["troubel", "trouble"],
    );
}

#[test]
fn a_suite_or_plugin_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("text.so", "not a library");

    let nothing = sandbox.run(&["run"]);
    let no_suite = sandbox.run(&["run", "nowhere.toml"]);
    let no_plugin = sandbox.run(&["run", "--plugin", "./nowhere.so"]);
    let text = sandbox.run(&["run", "--plugin", "./text.so"]);
    let folder = sandbox.run(&["run", "--plugin", "."]);

    assert_eq!(nothing.code, Some(2));
    assert!(
        nothing.stderr.contains("neither a suite nor a plugin") && nothing.stderr.contains("hint:")
    );
    assert_eq!(no_suite.code, Some(2));
    assert!(no_suite.stderr.contains("nowhere.toml"));
    assert_eq!(no_plugin.code, Some(3));
    assert!(no_plugin.stderr.contains("nowhere.so"));
    assert_eq!(text.code, Some(3));
    assert!(text.stderr.contains("a text file"));
    assert_eq!(folder.code, Some(3));
    assert!(folder.stderr.contains("Cargo.toml"));
}

#[test]
fn a_filter_or_tier_that_matches_nothing_lists_what_there_is() {
    let sandbox = Sandbox::new();
    let noop = plugin("noop");
    sandbox.write(
        "s.toml",
        format!(
            "name = 's'\n[plugins]\nnoop = '{}'\n[[benchmark]]\nname = 'only'\nplugin = 'noop'\nworkload = 'noop'\n",
            noop.display()
        ),
    );

    let filter = sandbox.run(&["run", "s.toml", "--filter", "other*"]);
    let tier = sandbox.run(&["run", "s.toml", "--tier", "monthly"]);
    let time = sandbox.run(&["run", "s.toml", "--max-time", "2"]);

    assert_eq!(
        (filter.code, tier.code, time.code),
        (Some(2), Some(2), Some(2))
    );
    assert!(
        filter.stderr.contains("other*") && filter.stderr.contains("only"),
        "{filter:?}"
    );
    assert!(tier.stderr.contains("monthly"), "{tier:?}");
    assert!(
        time.stderr.contains("--max-time") && time.stderr.contains("unit"),
        "{time:?}"
    );
}

#[test]
fn a_folder_for_results_that_cannot_be_made_is_told_before_measuring() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "in the way");

    let output = sandbox.run(&[
        "run",
        "--plugin",
        plugin("noop").to_str().unwrap(),
        "--out",
        "file/out",
    ]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("file/out"), "{output:?}");
    assert_eq!(output.stdout, "");
}

#[test]
fn a_crate_that_does_not_compile_shows_what_cargo_says() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "broken/Cargo.toml",
        "[package]\nname = 'broken'\nversion = '0.1.0'\nedition = '2024'\n[lib]\ncrate-type = ['cdylib']\n[workspace]\n",
    );
    sandbox.write(
        "broken/src/lib.rs",
        "pub fn f() -> u32 { \"not a number\" }\n",
    );
    sandbox.write(
        "program/Cargo.toml",
        "[package]\nname = 'program'\nversion = '0.1.0'\nedition = '2024'\n[workspace]\n",
    );
    sandbox.write("program/src/main.rs", "fn main() {}\n");

    let broken = sandbox.run(&["run", "--plugin", "./broken"]);
    let program = sandbox.run(&["run", "--plugin", "./program"]);

    assert_eq!(broken.code, Some(3), "{broken:?}");
    assert!(broken.stderr.contains("mismatched types"), "{broken:?}");
    assert_eq!(program.code, Some(3), "{program:?}");
    assert!(program.stderr.contains("cdylib"), "{program:?}");
}

#[test]
fn a_suite_that_is_not_there_is_answered_with_those_that_are() {
    let sandbox = Sandbox::new();

    let alone = sandbox.run(&["run", "nosuch.toml"]);
    sandbox.write("quick.toml", "");
    let beside = sandbox.run(&["run", "quikc.toml"]);
    let import = sandbox.run(&["history", "import", "nosuch.json"]);

    for output in [&alone, &beside, &import] {
        assert_eq!(output.code, Some(2), "{output:?}");
    }
    assert!(
        alone.stderr.contains("hint: name a suite"),
        "{}",
        alone.stderr
    );
    assert!(
        beside.stderr.contains("hint: did you mean `quick.toml`?"),
        "{}",
        beside.stderr
    );
    assert!(
        import.stderr.contains("hint: name a result file"),
        "{}",
        import.stderr
    );
}
