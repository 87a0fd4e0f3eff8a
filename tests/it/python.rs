//! The Python side: the helper that plugins are written with, and the plugin that is written with it, by their own tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::Command;

use crate::support::{finish, python, root};

/// Runs the tests of `folder`, of which there must be some.
fn unittest(folder: &str) {
    let Some(python) = python() else { return };
    let mut command = Command::new(python);
    command.args(["-B", "-m", "unittest"]);

    let output = finish(command.current_dir(root().join(folder)));

    assert_eq!(output.code, Some(0), "{folder}: {}", output.stderr);
    assert!(
        !output.stderr.contains("Ran 0 tests"),
        "{folder}: {}",
        output.stderr
    );
}

#[test]
fn the_helper_keeps_to_the_protocol() {
    unittest("plugin-api/python");
}

#[test]
fn the_pytorch_plugin_takes_the_steps_of_contrastive_where_there_is_pytorch() {
    unittest("plugins/pytorch");
}

#[test]
fn the_helper_has_the_version_of_the_interface() {
    let helper = std::fs::read_to_string(root().join("plugin-api/python/benchhost.py")).unwrap();
    let manifest = std::fs::read_to_string(root().join("plugin-api/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();

    let version = manifest["package"]["version"].as_str().unwrap();
    assert!(
        helper.contains(&format!("API = \"{version}\"")),
        "{version}"
    );
}
