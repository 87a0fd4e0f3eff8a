//! What a new plugin in Rust is built against, as it was when this program was built: the sources of plugin-api and of its
//! testkit, with manifests that need no workspace.

use anyhow::{Context as _, anyhow};
use toml::{Table, Value};

use super::{super::Failure, Made};

/// The lock file of benchhost.
pub(super) const LOCK: &str = include_str!("../../../../Cargo.lock");

const ROOT: &str = include_str!("../../../../Cargo.toml");
const API: &str = include_str!("../../../../plugin-api/Cargo.toml");
const TESTKIT: &str = include_str!("../../../../plugin-api/testkit/Cargo.toml");

const README: &str = "# sdk\n\nWhat this plugin is built against: the sources of `benchhost-plugin-api` and `benchhost-testkit` \
    as they came with the\nbenchhost that made this folder. Every benchhost of the same major version runs the plugin. \
    Nothing here is yours to edit;\n`benchhost new` in another folder makes the sources of a newer one.\n";

/// A file of the sources: where it goes, what is in it.
macro_rules! source {
    ($folder:literal, $file:literal) => {
        (
            concat!($folder, "/", $file),
            include_str!(concat!("../../../../", $folder, "/", $file)),
        )
    };
    ($folder:literal, $from:literal, $file:literal) => {
        (
            concat!($folder, "/", $file),
            include_str!(concat!("../../../", $from, "/", $file)),
        )
    };
}

/// All sources, by their path below `sdk/`.
const SOURCES: &[(&str, &str)] = &[
    source!("plugin-api", "README.md"),
    source!("plugin-api", "build.rs"),
    source!("plugin-api", "src/abi/c.rs"),
    source!("plugin-api", "src/abi/host.rs"),
    source!("plugin-api", "src/abi/mod.rs"),
    source!("plugin-api", "src/abi/root.rs"),
    source!("plugin-api", "src/abi/shim.rs"),
    source!("plugin-api", "src/abi/status.rs"),
    source!("plugin-api", "src/abi/types.rs"),
    source!("plugin-api", "src/ctx.rs"),
    source!("plugin-api", "src/describe.rs"),
    source!("plugin-api", "src/error.rs"),
    source!("plugin-api", "src/export.rs"),
    source!("plugin-api", "src/lib.rs"),
    source!("plugin-api", "src/manifest.rs"),
    source!("plugin-api", "src/meta.rs"),
    source!("plugin-api", "src/spans.rs"),
    source!("plugin-api", "src/work.rs"),
    source!("plugin-api", "src/workload.rs"),
    source!("testkit", "../plugin-api/testkit", "src/lib.rs"),
    source!("testkit", "../plugin-api/testkit", "src/report.rs"),
];

/// The files of `sdk/`.
///
/// # Errors
/// None that can happen: what is read is part of this program.
pub(super) fn files() -> Result<Vec<Made>, Failure> {
    let mut made: Vec<Made> = SOURCES
        .iter()
        .map(|(path, text)| (format!("sdk/{path}").into(), (*text).to_owned()))
        .collect();
    made.push(("sdk/README.md".into(), README.to_owned()));
    made.push(("sdk/plugin-api/Cargo.toml".into(), standalone(API)?));
    made.push(("sdk/testkit/Cargo.toml".into(), standalone(TESTKIT)?));
    Ok(made)
}

/// What benchhost's own workspace says about `package`.
///
/// # Errors
/// None that can happen.
pub(super) fn dependency(package: &str) -> Result<Value, Failure> {
    let root: Table = ROOT.parse().context("the manifest of benchhost")?;
    let known = root["workspace"]["dependencies"].get(package).cloned();
    let known = known.ok_or_else(|| anyhow!("benchhost is not built with `{package}`"))?;
    Ok(known)
}

/// The manifest `text` with everything in place that it takes from its workspace.
fn standalone(text: &str) -> Result<String, Failure> {
    let root: Table = ROOT.parse().context("the manifest of benchhost")?;
    let mut manifest: Table = text.parse().context("the manifest of the sdk")?;
    manifest.remove("lints");
    manifest.remove("dev-dependencies");
    for (table, shared) in [("package", "package"), ("dependencies", "dependencies")] {
        let Some(entries) = manifest.get_mut(table).and_then(Value::as_table_mut) else {
            continue;
        };
        for (key, value) in entries.iter_mut() {
            if value.get("workspace").is_none() {
                continue;
            }
            let shared = root["workspace"][shared].get(key);
            *value = shared
                .cloned()
                .ok_or_else(|| anyhow!("no `{key}` to inherit"))?;
            if value.get("path").is_some() {
                // The one package of ours that the other one needs.
                *value =
                    Table::from_iter([("path".to_owned(), Value::from("../plugin-api"))]).into();
            }
        }
    }
    Ok(toml::to_string(&manifest).context("cannot write a manifest")?)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn below(folder: &Path, at: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{at}/{}", entry.file_name().display());
            if entry.file_type().unwrap().is_dir() {
                below(&entry.path(), &name, found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_source_is_there() {
        let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-api");
        let mut files = Vec::new();
        below(&api.join("src"), "plugin-api/src", &mut files);
        below(&api.join("testkit/src"), "testkit/src", &mut files);

        for file in files {
            assert!(
                SOURCES.iter().any(|(path, _)| *path == file),
                "{file} is missing in SOURCES"
            );
        }
    }

    #[test]
    fn manifests_need_no_workspace() {
        for (path, text) in files().unwrap() {
            if path.ends_with("Cargo.toml") {
                assert!(!text.contains("workspace"), "{}: {text}", path.display());
                let table: Table = text.parse().unwrap();
                assert!(table["dependencies"].get("serde").is_some());
            }
        }
    }
}
