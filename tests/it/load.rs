//! What can be wrong with a plugin file, and what the program says of it: `benchhost plugin check` must end with exit
//! code 3 and a sentence that names the fault, and never go down itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod abi;
mod damaged;

use std::path::Path;

use crate::support::{Elf, Output, Sandbox, broken_plugin, finish, plugin};

/// Checks the file at `path` as a user would.
fn check(sandbox: &Sandbox, path: &Path) -> Output {
    sandbox.run(&["plugin", "check", path.to_str().unwrap()])
}

/// Checks the file at `path`, which must be refused in a message that has all of `words`.
fn assert_refused(sandbox: &Sandbox, path: &Path, words: &[&str]) {
    assert_refusal(&check(sandbox, path), words);
}

fn assert_refusal(output: &Output, words: &[&str]) {
    assert_eq!(output.code, Some(3), "{output:?}");
    for word in words {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
}

#[test]
fn a_good_plugin_is_described() {
    let sandbox = Sandbox::new();

    let output = check(&sandbox, &plugin("noop"));

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.starts_with("noop 1.0.0"), "{output:?}");
    assert!(output.stdout.contains("noop: Does nothing"), "{output:?}");
}

#[test]
fn a_plugin_is_found_by_name_on_the_plugin_path() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "plugins-here/libnothing_at_all.so",
        Elf::read(&plugin("noop")).bytes,
    );
    let run = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("BENCHHOST_PLUGIN_PATH", sandbox.path().join("plugins-here"));
        finish(&mut command)
    };

    let found = run(&["plugin", "check", "nothing-at-all"]);
    let listed = run(&["plugin", "list"]);
    let missed = run(&["plugin", "check", "nothing-at-al"]);

    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(
        listed.stdout.contains("plugins-here/libnothing_at_all.so"),
        "{listed:?}"
    );
    assert_eq!(missed.code, Some(3), "{missed:?}");
    assert!(
        missed.stderr.contains("did you mean `nothing_at_all`?"),
        "{missed:?}"
    );
}

#[test]
fn a_plugin_that_goes_wrong_while_it_is_opened_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    let rows: [(&str, &[&str]); 6] = [
        (
            "root_panics",
            &["panicked while handing out", "no functions today"],
        ),
        (
            "root_error",
            &["refused to start", "the licence has expired"],
        ),
        ("meta_not_toml", &["description", "at line 3"]),
        (
            "meta_lies",
            &["its manifest says version 1.0.0, its description says 9.9.9"],
        ),
        (
            "aborts_on_open",
            &["SIGABRT while it was opened", "cannot make a static"],
        ),
        ("exits_on_open", &["exit code 0 while it was opened"]),
    ];

    for (name, words) in rows {
        assert_refused(&sandbox, &broken_plugin(name), words);
    }
}

#[test]
fn what_a_plugin_prints_while_it_is_opened_is_not_taken_for_its_answer() {
    let sandbox = Sandbox::new();

    let output = check(&sandbox, &broken_plugin("chatters"));

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.starts_with("broken 1.0.0"), "{output:?}");
}

#[test]
fn why_tells_how_far_a_plugin_comes() {
    let sandbox = Sandbox::new();
    let why = |path: &Path| sandbox.run(&["plugin", "why", path.to_str().unwrap()]);

    let good = why(&plugin("noop"));
    let stopped = why(&broken_plugin("root_panics"));

    assert_eq!(
        (good.code, good.stdout.matches("yes").count()),
        (Some(0), 6),
        "{good:?}"
    );
    assert_eq!(stopped.code, Some(3));
    assert!(stopped.stdout.contains("yes  abi ok"), "{stopped:?}");
    assert!(stopped.stdout.contains("no   probed"), "{stopped:?}");
    assert!(stopped.stdout.contains("no functions today"), "{stopped:?}");
}

#[test]
fn a_crate_that_makes_no_plugin_or_does_not_compile_is_refused() {
    let sandbox = Sandbox::new();
    let manifest = |name: &str, kind: &str| {
        format!(
            "[workspace]\n[package]\nname = '{name}'\nedition = '2024'\n[lib]\ncrate-type = ['{kind}']\n"
        )
    };
    sandbox.write("plain/Cargo.toml", manifest("plain", "rlib"));
    sandbox.write("plain/src/lib.rs", "");
    sandbox.write("wrong/Cargo.toml", manifest("wrong", "cdylib"));
    sandbox.write("wrong/src/lib.rs", "not rust");
    sandbox.write("foreign/Cargo.toml", manifest("foreign", "cdylib"));
    sandbox.write("foreign/src/lib.rs", "");

    let check = |name: &str| {
        let mut command = sandbox.command(&["plugin", "check", &format!("./{name}")]);
        finish(command.env("CARGO_TARGET_DIR", sandbox.path().join("target")))
    };
    assert_refusal(&check("plain"), &["crate-type = [\"cdylib\"]"]);
    assert_refusal(
        &check("wrong"),
        &["could not compile", "see cargo's messages above"],
    );
    assert_refusal(&check("foreign"), &["not a benchhost plugin"]);
}
