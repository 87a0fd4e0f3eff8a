//! What is not as it was in the run before: everything about the machine and the code that is recorded.

use std::collections::BTreeMap;

use benchhost_record::{Environment, Git, PluginRecord, Run, format_quantity};
use serde_json::Value;

use super::{Before, Difference};

/// What stands for something that is not known, not there, or not set.
const NOTHING: &str = "–";

/// Free memory and load are never the same twice; they differ when they differ by more than this.
const FREE_MEMORY_SHARE: f64 = 0.1;
const LOAD: f64 = 0.5;

/// Differences of `run` to the run before it: the machine first, then the host, the work tree and the plugins.
#[must_use]
pub fn differences(before: &Before, run: &Run) -> Vec<Difference> {
    let mut found = environment(&before.environment, &run.environment);
    let mut other = Pairs::default();
    other.put("host version", &before.host_version, &run.host_version);
    git(&mut other, before.git.as_ref(), run.git.as_ref());
    plugins(&mut other, &before.plugins, &run.plugins);
    found.extend(other.found);
    found
}

/// Everything that is known of a machine, as names and values for people: `cpu.model`, `gpus[0].name`.
pub(crate) fn facts(environment: &Environment) -> Vec<(String, String)> {
    let known = flat(environment).into_iter();
    let told = known.map(|(name, value)| {
        let value = text(&name, &value);
        (name, value)
    });
    told.collect()
}

/// Pairs that differ.
#[derive(Default)]
struct Pairs {
    found: Vec<Difference>,
}

impl Pairs {
    fn put(&mut self, what: impl Into<String>, before: &str, now: &str) {
        if before != now {
            let or_nothing = |text: &str| if text.is_empty() { NOTHING } else { text }.to_owned();
            self.found.push(Difference {
                what: what.into(),
                before: or_nothing(before),
                now: or_nothing(now),
            });
        }
    }
}

fn environment(before: &Environment, now: &Environment) -> Vec<Difference> {
    let (before, now) = (flat(before), flat(now));
    let mut found = Pairs::default();
    let nothing = Value::Null;
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort_by_key(|name| (rank(name), *name));
    names.dedup();
    for name in names {
        let old = before.get(name).unwrap_or(&nothing);
        let new = now.get(name).unwrap_or(&nothing);
        if !is_near(name, old, new) {
            found.put(name, &text(name, old), &text(name, new));
        }
    }
    found.found
}

/// The machine's fingerprint comes first: where it differs, it is another machine.
fn rank(name: &str) -> u8 {
    u8::from(name != "fingerprint")
}

/// Whether two values of what always moves are near enough to be the same.
fn is_near(name: &str, before: &Value, now: &Value) -> bool {
    let (Some(old), Some(new)) = (before.as_f64(), now.as_f64()) else {
        return before == now;
    };
    match name {
        "memory.available_bytes" => (new - old).abs() <= FREE_MEMORY_SHARE * old.abs(),
        "load_average_1min" => (new - old).abs() <= LOAD,
        _ => before == now,
    }
}

/// All fields by their paths, whatever there are: one that is added to the record is compared without a line here.
fn flat(environment: &Environment) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    let whole = serde_json::to_value(environment).unwrap_or_default();
    spread(String::new(), whole, &mut fields);
    fields
}

fn spread(path: String, value: Value, fields: &mut BTreeMap<String, Value>) {
    let below = |name: &str| match path.as_str() {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                spread(below(&name), value, fields);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.into_iter().enumerate() {
                spread(format!("{path}[{i}]"), value, fields);
            }
        }
        value => {
            fields.insert(path, value);
        }
    }
}

/// A value for people; amounts of memory with their unit.
fn text(name: &str, value: &Value) -> String {
    let is_bytes = name.ends_with("_bytes") || name.starts_with("cpu.cache_bytes.");
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) if is_bytes => {
            format_quantity(number.as_f64().unwrap_or(f64::NAN), "B")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn git(found: &mut Pairs, before: Option<&Git>, now: Option<&Git>) {
    let each = |of: fn(&Git) -> String| [before, now].map(|git| git.map_or_else(String::new, of));
    let [old, new] = each(|git| git.revision.clone());
    found.put("git revision", &old, &new);
    let [old, new] = each(|git| git.branch.clone().unwrap_or_default());
    found.put("git branch", &old, &new);
    let [old, new] = each(|git| if git.dirty { "changed" } else { "clean" }.to_owned());
    found.put("git work tree", &old, &new);
}

fn plugins(found: &mut Pairs, before: &[PluginRecord], now: &[PluginRecord]) {
    let mut names: Vec<&str> = now
        .iter()
        .chain(before)
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of =
            |plugins: &[PluginRecord]| plugins.iter().find(|one| one.name == name).map(facts_of);
        match (of(before), of(now)) {
            (Some(old), Some(new)) => {
                let keys: Vec<&String> = old.keys().chain(new.keys()).collect();
                let keys: std::collections::BTreeSet<&String> = keys.into_iter().collect();
                for key in keys {
                    let value = |facts: &BTreeMap<String, String>| {
                        facts.get(key).cloned().unwrap_or_default()
                    };
                    found.put(format!("plugin {name} {key}"), &value(&old), &value(&new));
                }
            }
            (None, Some(_)) => found.put(format!("plugin {name}"), "", "part of the run"),
            (Some(_), None) => found.put(format!("plugin {name}"), "part of the run", ""),
            (None, None) => {}
        }
    }
}

fn facts_of(plugin: &PluginRecord) -> BTreeMap<String, String> {
    let mut facts: BTreeMap<String, String> = plugin
        .build
        .iter()
        .map(|(key, value)| (format!("build {key}"), value.clone()))
        .collect();
    let mut put = |key: &str, value: &str| facts.insert(key.to_owned(), value.to_owned());
    put("version", &plugin.version);
    put("path", &plugin.path);
    put("sha256", &plugin.sha256);
    put("api", &plugin.api);
    put("refused", plugin.rejected.as_deref().unwrap_or_default());
    facts
}
