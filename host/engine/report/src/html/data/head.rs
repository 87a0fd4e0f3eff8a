//! The run as a whole: what it was, where it ran, with which plugins.

use std::collections::BTreeMap;

use benchhost_record::{Git, Run, RunState};
use serde::Serialize;

use crate::{facts::unfinished, view::facts};

/// A run without its cases.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    id: &'a str,
    suite: Option<&'a str>,
    suite_path: Option<&'a str>,
    started: &'a str,
    finished: Option<&'a str>,
    state: RunState,
    /// What must not be overlooked about it.
    loud: Option<String>,
    planned: u64,
    command: &'a [String],
    seed: u64,
    git: &'a Option<Git>,
    host_version: &'a str,
    machine: &'a str,
    host_name: Option<&'a str>,
    environment: Vec<(String, String)>,
    /// Probes that looked.
    probes: Vec<&'a str>,
    absent_probes: &'a BTreeMap<String, String>,
    plugins: Vec<Plugin<'a>>,
}

/// A plugin of the run.
#[derive(Serialize)]
struct Plugin<'a> {
    name: &'a str,
    version: &'a str,
    path: &'a str,
    sha256: &'a str,
    api: &'a str,
    build: &'a BTreeMap<String, String>,
    rejected: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// The head of `run`.
    pub(super) fn of(run: &'a Run) -> Self {
        let plugin = |one: &'a benchhost_record::PluginRecord| Plugin {
            name: &one.name,
            version: &one.version,
            path: &one.path,
            sha256: &one.sha256,
            api: &one.api,
            build: &one.build,
            rejected: one.rejected.as_deref(),
        };
        Self {
            id: &run.id,
            suite: run.suite.as_ref().map(|suite| suite.name.as_str()),
            suite_path: run.suite.as_ref().map(|suite| suite.path.as_str()),
            started: &run.started,
            finished: run.finished.as_deref(),
            state: run.state,
            loud: unfinished(run),
            planned: run.planned_cases,
            command: &run.command,
            seed: run.seed,
            git: &run.git,
            host_version: &run.host_version,
            machine: &run.environment.fingerprint,
            host_name: run.environment.host_name.as_deref(),
            environment: facts(&run.environment),
            probes: run.probe_costs.keys().map(String::as_str).collect(),
            absent_probes: &run.absent_probes,
            plugins: run.plugins.iter().map(plugin).collect(),
        }
    }
}
