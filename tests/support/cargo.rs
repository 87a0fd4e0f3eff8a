//! Builds plugins of the workspace for tests.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::{bin, root};

/// Library of the workspace member `package`, built with the profile of the tests.
pub(crate) fn plugin(package: &str) -> PathBuf {
    built_once(package, || library(build(&["-p", package]), package))
}

/// Library `name` of the package `fixture-load`.
pub(crate) fn broken_plugin(name: &str) -> PathBuf {
    built_once(name, || {
        library(build(&["-p", "fixture-load", "--examples"]), name)
    })
}

/// Library `example` among the examples of the workspace member `package`.
pub(crate) fn fixture_example(package: &str, example: &str) -> PathBuf {
    built_once(example, || {
        library(build(&["-p", package, "--example", example]), example)
    })
}

/// The fixture `fixture-abort`, built with `panic = "abort"`: the flag is given to the last crate only, so that its
/// dependencies are shared with the other fixtures.
pub(crate) fn aborting_plugin() -> PathBuf {
    built_once("fixture-abort", || {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([
            "rustc",
            "--message-format=json-render-diagnostics",
            "-p",
            "fixture-abort",
        ]);
        cargo
            .current_dir(root())
            .arg("--target-dir")
            .arg(target_dir());
        cargo.args(["--", "-C", "panic=abort"]);
        library(cargo, "fixture-abort")
    })
}

/// The target directory that this test was built into.
pub(crate) fn target_dir() -> &'static Path {
    let profile = bin().parent().expect("the program is in a folder");
    profile.parent().expect("target/PROFILE/benchhost")
}

fn built_once(name: &str, build: impl FnOnce() -> PathBuf) -> PathBuf {
    static BUILT: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if !built.contains_key(name) {
        built.insert(name.to_owned(), build());
    }
    built[name].clone()
}

fn build(what: &[&str]) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(root()).args(what);
    if bin().parent().unwrap().ends_with("release") {
        cargo.arg("--release");
    }
    cargo.arg("--target-dir").arg(target_dir());
    cargo
}

/// `cargo build` that reports what it makes.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--message-format=json-render-diagnostics"]);
    cargo
}

/// Runs `cargo` and returns the shared library or program of the target called `name`; `-` and `_` are equal.
pub(crate) fn library(mut cargo: Command, name: &str) -> PathBuf {
    let output = cargo.output().expect("cargo runs: it started this test");
    assert!(
        output.status.success(),
        "cannot build {name}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let wanted = name.replace('-', "_");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| {
            let target = message["target"]["name"].as_str().unwrap_or_default();
            target.replace('-', "_") == wanted
        })
        .find_map(|message| {
            let mut files = message["filenames"].as_array()?.iter();
            let library = files.find_map(|f| f.as_str().filter(|f| f.ends_with(".so")));
            Some(library.or(message["executable"].as_str())?.into())
        })
        .unwrap_or_else(|| panic!("cargo built no library called {name}"))
}
