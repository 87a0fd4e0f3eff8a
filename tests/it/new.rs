//! `benchhost new`: what it makes builds, passes its own test and runs, without anybody editing anything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod mistakes;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Output, Sandbox, bin, finish, plugin, python, read_run, root, target_dir};

/// The program in `folder`, with the builds of scaffolded crates in a folder that all tests share.
pub(super) fn run_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(bin());
    command.args(args).current_dir(folder);
    finish(at_home(&mut command))
}

/// The environment of an author: nothing of ours, and a target directory that outlives the test.
fn at_home(command: &mut Command) -> &mut Command {
    command
        .env_remove("BENCHHOST_PLUGIN_PATH")
        .env_remove("BENCHHOST_STORE")
        .env("CARGO_TARGET_DIR", target_dir().join("authors"))
        .env("BENCHHOST", bin())
}

/// A new plugin `name` of `template` in `sandbox`.
pub(super) fn made(sandbox: &Sandbox, name: &str, template: &str) -> PathBuf {
    let output = sandbox.run(&["new", name, "--template", template]);
    assert_eq!(output.code, Some(0), "{output:?}");
    sandbox.path().join(name)
}

/// Runs the plugin of `folder` for a moment; every case must be fine.
fn assert_runs(folder: &Path, what: &[&str]) {
    let arguments = ["run", "--no-store", "--max-time", "50ms", "--out", "out"];
    let output = run_in(folder, &[&arguments, what].concat());

    assert_eq!(output.code, Some(0), "{output:?}");
    let run = read_run(&folder.join("out/run.json"));
    assert!(!run.cases.is_empty());
    for case in &run.cases {
        assert!(case.outcome.is_ok(), "{case:?}");
    }
    fs::remove_dir_all(folder.join("out")).unwrap();
}

#[test]
fn a_rust_plugin_runs_at_once_and_passes_its_own_test() {
    let sandbox = Sandbox::new();
    // A name of its own: libraries of all tests lie in one target directory.
    let folder = made(&sandbox, "greeter", "cpu");

    assert_runs(sandbox.path(), &["--plugin", "./greeter"]);
    assert_runs(&folder, &["suite.toml", "--filter", "*1024*"]);
    let mut test = Command::new("cargo");
    let tested = finish(at_home(test.arg("test").current_dir(&folder)));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.stdout.contains("2 passed"), "{tested:?}");
}

#[test]
fn a_c_plugin_runs_at_once_and_passes_its_own_test() {
    let sandbox = Sandbox::new();
    let folder = made(&sandbox, "hello", "c");

    assert_runs(sandbox.path(), &["--plugin", "./hello"]);
    let mut test = Command::new("sh");
    let tested = finish(at_home(test.arg("test.sh").current_dir(&folder)));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.stdout.contains("6 ok"), "{tested:?}");
}

#[test]
fn a_python_plugin_runs_at_once_and_passes_its_own_test() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let folder = made(&sandbox, "hello", "python");

    assert_runs(sandbox.path(), &["--plugin", "./hello"]);
    assert_runs(&folder, &["suite.toml"]);
    let mut test = Command::new(python);
    let tested = finish(test.args(["-m", "unittest"]).current_dir(&folder));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.stderr.contains("OK"), "{tested:?}");
}

/// What `--template candle` makes is a member of this workspace, so that it is built with the candle that is there.
#[test]
fn a_candle_plugin_is_the_one_that_is_tested_here_and_trains() {
    let sandbox = Sandbox::new();
    let folder = made(&sandbox, "candle-template", "candle");
    let tested = root().join("tests/fixtures/candle-template");

    for file in ["src/lib.rs", "suite.toml", "README.md"] {
        assert_eq!(
            fs::read_to_string(folder.join(file)).unwrap(),
            fs::read_to_string(tested.join(file)).unwrap(),
            "{file}: make tests/fixtures/candle-template again with `benchhost new`"
        );
    }
    let library = plugin("candle-template");
    assert_runs(sandbox.path(), &["--plugin", library.to_str().unwrap()]);
}

