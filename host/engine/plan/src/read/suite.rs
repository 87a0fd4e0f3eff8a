//! Reads a whole suite.

use toml::de::DeTable;

use crate::{
    error::Error,
    names::{A_NAME, is_name},
    plan::{GateTable, PluginSource},
    read::{
        benchmark,
        fields::{Fields, Item, Source},
        settings,
    },
    written::{BenchmarkFile, PlanFile, SettingsFile},
};

/// Keys at the top of a suite.
pub(crate) const KEYS: &[&str] = &[
    "name",
    "description",
    "seed",
    "defaults",
    "plugins",
    "benchmark",
    "tier",
    "gate",
];

/// Reads a suite.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn suite(source: &Source<'_>) -> Result<PlanFile, Error> {
    let syntax = |error: toml::de::Error| Error::Syntax {
        at: error
            .span()
            .map_or_else(|| source.whole(), |span| source.at(source.line(span.start))),
        message: error.message().replace('\n', ", "),
    };
    let root = DeTable::parse(source.text).map_err(syntax)?;
    let fields = Fields::new(source, root.get_ref(), "the suite", "", 0).only(KEYS)?;
    let name = fields.require("name", r#"the name of the suite, like "quick""#)?;
    Ok(PlanFile {
        name: name.name()?,
        question: fields.read("description", |item| item.text("a text"))?,
        seed: fields.read("seed", |item| item.whole(0))?,
        defaults: fields
            .read("defaults", |item| layer(item, "[defaults]"))?
            .unwrap_or_default(),
        tiers: fields.read("tier", tiers)?.unwrap_or_default(),
        plugins: fields.read("plugins", plugins)?.unwrap_or_default(),
        benchmarks: fields.read("benchmark", benchmarks)?.unwrap_or_default(),
        gates: fields.read("gate", gates)?.unwrap_or_default(),
    })
}

fn layer(item: &Item<'_>, name: &str) -> Result<SettingsFile, Error> {
    let fields = Fields::of(item, name, "", "a table of settings")?.only(settings::KEYS)?;
    settings::settings(&fields)
}

fn tiers(item: &Item<'_>) -> Result<std::collections::BTreeMap<String, SettingsFile>, Error> {
    let fields = Fields::of(item, "[tier]", "tier.", "tables like [tier.quick]")?;
    fields
        .iter()
        .map(|(key, _, value)| Ok((key.to_owned(), layer(value, &format!("[tier.{key}]"))?)))
        .collect()
}

fn plugins(item: &Item<'_>) -> Result<Vec<PluginSource>, Error> {
    const EXPECTED: &str = r#"a folder, a library or a name, like "../plugins/contrastive""#;
    let fields = Fields::of(item, "[plugins]", "plugins.", "a table of plugins")?;
    let mut plugins = Vec::new();
    for (key, line, value) in fields.iter() {
        if !is_name(key) {
            return Err(Error::Unexpected {
                at: value.source.at(line),
                key: value.path.clone(),
                found: "a key with other characters".to_owned(),
                expected: A_NAME.to_owned(),
            });
        }
        plugins.push(PluginSource {
            name: key.to_owned(),
            reference: value.text(EXPECTED)?,
            line: Some(line),
        });
    }
    Ok(plugins)
}

fn benchmarks(item: &Item<'_>) -> Result<Vec<BenchmarkFile>, Error> {
    item.elements("tables like [[benchmark]]")?
        .iter()
        .map(benchmark::benchmark)
        .collect()
}

/// Only the shape is checked here: the keys belong to the regression engine.
fn gates(item: &Item<'_>) -> Result<Vec<GateTable>, Error> {
    const EXPECTED: &str = "tables like [[gate]]";
    let elements = item.elements(EXPECTED)?;
    if let Some(element) = elements.iter().find(|e| !e.value.is_table()) {
        return Err(element.unexpected(EXPECTED));
    }
    let suite: toml::Table = item
        .source
        .text
        .parse()
        .expect("the text was valid TOML a moment ago");
    let tables = suite.get("gate").and_then(toml::Value::as_array);
    Ok(tables
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_table)
        .zip(&elements)
        .map(|(table, element)| GateTable {
            table: table.clone(),
            line: element.line,
        })
        .collect())
}
