//! From what was typed to a plan whose plugins are loaded and whose parameters are known to exist.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use benchhost_plan::{
    KnownParam, KnownWorkload, Offer, Overrides, ParamKind, Pin, Plan, PluginSource,
};
use benchhost_plugin_api::meta::{ParamSpec, WorkloadMeta};
use benchhost_record::{PluginRecord, SuiteSource};
use sha2::{Digest as _, Sha256};

use super::{Failure, params::params};
use crate::{
    cli::RunArguments,
    load::{self, LoadError, Plugin, Reference, SearchPath},
    meant,
    run::{PluginState, usable_cpus},
    terminal,
};

/// Suites that are named when one is not found.
const MOST_NAMED: usize = 8;

/// A plan and what is known about its plugins.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) suite: Option<SuiteSource>,
    /// Folder that relative paths of the suite start from.
    pub(super) folder: PathBuf,
    /// By the name the plan uses.
    pub(super) plugins: BTreeMap<String, PluginState>,
    pub(super) records: Vec<PluginRecord>,
}

/// The plan alone, for `--dry-run`: no plugin of a suite is built or loaded.
pub(super) fn plan_only(arguments: &RunArguments) -> Result<Plan, Failure> {
    match &arguments.suite {
        Some(path) => Ok(read_suite(path, arguments)?.0),
        None => Ok(prepare(arguments)?.plan),
    }
}

/// The plan with its plugins.
pub(super) fn prepare(arguments: &RunArguments) -> Result<Prepared, Failure> {
    let search = SearchPath::from_env();
    let Some(path) = &arguments.suite else {
        return prepare_without_suite(arguments, &search);
    };
    let (plan, suite) = read_suite(path, arguments)?;
    let mut prepared = Prepared::new(plan, Some(suite));
    prepared.folder = suite_folder(path);
    for source in prepared.plan.plugins.clone() {
        let base = if source.line.is_some() {
            prepared.folder.clone()
        } else {
            PathBuf::new()
        };
        let loaded = load_plugin(&source.reference, &base, &search);
        prepared.add(&source, loaded);
    }
    prepared.settle()
}

/// `benchhost run --plugin P`: every workload with its defaults.
fn prepare_without_suite(
    arguments: &RunArguments,
    search: &SearchPath,
) -> Result<Prepared, Failure> {
    if arguments.plugin.is_empty() {
        return Err(
            Failure::usage("nothing to run: neither a suite nor a plugin was given").hint(
                "name a suite, like `benchhost run configs/quick.toml`, or a plugin, like \
                   `benchhost run --plugin ./my-plugin`",
            ),
        );
    }
    let mut offers = Vec::new();
    let mut loaded = Vec::new();
    for typed in &arguments.plugin {
        let (given, reference) = split_plugin(typed);
        let plugin =
            load_plugin(reference, Path::new(""), search).map_err(|e| Failure::plugin(&e))?;
        let name = given.map_or_else(|| plugin.meta.name.clone(), str::to_owned);
        let workloads = plugin
            .meta
            .workloads
            .iter()
            .map(|w| w.name.clone())
            .collect();
        offers.push(Offer {
            plugin: name.clone(),
            reference: reference.to_owned(),
            workloads,
        });
        loaded.push((name, plugin));
    }
    let plan =
        benchhost_plan::adhoc(&offers, &overrides(arguments, true)?).map_err(plan_failure)?;
    let mut prepared = Prepared::new(plan, None);
    for (name, plugin) in loaded {
        let reference = plugin.path.display().to_string();
        prepared.add(
            &PluginSource {
                name,
                reference,
                line: None,
            },
            Ok(plugin),
        );
    }
    prepared.settle()
}

impl Prepared {
    fn new(plan: Plan, suite: Option<SuiteSource>) -> Self {
        let folder = PathBuf::from(".");
        Self {
            plan,
            suite,
            folder,
            plugins: BTreeMap::new(),
            records: Vec::new(),
        }
    }

    fn add(&mut self, source: &PluginSource, loaded: Result<Plugin, LoadError>) {
        match loaded {
            Ok(plugin) => {
                self.records.push(record(source, &plugin));
                self.plugins.insert(source.name.clone(), Ok(plugin));
            }
            Err(error) => {
                let reason = format!("plugin `{}` was refused: {error}", source.name);
                let mut failure = Failure::plugin(&error);
                failure.message =
                    format!("cannot load plugin `{}`: {}", source.name, failure.message);
                terminal::complain(&failure);
                self.records.push(refused_record(source, &error));
                self.plugins.insert(source.name.clone(), Err(reason));
            }
        }
    }

    /// Checks workloads and parameters against what the loaded plugins say. Benchmarks of refused plugins stay in
    /// the plan: they are skipped, and said to be.
    fn settle(mut self) -> Result<Self, Failure> {
        let known: Vec<KnownWorkload> = self
            .plugins
            .iter()
            .filter_map(|(name, state)| Some((name, state.as_ref().ok()?)))
            .flat_map(|(name, plugin)| {
                plugin
                    .meta
                    .workloads
                    .iter()
                    .map(move |workload| known_workload(name, workload))
            })
            .collect();
        benchhost_plan::check_params(&mut self.plan, &known).map_err(plan_failure)?;
        check_pins(&self.plan)?;
        Ok(self)
    }

    /// Whether at least one plugin can be run.
    pub(super) fn anything_loaded(&self) -> bool {
        self.plugins.values().any(Result::is_ok)
    }
}

