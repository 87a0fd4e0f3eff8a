//! Leads one file through all states, and keeps what was learnt on the way.

use std::{
    fs,
    path::{Path, PathBuf},
};

use benchhost_plugin_api::{
    manifest::Manifest,
    meta::{META_SCHEMA, PluginMeta},
};

use super::{
    Identity, LoadError, OpenTimings,
    folder::{self, is_folder_file},
    locate::canonical,
    probe::{self, PROBE_SECONDS},
    sniff::sniff,
};

/// How long a process may take to describe itself, in s: interpreters are slow to start.
const PROCESS_SECONDS: u64 = 30;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// There is such a file.
    Discovered,
    /// It is a shared library for this machine, and whole.
    Sniffed,
    /// It says which interface it speaks.
    ManifestRead,
    /// The host speaks that interface.
    AbiOk,
    /// A child process opened it and got a description.
    Probed,
    /// The description makes sense: it can be run.
    Ready,
}

/// A plugin that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Canonical path of the library.
    pub path: PathBuf,
    /// Which file it is.
    pub identity: Identity,
    /// What the file says without being opened.
    pub manifest: Manifest,
    /// What the opened plugin says.
    pub meta: PluginMeta,
    /// How long opening it took in the child.
    pub timings: OpenTimings,
}

/// Looks at the library at `path`. `exe` is this program, which is started as `exe __probe PATH` to open it.
///
/// # Errors
/// Any [`LoadError`] but those of searching and building.
pub fn inspect(path: &Path, exe: &Path) -> Result<Plugin, LoadError> {
    inspect_with(path, exe, &mut State::Discovered)
}

/// As [`inspect`]; `state` tells afterwards how far the file came.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_with(path: &Path, exe: &Path, state: &mut State) -> Result<Plugin, LoadError> {
    let path = canonical(path)?;
    let bytes = read(&path)?;
    *state = State::Discovered;
    let is_process = is_folder_file(&path);
    let manifest = if is_process {
        folder::read(&path)?;
        None
    } else {
        let sniffed = sniff(&path, &bytes)?;
        *state = State::Sniffed;
        sniffed.manifest(state)?
    };
    let seconds = if is_process {
        PROCESS_SECONDS
    } else {
        PROBE_SECONDS
    };
    let answer = probe::probe(&path, exe, seconds)?;
    *state = State::Probed;
    let meta = parse_meta(&path, &answer.meta)?;
    check_names(&path, &meta, manifest.is_none())?;
    let manifest = match manifest {
        Some(manifest) => {
            check_agreement(&path, &manifest, &meta)?;
            manifest
        }
        None => manifest_of(if is_process { PROCESS } else { C }, &meta),
    };
    *state = State::Ready;
    let identity = if is_process {
        Identity::of(&path)
    } else {
        Identity::of_bytes(&path, &bytes)
    };
    let identity = identity.map_err(|e| unreadable(&path, &e))?;
    Ok(Plugin {
        path,
        identity,
        manifest,
        meta,
        timings: answer.timings,
    })
}

/// Kind of a plugin in C, and of one that is a process.
pub(super) const C: &str = "c";
const PROCESS: &str = "process";

impl Plugin {
    /// Whether it is a process of its own, which times itself.
    #[must_use]
    pub fn is_process(&self) -> bool {
        self.manifest.kind == PROCESS
    }
}

/// What the manifest would say of a plugin that has none.
fn manifest_of(kind: &str, meta: &PluginMeta) -> Manifest {
    Manifest {
        schema: meta.schema,
        kind: kind.to_owned(),
        name: meta.name.clone(),
        version: meta.version.clone(),
        api: meta.api.clone(),
        workloads: meta.workloads.iter().map(|w| w.name.clone()).collect(),
        build: meta.build.clone().unwrap_or_default(),
    }
}

