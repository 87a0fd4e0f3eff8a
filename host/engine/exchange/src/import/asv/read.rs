//! The files of a results folder, and which is which.

use std::collections::BTreeMap;

use crate::{
    Error, Format, Import, SourceFile, case,
    json::{self, Json, Node},
};

use super::result;

const FORMAT: Format = Format::Asv;

pub(in crate::import) fn read(files: &[SourceFile<'_>], into: &mut Import) -> Result<(), Error> {
    let mut parsed = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".json")) {
        parsed.push((file, json::parse(file.path, file.text, FORMAT)?));
    }
    let mut benchmarks = None;
    let mut machines: BTreeMap<&str, String> = BTreeMap::new();
    let mut results = Vec::new();
    for (file, json) in &parsed {
        let root = Node::root(file.path, FORMAT, json);
        let (folder, name) = file.split();
        if root.find("commit_hash").is_some() || root.find("results").is_some() {
            results.push((folder, environment(&root, name), root));
        } else if name == "benchmarks.json" {
            expect_version(&root, &[2.0], "2")?;
            benchmarks = Some(root);
        } else if let Some(machine) = root.find("machine").and_then(|name| name.scalar()) {
            machines.insert(folder, machine);
        } else {
            into.skip(
                root.place(),
                "neither results, nor benchmarks.json, nor machine.json",
            );
        }
    }
    if results.is_empty() {
        return Err(Error::NoFile {
            format: FORMAT,
            given: files.len(),
            expected: "MACHINE/COMMIT-ENV.json with `commit_hash` and `results`",
        });
    }
    for (folder, environment, root) in &results {
        let here = results.iter().filter(|other| other.0 == *folder);
        let first = here.map(|other| &other.1).min();
        let before = into.entries.len();
        read_results(root, benchmarks.as_ref(), machines.get(folder), into)?;
        for entry in &mut into.entries[before..] {
            entry.label("environment", Some(environment.clone()));
            if Some(environment) != first {
                entry.case = case::with(&entry.case, "environment", environment);
            }
        }
    }
    Ok(())
}

/// `env_name`, which older files have in their name alone: `COMMIT-ENV.json`.
fn environment(root: &Node<'_>, name: &str) -> String {
    let named = root.find("env_name").and_then(|env| env.scalar());
    named.unwrap_or_else(|| {
        let stem = name.trim_end_matches(".json");
        stem.split_once('-').map_or(stem, |(_, env)| env).to_owned()
    })
}

fn read_results(
    root: &Node<'_>,
    benchmarks: Option<&Node<'_>>,
    machine: Option<&String>,
    into: &mut Import,
) -> Result<(), Error> {
    let version = expect_version(root, &[1.0, 2.0], "1 and 2")?;
    let revision = root.field("commit_hash")?.text()?;
    let date_ms = root.field("date")?.number()?;
    let named = root
        .find("params")
        .and_then(|params| params.find("machine")?.scalar());
    let machine = named.or_else(|| machine.cloned());
    let results = root.field("results")?;
    let columns = if version == 2.0 {
        Some(columns(root)?)
    } else {
        None
    };
    let before = into.entries.len();
    for (name, node) in results.members()? {
        let result = match &columns {
            Some(columns) => result::of_columns(&node, columns)?,
            None => result::of_version_1(&node)?,
        };
        result.push(
            name,
            &node,
            benchmarks.and_then(|all| all.find(name)).as_ref(),
            into,
        )?;
    }
    for entry in &mut into.entries[before..] {
        entry.machine.clone_from(&machine);
        entry.time_unix_s = Some(date_ms / 1e3);
        entry.revision = Some(revision.to_owned());
        entry.label("python", root.find("python").and_then(|node| node.scalar()));
        for (key, node) in requirements(root) {
            entry.label(&format!("requirement.{key}"), node.scalar());
        }
    }
    Ok(())
}

fn requirements<'a>(root: &Node<'a>) -> Vec<(&'a str, Node<'a>)> {
    let members = root
        .find("requirements")
        .and_then(|node| Some(node.members().ok()?.collect()));
    members.unwrap_or_default()
}

fn columns<'a>(root: &Node<'a>) -> Result<Vec<&'a str>, Error> {
    root.field("result_columns")?
        .items()?
        .map(|name| name.text())
        .collect()
}

fn expect_version(root: &Node<'_>, known: &[f64], words: &'static str) -> Result<f64, Error> {
    let version = root.field("version")?;
    match version.json() {
        Json::Number(number) if known.contains(number) => Ok(*number),
        _ => Err(version.unknown_version(words)),
    }
}
