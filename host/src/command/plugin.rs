//! `benchhost plugin list | check | why`: what plugins there are, what one offers, and why one cannot be used.
//!
//! Calculates texts; the caller prints them.

mod attempt;
mod describe;
mod described;
mod lint;

use std::{fmt::Write, path::Path};

use anyhow::Context as _;

pub use described::DescribedPlugin;

use super::{Failure, table::table};
use crate::{
    cli::{HistoryFormat, PluginCheckArguments},
    exit,
    load::{
        Candidate, LoadError, Located, Reference, SearchPath, State, inspect, inspect_with, locate,
        read_manifest,
    },
    terminal,
};

/// This program, also when its file has been replaced since it was started.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Plugins on the search path: libraries by their manifest, which is read without opening them, and crate
/// directories, which are built on first use. Other libraries are passed over.
///
/// # Errors
/// None; the other commands have some.
pub fn list(search: &SearchPath) -> Result<(String, u8), Failure> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (name, candidate) in search.candidates() {
        rows.extend(row(name, &candidate));
    }
    if rows.is_empty() {
        let mut text = "no plugins found; looked in\n".to_owned();
        for folder in search.folders() {
            let _ = writeln!(text, "  {}", folder.display());
        }
        return Ok((text, exit::FINE));
    }
    rows.insert(
        0,
        ["NAME", "VERSION", "WORKLOADS", "FROM"].map(str::to_owned),
    );
    Ok((table(&rows), exit::FINE))
}

fn row(name: String, candidate: &Candidate) -> Option<[String; 4]> {
    match candidate {
        Candidate::Crate(path) => Some([
            name,
            "-".to_owned(),
            match path.join("Cargo.toml").is_file() {
                true => "built on first use".to_owned(),
                false => "opened on first use".to_owned(),
            },
            path.display().to_string(),
        ]),
        Candidate::Library(path) => match read_manifest(path) {
            Ok(None) => Some([
                name,
                "-".to_owned(),
                "in C, opened on first use".to_owned(),
                path.display().to_string(),
            ]),
            Ok(Some(manifest)) => Some([
                manifest.name,
                manifest.version,
                manifest.workloads.join(" "),
                path.display().to_string(),
            ]),
            Err(LoadError::NoPluginSymbol { .. }) => None,
            Err(error) => Some([
                name,
                "-".to_owned(),
                format!("unusable: {error}"),
                path.display().to_string(),
            ]),
        },
    }
}

/// Everything a plugin says about itself, after it was opened in a child, and what should be mended.
///
/// # Errors
/// Why the plugin cannot be used, with the last lines it wrote to stderr.
pub fn check(
    arguments: &PluginCheckArguments,
    search: &SearchPath,
) -> Result<(String, u8), Failure> {
    let plugin = find(&arguments.plugin, search)
        .and_then(|located| inspect(&located.path, Path::new(THIS_PROGRAM)))
        .map_err(|error| Failure::plugin(&error))?;
    let cases = match arguments.is_tried {
        true => match attempt::of(&plugin)? {
            Some(cases) => Some(cases),
            None => return Ok((String::new(), exit::INTERRUPTED)),
        },
        false => None,
    };
    let described = DescribedPlugin::of(&plugin, cases.as_deref());
    let text = match arguments.format {
        HistoryFormat::Table => describe::text(&described),
        HistoryFormat::Json => {
            let json = serde_json::to_string_pretty(&described);
            json.context("cannot write the description")? + "\n"
        }
    };
    let is_bad = described.has_failed() || arguments.strict && !described.lints.is_empty();
    Ok((text, if is_bad { exit::FAILED } else { exit::FINE }))
}

/// How far `plugin` comes on its way to being usable, and what stops it there.
///
/// # Errors
/// None: that a plugin cannot be used is the answer, with its own exit code.
pub fn why(plugin: &str, search: &SearchPath) -> Result<(String, u8), Failure> {
    let mut reached = None;
    let result = find(plugin, search).and_then(|located| {
        let mut state = State::Discovered;
        let result = inspect_with(&located.path, Path::new(THIS_PROGRAM), &mut state);
        reached = Some(state);
        result
    });
    let mut text = states(reached);
    let Err(error) = result else {
        return Ok((text, exit::FINE));
    };
    let _ = writeln!(text, "stopped: {error}");
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "hint: {hint}");
    }
    for line in error.stderr().lines() {
        let _ = writeln!(text, "  | {line}");
    }
    Ok((text, exit::PLUGIN))
}

fn find(plugin: &str, search: &SearchPath) -> Result<Located, LoadError> {
    let reference = Reference::parse(plugin, Path::new(""));
    locate(&reference, search, &mut |message| terminal::remark(message))
}

/// One line for each state: reached or not.
fn states(reached: Option<State>) -> String {
    let rows = [
        (State::Discovered, "discovered", "there is such a file"),
        (
            State::Sniffed,
            "sniffed",
            "a whole shared library for this machine",
        ),
        (
            State::ManifestRead,
            "manifest read",
            "it says which interface it speaks",
        ),
        (State::AbiOk, "abi ok", "this host speaks that interface"),
        (State::Probed, "probed", "a child process opened it"),
        (State::Ready, "ready", "its description makes sense"),
    ];
    let mut text = String::new();
    for (state, name, meaning) in rows {
        let mark = if reached >= Some(state) { "yes" } else { "no" };
        let _ = writeln!(text, "{mark:<4} {name:<14} {meaning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_was_not_reached_says_no() {
        let text = states(Some(State::ManifestRead));

        assert_eq!(text.matches("yes").count(), 3);
        assert!(text.contains("no   abi ok"));
        assert!(!states(None).contains("yes"));
    }
}
