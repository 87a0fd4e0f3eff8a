//! `data.js` of github-action-benchmark: `window.BENCHMARK_DATA = {…}`, a whole history.
//!
//! Metric `value`; the case is the bench's name, with its suite before it when the file has several. The tool of each
//! run decides the direction, as in the action's own `biggerIsBetter`; an unknown tool has none. Time: `date`, when
//! the action ran, else the commit's. A run whose entry is broken fails the import.

use benchhost_record::Direction;

use crate::{
    Error, Import, SourceFile,
    json::{self, Json, Node},
    moment,
};

const VARIABLE: &str = "window.BENCHMARK_DATA";

/// The JSON inside; the text itself when it is JSON already.
pub(crate) fn inside(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.strip_prefix(VARIABLE) {
        Some(rest) => rest
            .trim_start()
            .trim_start_matches('=')
            .trim()
            .trim_end_matches(';'),
        None => text,
    }
}

pub(super) fn read(file: &SourceFile<'_>, into: &mut Import) -> Result<(), Error> {
    let json = json::parse(file.path, inside(file.text), into.format)?;
    let root = Node::root(file.path, into.format, &json);
    let suites: Vec<(&str, Node<'_>)> = root.field("entries")?.members()?.collect();
    let several = suites.len() > 1;
    for (suite, runs) in suites {
        for run in runs.items()? {
            let tool = run.field("tool")?.text()?;
            let commit = run.field("commit")?;
            let revision = commit.field("id")?.text()?;
            let time = time(&run, &commit)?;
            let direction = direction(tool);
            if direction == Direction::Neither {
                into.skip(
                    run.place(),
                    format!("tool `{tool}` is not known: its values have no direction"),
                );
            }
            for bench in run.field("benches")?.items()? {
                let mut entry = super::custom::bench(&bench, direction, into)?;
                if several {
                    entry.case = format!("{suite}/{}", entry.case);
                }
                entry.time_unix_s = time;
                entry.revision = Some(revision.to_owned());
                entry.label("suite", Some(suite.to_owned()));
                entry.label("tool", Some(tool.to_owned()));
                into.entries.push(entry);
            }
        }
    }
    Ok(())
}

fn time(run: &Node<'_>, commit: &Node<'_>) -> Result<Option<f64>, Error> {
    if let Some(date) = run.find("date") {
        return Ok(Some(date.number()? / 1e3));
    }
    let Some(written) = commit.find("timestamp") else {
        return Ok(None);
    };
    match written.json() {
        Json::Number(_) => Ok(Some(written.number()? / 1e3)),
        _ => moment::parse(written.text()?)
            .map(Some)
            .ok_or_else(|| written.wrong("a date")),
    }
}

/// Source: `biggerIsBetter` in src/write.ts of github-action-benchmark.
fn direction(tool: &str) -> Direction {
    match tool {
        "benchmarkjs" | "pytest" | "customBiggerIsBetter" => Direction::Higher,
        "cargo"
        | "go"
        | "googlecpp"
        | "catch2"
        | "julia"
        | "jmh"
        | "benchmarkdotnet"
        | "benchmarkluau"
        | "customSmallerIsBetter" => Direction::Lower,
        _ => Direction::Neither,
    }
}
