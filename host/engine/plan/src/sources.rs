//! Where the plugins of a plan come from: the suite, with the command line on top.

use std::collections::BTreeMap;

use crate::{
    error::Error,
    names::plugin_name,
    place::WayOut,
    plan::{Benchmark, Overrides, PluginSource},
    read::Source,
    written::{BenchmarkFile, PlanFile},
};

/// Plugins by name: those of the suite, with those of the command line in their place or beside them.
pub(crate) fn plugins(
    written: &PlanFile,
    source: &Source<'_>,
    overrides: &Overrides,
) -> Result<BTreeMap<String, PluginSource>, Error> {
    let from_suite = written.plugins.iter().cloned();
    let mut plugins: BTreeMap<String, PluginSource> = from_suite
        .map(|plugin| (plugin.name.clone(), plugin))
        .collect();
    for (name, reference) in &overrides.plugins {
        let name = matching(name, &written.benchmarks);
        if plugins
            .get(&name)
            .is_some_and(|plugin| plugin.line.is_none())
        {
            return Err(Error::DuplicatePlugin {
                at: source.whole(),
                plugin: name,
            });
        }
        if !written.benchmarks.iter().any(|b| b.plugin == name) {
            return Err(unused(name, &written.benchmarks, source));
        }
        let plugin = PluginSource {
            name: name.clone(),
            reference: reference.clone(),
            line: None,
        };
        plugins.insert(name, plugin);
    }
    let known: Vec<&str> = plugins.keys().map(String::as_str).collect();
    for benchmark in &written.benchmarks {
        if !plugins.contains_key(&benchmark.plugin) {
            return Err(Error::UnknownPlugin {
                at: source.at(benchmark.plugin_line),
                benchmark: benchmark.name.clone(),
                plugin: benchmark.plugin.clone(),
                way_out: WayOut::of(&benchmark.plugin, &known),
            });
        }
    }
    Ok(plugins)
}

/// The name as benchmarks write it; a file's stem like `my_plugin` stands for `my-plugin`.
fn matching(name: &str, benchmarks: &[BenchmarkFile]) -> String {
    let stem = plugin_name(name);
    let found = benchmarks
        .iter()
        .find(|b| b.plugin == name)
        .or_else(|| benchmarks.iter().find(|b| plugin_name(&b.plugin) == stem));
    found.map_or(stem, |b| b.plugin.clone())
}

fn unused(plugin: String, benchmarks: &[BenchmarkFile], source: &Source<'_>) -> Error {
    let mut used: Vec<String> = benchmarks.iter().map(|b| b.plugin.clone()).collect();
    used.sort();
    used.dedup();
    Error::UnusedPlugin {
        at: source.whole(),
        way_out: WayOut::of(&plugin, &used),
        plugin,
    }
}

/// The plugins that the benchmarks use.
pub(crate) fn used(
    plugins: BTreeMap<String, PluginSource>,
    benchmarks: &[Benchmark],
) -> Vec<PluginSource> {
    let is_used = |plugin: &PluginSource| benchmarks.iter().any(|b| b.plugin == plugin.name);
    plugins.into_values().filter(is_used).collect()
}