/// Names that descriptions get wrong: none, or one twice. In what is written by hand parameters too.
fn check_names(path: &Path, meta: &PluginMeta, by_hand: bool) -> Result<(), LoadError> {
    let invalid = |reason: String| {
        Err(LoadError::MetaInvalid {
            path: path.to_owned(),
            line: None,
            reason,
        })
    };
    if meta.name.is_empty() {
        return invalid("the plugin has no name".to_owned());
    }
    for (index, workload) in meta.workloads.iter().enumerate() {
        if workload.name.is_empty() {
            return invalid(format!("workload {} has no name", index + 1));
        }
        if meta.workloads[..index]
            .iter()
            .any(|w| w.name == workload.name)
        {
            return invalid(format!("workload `{}` is there twice", workload.name));
        }
        let params = &workload.params;
        let twice =
            (1..params.len()).find(|at| params[..*at].iter().any(|p| p.name == params[*at].name));
        if let Some(at) = twice.filter(|_| by_hand) {
            return invalid(format!(
                "parameter `{}` of workload `{}` is described twice",
                params[at].name, workload.name
            ));
        }
    }
    Ok(())
}

/// The manifest of the library at `path`, which is not opened; none for a plugin in C.
///
/// # Errors
/// Those of [`inspect`] that need no child.
pub fn read_manifest(path: &Path) -> Result<Option<Manifest>, LoadError> {
    sniff(path, &read(path)?)?.manifest(&mut State::Sniffed)
}

/// Content of a regular file; anything else might block for ever.
fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let meta = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !meta.is_file() {
        let found = if meta.is_dir() {
            "a directory"
        } else {
            "a device, pipe or socket"
        };
        return Err(LoadError::NotRegular {
            path: path.to_owned(),
            found: found.to_owned(),
        });
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> LoadError {
    LoadError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// Reads the description `text` that a plugin gave.
fn parse_meta(path: &Path, text: &str) -> Result<PluginMeta, LoadError> {
    let invalid = |line, reason: &str| LoadError::MetaInvalid {
        path: path.to_owned(),
        line,
        reason: reason.trim().to_owned(),
    };
    let at_line = |error: &toml::de::Error| {
        let before = text.get(..error.span()?.start)?;
        Some(1 + before.matches('\n').count())
    };
    let table: toml::Table =
        toml::from_str(text).map_err(|error| invalid(at_line(&error), error.message()))?;
    if let Some(error) = table.get("error") {
        return Err(invalid(
            None,
            error.as_str().unwrap_or("it is only an error"),
        ));
    }
    let meta: PluginMeta =
        toml::from_str(text).map_err(|error| invalid(at_line(&error), error.message()))?;
    if meta.schema > META_SCHEMA {
        let schema = meta.schema;
        let reason = format!("its form is {schema}, this host reads up to {META_SCHEMA}");
        return Err(invalid(None, &reason));
    }
    Ok(meta)
}

/// The manifest and the description come from one macro; where they differ, the file was patched together.
fn check_agreement(path: &Path, manifest: &Manifest, meta: &PluginMeta) -> Result<(), LoadError> {
    let mut workloads: Vec<&str> = meta.workloads.iter().map(|w| w.name.as_str()).collect();
    let mut listed: Vec<&str> = manifest.workloads.iter().map(String::as_str).collect();
    workloads.sort_unstable();
    listed.sort_unstable();
    let rows = [
        ("name", manifest.name.clone(), meta.name.clone()),
        ("version", manifest.version.clone(), meta.version.clone()),
        ("api", manifest.api.clone(), meta.api.clone()),
        ("workloads", listed.join(", "), workloads.join(", ")),
    ];
    match rows
        .into_iter()
        .find(|(_, manifest, meta)| manifest != meta)
    {
        None => Ok(()),
        Some((key, manifest, meta)) => Err(LoadError::MetaMismatch {
            path: path.to_owned(),
            key: key.to_owned(),
            manifest,
            meta,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        parse_meta(Path::new("libx.so"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_bad_description_is_refused_with_its_line() {
        assert!(reason("schema = 1\nname =\n").contains("at line 2"));
        assert!(reason("error = 'describing the plugin panicked: no'").contains("panicked: no"));
        assert!(reason("schema = 1").contains("name"));
        assert!(
            reason("schema = 9\nname = 'x'\nversion = '1'\napi = '1'").contains("its form is 9")
        );
    }
}
