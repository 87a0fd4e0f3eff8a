//! Builds the plugins that are compared.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the host is a member of the workspace")
}

/// The folder with the libraries of an ordinary release build.
pub(crate) fn once() -> PathBuf {
    let target = root().join("target");
    build(root(), &target, &[]);
    target.join("release")
}

/// The folders of two builds of one source: the ordinary one, and one of a copy of the tree in another folder with one
/// codegen unit a crate.
pub(crate) fn twice() -> [PathBuf; 2] {
    let first = once();
    let folder = root().join("target/trust");
    let tree = folder.join("a/rather/longer/path/so/that/everything/moves");
    let _ = fs::remove_dir_all(&tree);
    copy(root(), &tree).expect("the tree can be copied");
    let target = folder.join("target");
    build(
        &tree,
        &target,
        &[("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")],
    );
    [first, target.join("release")]
}

fn build(tree: &Path, target: &Path, environment: &[(&str, &str)]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--locked",
            "-p",
            "fixture-kernels",
            "-p",
            "contrastive",
        ])
        .arg("--target-dir")
        .arg(target)
        .current_dir(tree)
        .envs(environment.iter().copied())
        .status()
        .expect("cargo starts");
    assert!(
        status.success(),
        "cannot build the plugins in {}",
        tree.display()
    );
}

/// Copies a folder without build outputs and without git's own.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if name != "target" && name != ".git" {
                copy(&entry.path(), &to.join(name))?;
            }
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
