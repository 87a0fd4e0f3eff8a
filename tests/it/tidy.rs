//! Rules of the project that a machine can check.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::support::{Sandbox, root};

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap()
}

/// Names of the ordinary dependencies of the workspace member `name`.
fn dependencies(metadata: &Metadata, name: &str) -> Vec<String> {
    let package = metadata
        .packages
        .iter()
        .find(|p| p.name.as_str() == name)
        .unwrap();
    let ordinary = package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal);
    ordinary.map(|dependency| dependency.name.clone()).collect()
}

/// Every file of the repository with one of the endings, build outputs left out.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if entry.is_dir() && !matches!(name.as_str(), "target" | ".git" | "benchhost-out") {
                folders.push(entry);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(entry);
            }
        }
    }
    found
}

fn below_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[test]
fn nobody_knows_whom_they_must_not_know() {
    let metadata = metadata();
    let ours = |name: &str| -> Vec<String> {
        let mut known = dependencies(&metadata, name);
        known.retain(|other| metadata.packages.iter().any(|p| p.name.as_str() == other));
        known.sort();
        known
    };
    let allowed: [(&str, &[&str]); 17] = [
        ("benchhost-record", &[]),
        ("benchhost-plugin-api", &[]),
        ("benchhost-energy", &["benchhost-record"]),
        ("benchhost-stats", &["benchhost-record"]),
        ("benchhost-plan", &["benchhost-record"]),
        (
            "benchhost-report",
            &[
                "benchhost-advice",
                "benchhost-gate",
                "benchhost-record",
                "benchhost-stats",
            ],
        ),
        (
            "benchhost-plot",
            &["benchhost-record", "benchhost-report", "benchhost-stats"],
        ),
        (
            "benchhost-advice",
            &["benchhost-gate", "benchhost-record", "benchhost-stats"],
        ),
        (
            "benchhost-exchange",
            &["benchhost-record", "benchhost-stats"],
        ),
        ("benchhost-gate", &["benchhost-record", "benchhost-stats"]),
        ("benchhost-testkit", &["benchhost-plugin-api"]),
        ("benchhost-support", &["benchhost-plugin-api"]),
        (
            "contrastive",
            &["benchhost-plugin-api", "benchhost-support"],
        ),
        ("inference", &["benchhost-plugin-api", "benchhost-support"]),
        ("mep", &["benchhost-plugin-api", "benchhost-support"]),
        ("tracking", &["benchhost-plugin-api", "benchhost-support"]),
        ("system", &["benchhost-plugin-api", "benchhost-support"]),
    ];
    for (name, may_know) in allowed {
        for known in ours(name) {
            assert!(
                may_know.contains(&known.as_str()),
                "{name} must not know {known}: ARCHITECTURE.md"
            );
        }
    }
    let host = dependencies(&metadata, "benchhost");
    assert!(
        !host.iter().any(|name| name.starts_with("candle")),
        "only plugins know candle"
    );
    for package in &metadata.packages {
        let knows_host = package.dependencies.iter().any(|d| d.name == "benchhost");
        assert!(!knows_host, "{} must not know the host", package.name);
    }
}

#[test]
fn unsafe_code_and_the_dynamic_linker_stay_in_their_places() {
    let unsafe_places = [
        "plugin-api/src/abi/",
        "plugin-api/src/export.rs",
        "host/src/load/",
        "host/src/worker/",
        "plugins/support/src/kernels/",
        "tests/",
    ];
    for path in files(&[".rs"]) {
        let name = below_root(&path);
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let is_unsafe = line.contains("unsafe {")
                || line.contains("unsafe fn")
                || line.contains("#[unsafe(");
            let is_known = unsafe_places.iter().any(|place| name.starts_with(place));
            assert!(
                !is_unsafe || is_known,
                "{name}: unsafe has its own places: {line}"
            );
            let opens = line.contains("libloading::");
            assert!(
                !opens || name.starts_with("host/src/load/") || name.starts_with("tests/"),
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn files_stay_readable_and_speak_of_the_project_alone() {
    for path in files(&[".rs", ".md", ".toml"]) {
        let name = below_root(&path);
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(
            lines <= 500 || name.ends_with(".md"),
            "{name} has {lines} lines: split it"
        );
        // Written in two parts, so that this file does not find itself.
        for machine_path in [
            concat!("/wo", "rk/"),
            concat!("/tmp/", "target"),
            concat!("/ho", "me/"),
        ] {
            assert!(
                !text.contains(machine_path),
                "{name} holds a path of somebody's machine"
            );
        }
    }
}

#[test]
fn every_folder_says_what_lives_there() {
    let mut folders = vec![
        "plugin-api",
        "plugin-api/testkit",
        "host",
        "host/engine",
        "configs",
        "tests",
    ];
    folders.extend(["tests/fixtures", "tests/golden", "tests/support"]);
    let mut folders: Vec<PathBuf> = folders.into_iter().map(|name| root().join(name)).collect();
    for parent in ["plugins", "host/engine"] {
        let children = fs::read_dir(root().join(parent))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        folders.extend(children.filter(|path| path.join("Cargo.toml").is_file()));
    }
    for folder in folders {
        assert!(
            folder.join("README.md").is_file(),
            "{} has no README.md",
            below_root(&folder)
        );
    }
}

#[test]
fn every_suite_of_the_repository_is_a_plan_and_is_explained() {
    let sandbox = Sandbox::new();
    let readme = fs::read_to_string(root().join("configs/README.md")).unwrap();
    for path in files(&[".toml"])
        .iter()
        .filter(|path| path.parent() == Some(&root().join("configs")))
    {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(path).unwrap();

        let output = sandbox.run(&["run", path.to_str().unwrap(), "--dry-run"]);

        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(
            text.starts_with("# ") && text.lines().next().unwrap().contains('?'),
            "{name}: no question"
        );
        assert!(
            readme.contains(name),
            "configs/README.md does not mention {name}"
        );
    }
}

#[test]
fn what_is_built_is_not_kept() {
    let listed = std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    // An archive without git has nothing to look at.
    let Some(listed) = listed.ok().filter(|output| output.status.success()) else {
        return;
    };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for name in listed.split('\0') {
        let is_built = name
            .split('/')
            .any(|part| matches!(part, "target" | "benchhost-out"))
            || [".so", ".rlib", ".rmeta", ".o"]
                .iter()
                .any(|ending| name.ends_with(ending));
        assert!(
            !is_built,
            "{name} is built, not written: git rm --cached it"
        );
    }
}
