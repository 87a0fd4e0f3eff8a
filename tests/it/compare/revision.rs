//! `--rev BASE..CAND --plugin DIR`: revisions of a crate in a git repository.

use std::process::Command;

use crate::support::{Sandbox, root};

/// Runs git in `folder`.
fn git(folder: &std::path::Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// A repository with a plugin crate whose iteration does `work` steps.
fn repository(sandbox: &Sandbox) -> std::path::PathBuf {
    let api = root().join("plugin-api");
    sandbox.write(
        "repo/plug/Cargo.toml",
        format!(
            "[package]\nname = 'plug'\nversion = '0.1.0'\nedition = '2024'\n[lib]\ncrate-type = ['cdylib']\n\
             [workspace]\n[dependencies]\nbenchhost-plugin-api = {{ path = '{}' }}\n",
            api.display()
        ),
    );
    std::fs::copy(
        root().join("Cargo.lock"),
        sandbox.path().join("repo/plug/Cargo.lock"),
    )
    .unwrap();
    let folder = sandbox.path().join("repo");
    set_work(sandbox, 20_000);
    git(&folder, &["init", "-q", "-b", "trunk"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    folder
}

fn set_work(sandbox: &Sandbox, work: u64) {
    sandbox.write(
        "repo/plug/src/lib.rs",
        format!(
            "use benchhost_plugin_api::prelude::*;\n\
             pub struct Loop;\n\
             impl Workload for Loop {{\n\
               type Config = ();\n\
               fn describe() -> Description {{ Description::new(\"Counts.\") }}\n\
               fn create(_: (), _: &Ctx) -> Result<Self, Error> {{ Ok(Self) }}\n\
               fn iterate(&mut self) -> Result<Digest, Error> {{\n\
                 let sum = (0..{work}u64).fold(1u64, |sum, i| std::hint::black_box(sum.wrapping_mul(31) ^ i));\n\
                 Ok(sum.into())\n\
               }}\n\
               fn verify(&mut self) -> Result<(), Error> {{ Ok(()) }}\n\
             }}\n\
             export_plugin! {{ name: \"plug\", summary: \"Counts.\", workloads: {{ \"loop\" => Loop }} }}\n"
        ),
    );
}

#[test]
fn a_revision_is_compared_with_the_work_tree_as_it_is() {
    let sandbox = Sandbox::new();
    let folder = repository(&sandbox);
    set_work(&sandbox, 40_000);
    let crate_dir = folder.join("plug");
    let cache = sandbox.path().join("cache");
    let arguments = [
        "compare",
        "--rev",
        "HEAD..",
        "--plugin",
        crate_dir.to_str().unwrap(),
        "--format",
        "json",
    ];

    let mut command = sandbox.command(&arguments);
    command.env("XDG_CACHE_HOME", &cache);
    // Two builds of all dependencies: without optimisation they take half the time.
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    let output = crate::support::finish(&mut command);

    let json: serde_json::Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let found = &json["comparisons"][0];
    assert_eq!(
        (found["verdict"].as_str(), output.code),
        (Some("slower"), Some(4)),
        "{output:?}"
    );
    assert!(
        (1.8..2.2).contains(&found["ratio"].as_f64().unwrap()),
        "twice the work: {found}"
    );
    let worktrees = Command::new("git")
        .arg("-C")
        .arg(&folder)
        .args(["worktree", "list"])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&worktrees.stdout).lines().count(),
        1,
        "nothing is left behind"
    );
}

#[test]
fn revisions_that_cannot_be_are_refused_with_a_sentence() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path().join("repo");
    sandbox.write(
        "repo/plug/Cargo.toml",
        "[package]\nname = 'plug'\nversion = '0.1.0'\n",
    );
    git(&folder, &["init", "-q", "-b", "trunk"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    let run = |range: &str, dir: &str| {
        sandbox.run(&[
            "compare",
            "--rev",
            range,
            "--plugin",
            sandbox.path().join(dir).to_str().unwrap(),
        ])
    };

    let unknown = run("nowhere..HEAD", "repo/plug");
    assert!(unknown.stderr.contains("nowhere"), "{unknown:?}");
    assert_eq!(unknown.code, Some(3));
    let second = run("HEAD..nowhere", "repo/plug");
    assert!(
        second.stderr.contains("nowhere") && !second.stderr.contains("building"),
        "told before the first revision is built: {second:?}"
    );
    assert_eq!(second.code, Some(3));
    let range = run("HEAD", "repo/plug");
    assert!(range.stderr.contains("--rev: "), "{range:?}");
    assert_eq!(range.code, Some(2));
    let alone = sandbox.run(&["compare", "--rev", "A..B"]);
    assert!(alone.stderr.contains("--plugin"), "{alone:?}");
    assert_eq!(alone.code, Some(2));
}
