//! The `Cargo.toml` of a new plugin in Rust.

use std::path::PathBuf;

use toml::{Table, Value};

use super::{super::Failure, place::Place, sdk};
use crate::cli::Template;

/// The text of the manifest of plugin `name`.
///
/// # Errors
/// None that can happen: it is made of valid tables.
pub(super) fn of(name: &str, template: Template, place: &Place) -> Result<String, Failure> {
    let with_candle = template != Template::Cpu;
    let mut text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{}{}{}publish = false\n\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
        inherited(place, "package", "edition").unwrap_or("edition = \"2024\"\n".to_owned()),
        inherited(place, "package", "rust-version").unwrap_or_default(),
        inherited(place, "package", "license").unwrap_or_default(),
    );
    if template == Template::CandleCuda {
        text.push_str(
            "\n[features]\n# Needs nvcc; `build.sh` asks for it where that is installed.\n\
             cuda = [\"candle-core/cuda\", \"candle-nn/cuda\"]\n",
        );
    }
    text.push_str("\n[dependencies]\n");
    text.push_str(&ours(place, "benchhost-plugin-api", "plugin-api"));
    if with_candle {
        for package in ["candle-core", "candle-nn"] {
            text.push_str(&known(place, package)?);
        }
    }
    text.push_str(&known(place, "serde")?);
    text.push_str("\n[dev-dependencies]\n");
    text.push_str(&ours(place, "benchhost-testkit", "testkit"));
    if place.is_member() {
        if place.shared("lints").is_some() {
            text.push_str("\n[lints]\nworkspace = true\n");
        }
        return Ok(text);
    }
    text.push_str("\n# Stands by itself, whatever lies above.\n[workspace]\n");
    if with_candle {
        text.push_str(
            "\n# Tests with optimised dependencies: candle is a hundred times slower without.\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n\
             [profile.dev.package.\"*\"]\nopt-level = 3\ndebug = false\n",
        );
    }
    text.push_str(
        "\n# What is measured. The symbol table stays, so that a backtrace has names.\n\
         [profile.release]\nlto = \"thin\"\nstrip = \"debuginfo\"\n",
    );
    Ok(text)
}

/// `key.workspace = true`, when the workspace has it.
fn inherited(place: &Place, table: &str, key: &str) -> Option<String> {
    place.shared(table)?.get(key)?;
    Some(format!("{key}.workspace = true\n"))
}

/// A dependency on a package of ours: of the workspace, by a path into the repository around, or into `sdk/`.
fn ours(place: &Place, package: &str, folder: &str) -> String {
    if let Some(line) = inherited(place, "dependencies", package) {
        return line;
    }
    let path = match place.api() {
        // The testkit lies in the folder of the API.
        Some(Some(api)) if folder == "testkit" => api.join(folder),
        Some(Some(api)) => api,
        _ => PathBuf::from("sdk").join(folder),
    };
    let path = Value::from(path.display().to_string());
    let value = Table::from_iter([("path".to_owned(), path)]);
    line(package, &value.into())
}

/// A dependency on a package that benchhost itself is built with, in the same version.
fn known(place: &Place, package: &str) -> Result<String, Failure> {
    match inherited(place, "dependencies", package) {
        Some(line) => Ok(line),
        None => Ok(line(package, &sdk::dependency(package)?)),
    }
}

/// `package = …` with the keys in the order in which people write them.
fn line(package: &str, value: &Value) -> String {
    let Some(table) = value.as_table() else {
        return format!("{package} = {value}\n");
    };
    let keys = ["version", "path", "default-features", "features"];
    let entries: Vec<String> = keys
        .iter()
        .filter_map(|key| Some(format!("{key} = {}", table.get(*key)?)))
        .collect();
    format!("{package} = {{ {} }}\n", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn by_itself_it_is_a_workspace_of_its_own() {
        let text = of(
            "hello",
            Template::Candle,
            &Place::of(Path::new("/nowhere/hello")),
        )
        .unwrap();

        let table: Table = text.parse().unwrap();
        assert!(table.contains_key("workspace"));
        assert_eq!(
            table["dependencies"]["benchhost-plugin-api"]["path"].as_str(),
            Some("sdk/plugin-api")
        );
        assert_eq!(
            table["dev-dependencies"]["benchhost-testkit"]["path"].as_str(),
            Some("sdk/testkit")
        );
        assert_eq!(
            table["dependencies"]["candle-core"]["default-features"].as_bool(),
            Some(false)
        );
        assert!(table["dependencies"]["serde"].get("features").is_some());
    }

    #[test]
    fn a_member_takes_what_its_workspace_has() {
        let root = tempfile::tempdir().unwrap();
        fs::write(
            root.path().join("Cargo.toml"),
            "[workspace]\nmembers = ['p/*']\n[workspace.package]\nedition = '2024'\n[workspace.lints.rust]\n\
             [workspace.dependencies]\nbenchhost-plugin-api = { path = 'api' }\nserde = '1'\n",
        )
        .unwrap();

        let text = of(
            "hello",
            Template::Cpu,
            &Place::of(&root.path().join("p/hello")),
        )
        .unwrap();

        let table: Table = text.parse().unwrap();
        assert!(!table.contains_key("workspace") && !table.contains_key("profile"));
        assert_eq!(
            table["package"]["edition"]["workspace"].as_bool(),
            Some(true)
        );
        assert_eq!(
            table["dependencies"]["serde"]["workspace"].as_bool(),
            Some(true)
        );
        assert_eq!(table["lints"]["workspace"].as_bool(), Some(true));
    }
}
