//! Reads a `[[benchmark]]`.

use std::collections::BTreeMap;

use crate::{
    against::Against,
    error::Error,
    plan::Target,
    read::{
        fields::{Fields, Item},
        search, settings, sweep,
    },
    target,
    written::BenchmarkFile,
};

/// Keys of a benchmark besides the settings and those of its sweep.
pub(crate) const KEYS: &[&str] = &[
    "name",
    "plugin",
    "workload",
    "tiers",
    "targets",
    "untracked",
    "scale",
    "search",
    "against",
];

/// Keys of an `against` that is a table.
pub(crate) const AGAINST_KEYS: &[&str] = &["benchmark", "differ-in"];

pub(crate) fn benchmark(item: &Item<'_>) -> Result<BenchmarkFile, Error> {
    let known = [KEYS, sweep::KEYS, settings::KEYS].concat();
    let fields =
        Fields::of(item, "[[benchmark]]", "", "tables like [[benchmark]]")?.only(&known)?;
    let name = fields
        .require("name", r#"a name of its own, like "training""#)?
        .name()?;
    let plugin = fields.require("plugin", "the name of a plugin in [plugins]")?;
    let workload = fields.require("workload", "the name of a workload of the plugin")?;
    Ok(BenchmarkFile {
        plugin: plugin.name()?,
        plugin_line: plugin.line,
        workload: workload.name()?,
        line: item.line,
        tiers: fields.read("tiers", tiers)?.unwrap_or_default(),
        settings: settings::settings(&fields)?,
        sweep: sweep::sweep(&fields, &name)?,
        grows: fields.read("scale", scale)?.flatten(),
        search: fields.read("search", search::search)?,
        against: fields.read("against", against)?,
        targets: fields.read("targets", targets)?.unwrap_or_default(),
        untracked: fields.read("untracked", untracked)?.unwrap_or_default(),
        name,
    })
}

/// The parameter that grows with threads and instances, with its line; `None` when the work is shared out.
fn scale(item: &Item<'_>) -> Result<Option<(String, usize)>, Error> {
    const EXPECTED: &str =
        r#""strong", or a table like { weak = "batch" } that names the parameter to grow"#;
    if item.as_text() == Some("strong") {
        return Ok(None);
    }
    let fields = Fields::of(item, "`scale`", "scale.", EXPECTED)?.only(&["weak"])?;
    let weak = fields.require("weak", EXPECTED)?;
    Ok(Some((weak.text(EXPECTED)?, weak.line)))
}

/// A name, or a name and what the two differ in.
fn against(item: &Item<'_>) -> Result<Against, Error> {
    const EXPECTED: &str = r#"the name of a benchmark, or a table like { benchmark = "NAME", differ-in = ["encoder"] }"#;
    const A_LIST: &str = r#"a list of parameters like ["encoder"]"#;
    let line = item.line;
    if item.as_text().is_some() {
        return Ok(Against {
            benchmark: item.name()?,
            differ_in: Vec::new(),
            line,
        });
    }
    let fields = Fields::of(item, "`against`", "against.", EXPECTED)?.only(AGAINST_KEYS)?;
    let differ_in = fields.read("differ-in", |item| {
        let elements = item.elements(A_LIST)?;
        let keys = elements.iter().map(|element| element.text(A_LIST));
        keys.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(Against {
        benchmark: fields.require("benchmark", EXPECTED)?.name()?,
        differ_in: once(differ_in.unwrap_or_default()),
        line,
    })
}

/// Each key once, in the order in which they were written.
fn once(keys: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for key in keys {
        if !kept.contains(&key) {
            kept.push(key);
        }
    }
    kept
}

/// Parameters that are no part of a case's name.
fn untracked(item: &Item<'_>) -> Result<Vec<(String, usize)>, Error> {
    const EXPECTED: &str = r#"a list of parameters like ["path"]"#;
    item.elements(EXPECTED)?
        .iter()
        .map(|element| Ok((element.text(EXPECTED)?, element.line)))
        .collect()
}

/// At least one, or the benchmark could never run.
fn tiers(item: &Item<'_>) -> Result<Vec<String>, Error> {
    const EXPECTED: &str = r#"a list of names like ["quick", "nightly"]"#;
    let tiers: Vec<String> = item
        .elements(EXPECTED)?
        .iter()
        .map(|element| element.text(EXPECTED))
        .collect::<Result<_, _>>()?;
    if tiers.is_empty() {
        return Err(item.unexpected(EXPECTED));
    }
    Ok(tiers)
}

fn targets(item: &Item<'_>) -> Result<BTreeMap<String, Target>, Error> {
    let fields = Fields::of(item, "`targets`", "targets.", "a table of bounds by metric")?;
    let mut targets = BTreeMap::new();
    for (metric, line, value) in fields.iter() {
        let parsed = value.as_text().and_then(|text| target::parse(text, line));
        let target = parsed.ok_or_else(|| value.unexpected(target::A_TARGET))?;
        targets.insert(metric.to_owned(), target);
    }
    Ok(targets)
}