#[test]
fn every_rust_template_is_formatted_and_its_dependencies_can_be_found() {
    let sandbox = Sandbox::new();
    for template in ["cpu", "candle", "candle-cuda"] {
        let folder = made(&sandbox, &format!("my-{template}"), template);

        let mut format = Command::new("rustfmt");
        let source = folder.join("src/lib.rs");
        let formatted = finish(format.args(["--edition", "2024", "--check"]).arg(&source));
        assert_eq!(formatted.code, Some(0), "{template}: {}", formatted.stdout);
        let mut metadata = Command::new("cargo");
        metadata.args(["metadata", "--offline", "--format-version", "1"]);
        let found = finish(metadata.current_dir(&folder));
        assert_eq!(found.code, Some(0), "{template}: {}", found.stderr);
    }
}

#[test]
fn plugin_new_is_the_long_form() {
    let sandbox = Sandbox::new();

    let output = sandbox.run(&["plugin", "new", "some/where/hello"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(sandbox.path().join("some/where/hello/src/lib.rs").is_file());
    assert!(
        output
            .stdout
            .contains("benchhost run --plugin some/where/hello"),
        "{output:?}"
    );
}

#[test]
fn below_a_workspace_the_api_of_the_workspace_is_used() {
    let sandbox = Sandbox::new();
    let api = root().join("plugin-api");
    sandbox.write(
        "Cargo.toml",
        format!(
            "[workspace]\nresolver = '3'\nmembers = ['plugins/*']\n[workspace.dependencies]\nserde = '1'\n\
             benchhost-plugin-api = {{ path = {api:?} }}\nbenchhost-testkit = {{ path = {:?} }}\n",
            api.join("testkit")
        ),
    );
    fs::copy(root().join("Cargo.lock"), sandbox.path().join("Cargo.lock")).unwrap();

    let member = made(&sandbox, "plugins/member", "cpu");
    let c = sandbox.run(&["new", "plugins/in-c", "-t", "c"]);

    let manifest = fs::read_to_string(member.join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains("benchhost-plugin-api.workspace = true"),
        "{manifest}"
    );
    assert!(!member.join("sdk").exists() && !member.join("Cargo.lock").exists());
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--offline", "--format-version", "1"]);
    let found = finish(metadata.current_dir(&member));
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    // cargo would look for a Cargo.toml there, and no longer build anything.
    assert_eq!(c.code, Some(2), "{c:?}");
    assert!(
        c.stderr.contains("would be a member of the workspace"),
        "{c:?}"
    );
}

/// A link or `..` that leads out of a workspace leads out of it, and one that leads in leads in.
#[test]
fn the_workspace_is_the_one_around_the_real_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("inside/Cargo.toml", "[workspace]\nmembers = ['*']\n[workspace.dependencies]\nbenchhost-plugin-api = { path = 'api' }\n");
    fs::create_dir(sandbox.path().join("outside")).unwrap();
    std::os::unix::fs::symlink("../outside", sandbox.path().join("inside/link")).unwrap();

    for path in ["inside/link/one", "inside/../outside/two"] {
        let folder = made(&sandbox, path, "cpu");

        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("path = \"sdk/plugin-api\""),
            "{path}: {manifest}"
        );
    }
    let nowhere = sandbox.run(&["new", "no-such-folder/../hello"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(
        nowhere
            .stderr
            .contains("has a `..` behind a folder that does not exist"),
        "{nowhere:?}"
    );
}

#[test]
fn names_are_checked_and_nothing_is_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("taken/notes.txt", "mine");

    let wrong = sandbox.run(&["new", "My_Plugin"]);
    let taken = sandbox.run(&["new", "taken"]);
    let unknown = sandbox.run(&["new", "x", "--template", "pyhton"]);

    assert_eq!(
        (wrong.code, taken.code, unknown.code),
        (Some(2), Some(2), Some(2))
    );
    assert!(
        wrong.stderr.contains("`M` is none of a–z, 0–9 and `-`")
            && wrong.stderr.contains("hint: `my-plugin` can"),
        "{wrong:?}"
    );
    assert!(
        taken
            .stderr
            .contains("exists already, and nothing is overwritten"),
        "{taken:?}"
    );
    assert!(
        unknown.stderr.contains("a similar value exists: 'python'"),
        "{unknown:?}"
    );
    assert_eq!(
        fs::read(sandbox.path().join("taken/notes.txt")).unwrap(),
        b"mine"
    );
    assert_eq!(fs::read_dir(sandbox.path()).unwrap().count(), 1);
}