/// A CPU that a benchmark is pinned to must be one that this process may use.
pub(super) fn check_pins(plan: &Plan) -> Result<(), Failure> {
    let usable = usable_cpus();
    for benchmark in &plan.benchmarks {
        let Pin::Cpus(cpus) = &benchmark.settings.pin else {
            continue;
        };
        if let Some(cpu) = cpus.iter().find(|cpu| !usable.contains(&(**cpu as u32))) {
            return Err(Failure::usage(format!(
                "{}:{}: benchmark `{}`: `pin` names CPU {cpu}, this process may use {usable:?}",
                plan.file, benchmark.line, benchmark.name
            )));
        }
    }
    Ok(())
}

/// The folder of the suite's file; `.` for a bare name.
pub(super) fn suite_folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn read_suite(path: &Path, arguments: &RunArguments) -> Result<(Plan, SuiteSource), Failure> {
    read_plan(path, &overrides(arguments, false)?)
}

/// A way out when there is no such suite: those that lie beside it, or none at all.
fn beside(path: &Path) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut suites: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    suites.sort();
    suites.truncate(MOST_NAMED);
    if let Some(meant) = meant::beside(path, ".toml") {
        format!("did you mean `{meant}`?")
    } else if suites.is_empty() {
        "name a suite, like configs/quick.toml, or run a plugin without one: \
         `benchhost run --plugin ./my-plugin`"
            .to_owned()
    } else {
        format!("beside it there are: {}", suites.join(", "))
    }
}

/// The plan of the suite at `path`, and which file that was.
pub(super) fn read_plan(
    path: &Path,
    overrides: &Overrides,
) -> Result<(Plan, SuiteSource), Failure> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read the suite `{name}`: {error}")).hint(beside(path))
    })?;
    let plan = benchhost_plan::parse(&text, &name, overrides).map_err(plan_failure)?;
    let sha256 = Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let suite = SuiteSource {
        name: plan.name.clone(),
        path: name,
        sha256,
    };
    Ok((plan, suite))
}

fn overrides(arguments: &RunArguments, without_suite: bool) -> Result<Overrides, Failure> {
    let plugins = arguments
        .plugin
        .iter()
        .filter(|_| !without_suite)
        .map(|typed| {
            let (name, reference) = split_plugin(typed);
            let name = name.map_or_else(|| benchhost_plan::plugin_name(reference), str::to_owned);
            (name, reference.to_owned())
        });
    let max_time_ns = arguments
        .max_time
        .as_deref()
        .map(benchhost_plan::parse_duration)
        .transpose();
    Ok(Overrides {
        tier: arguments.tier.clone(),
        filter: arguments.filter.clone(),
        seed: arguments.seed,
        repetitions: arguments.repetitions,
        max_time_ns: max_time_ns.map_err(|error| Failure::usage(format!("--max-time: {error}")))?,
        plugins: plugins.collect(),
        params: params("--param", &arguments.param)?,
    })
}

/// `NAME=PLUGIN` or `PLUGIN`.
fn split_plugin(typed: &str) -> (Option<&str>, &str) {
    match typed.split_once('=') {
        Some((name, reference)) if !name.is_empty() && !name.contains('/') => {
            (Some(name), reference)
        }
        _ => (None, typed),
    }
}

fn load_plugin(text: &str, base: &Path, search: &SearchPath) -> Result<Plugin, LoadError> {
    let reference = Reference::parse(text, base);
    let located = load::locate(&reference, search, &mut |message| terminal::remark(message))?;
    load::inspect(&located.path, Path::new("/proc/self/exe"))
}

pub(super) fn plan_failure(error: benchhost_plan::Error) -> Failure {
    Failure::usage(error.to_string())
}

pub(super) fn known_workload(plugin: &str, workload: &WorkloadMeta) -> KnownWorkload {
    KnownWorkload {
        plugin: plugin.to_owned(),
        workload: workload.name.clone(),
        params: workload.params.iter().map(known_param).collect(),
    }
}

fn known_param(spec: &ParamSpec) -> KnownParam {
    let kind = match &spec.default {
        Some(toml::Value::Boolean(_)) => ParamKind::Bool,
        Some(toml::Value::Integer(_)) => ParamKind::Int,
        Some(toml::Value::Float(_)) => ParamKind::Float,
        Some(toml::Value::String(_)) => ParamKind::Text,
        Some(toml::Value::Array(_)) => ParamKind::List,
        _ => ParamKind::Any,
    };
    KnownParam {
        name: spec.name.clone(),
        kind,
        min: spec.min,
        max: spec.max,
        choices: spec.choices.clone(),
    }
}

fn record(source: &PluginSource, plugin: &Plugin) -> PluginRecord {
    let build = match toml::Table::try_from(&plugin.manifest.build) {
        Ok(table) => table
            .into_iter()
            .map(|(key, value)| match value {
                toml::Value::String(text) => (key, text),
                other => (key, other.to_string()),
            })
            .collect(),
        Err(_) => BTreeMap::new(),
    };
    PluginRecord {
        name: source.name.clone(),
        path: plugin.path.display().to_string(),
        sha256: plugin.identity.sha256.clone(),
        version: plugin.meta.version.clone(),
        api: plugin.meta.api.clone(),
        build,
        rejected: None,
    }
}

fn refused_record(source: &PluginSource, error: &LoadError) -> PluginRecord {
    PluginRecord {
        name: source.name.clone(),
        path: source.reference.clone(),
        sha256: String::new(),
        version: String::new(),
        api: String::new(),
        build: BTreeMap::new(),
        rejected: Some(error.to_string()),
    }
}
