//! Everything that can stop a plugin, as data: the probe's child sends the same errors that the host prints.
//!
//! Each sentence says what was tried on which file and what was found; the way out is in `hint.rs`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::hint;

/// Why a plugin cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the message of each variant says what its fields are"
)]
pub enum LoadError {
    #[error("plugin `{name}` was not found; looked in {}", list(looked))]
    NotFound {
        name: String,
        looked: Vec<PathBuf>,
        near: Vec<String>,
    },
    #[error("plugin file `{}` does not exist", path.display())]
    Missing { path: PathBuf },
    #[error("`{}` is {found}, expected a shared library or a crate directory", path.display())]
    NotRegular { path: PathBuf, found: String },
    #[error("cannot read `{}`: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("`{}` is {found}, expected a shared library (ELF)", path.display())]
    NotElf { path: PathBuf, found: String },
    #[error("`{}` is built for {found}, this host runs on {expected}", path.display())]
    WrongMachine {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("`{}` is a {found} library, this host is {expected}", path.display())]
    WrongClass {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("`{}` is {found}, expected a shared library", path.display())]
    NotSharedObject { path: PathBuf, found: String },
    #[error("`{}` is cut off: {part} needs {need} bytes, the file has {have}", path.display())]
    Truncated {
        path: PathBuf,
        part: String,
        need: u64,
        have: u64,
    },
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("`{}` needs {library}, which this system does not provide ({reason})", path.display())]
    MissingDependency {
        path: PathBuf,
        library: String,
        reason: String,
    },
    #[error("the dynamic linker refused `{}`: {reason}", path.display())]
    OpenFailed { path: PathBuf, reason: String },
    #[error("`{}` is a valid library but not a benchhost plugin ({found})", path.display())]
    NoPluginSymbol { path: PathBuf, found: String },
    #[error("the descriptor of `{}` is invalid: {reason}", path.display())]
    DescriptorInvalid { path: PathBuf, reason: String },
    #[error("`{}` is invalid{}: {reason}", path.display(), at_line(*line))]
    FolderInvalid {
        path: PathBuf,
        line: Option<usize>,
        reason: String,
    },
    #[error("cannot build `{}`: `{command}` {how}", path.display())]
    FolderBuild {
        path: PathBuf,
        command: String,
        how: String,
    },
    #[error(
        "`{}` {}", path.display(),
        if *built { format!("was built, but `{}` is not there", library.display()) }
        else { format!("names the library `{}`, which does not exist", library.display()) }
    )]
    FolderNoLibrary {
        path: PathBuf,
        library: PathBuf,
        built: bool,
    },
    #[error("cannot start `{command}` of `{}`: {reason}", path.display())]
    CommandMissing {
        path: PathBuf,
        command: String,
        reason: String,
    },
    #[error("`{command}` of `{}` ended with {how} before it described itself", path.display())]
    CommandEnded {
        path: PathBuf,
        command: String,
        how: String,
        stderr: String,
    },
    #[error("`{command}` of `{}` does not speak the protocol: {reason}", path.display())]
    CommandProtocol {
        path: PathBuf,
        command: String,
        reason: String,
        stderr: String,
    },
    #[error("`{command}` of `{}` cannot describe itself: {message}", path.display())]
    CommandFailed {
        path: PathBuf,
        command: String,
        message: String,
        detail: String,
    },
    #[error("interrupted while `{}` was opened", path.display())]
    Interrupted { path: PathBuf },
    #[error("the manifest of `{}` is invalid: {reason}", path.display())]
    ManifestInvalid { path: PathBuf, reason: String },
    #[error("`{}` is built for plugin ABI {plugin}, this host speaks {host}", path.display())]
    AbiRevUnsupported {
        path: PathBuf,
        plugin: u32,
        host: u32,
    },
    #[error("`{}` is built against plugin-api {plugin}, this host speaks {host}", path.display())]
    ApiVersion {
        path: PathBuf,
        plugin: String,
        host: String,
    },
    #[error("`{}` uses abi_stable {plugin}, this host uses {host}", path.display())]
    AbiStableVersion {
        path: PathBuf,
        plugin: String,
        host: String,
    },
    #[error("`{}` passes values between functions in another way than this host", path.display())]
    CAbi { path: PathBuf, reason: String },
    #[error("types of `{}` are laid out differently: {}", path.display(), causes.join("; "))]
    LayoutMismatch {
        path: PathBuf,
        causes: Vec<String>,
        report: Option<PathBuf>,
    },
    #[error("`{}` panicked while handing out its functions", path.display())]
    RootPanicked { path: PathBuf, stderr: String },
    #[error("`{}` refused to start: {reason}", path.display())]
    RootError { path: PathBuf, reason: String },
    #[error("the description in `{}` is invalid{}: {reason}", path.display(), at_line(*line))]
    MetaInvalid {
        path: PathBuf,
        line: Option<usize>,
        reason: String,
    },
    #[error(
        "`{}` contradicts itself: its manifest says {key} {manifest}, its description says {meta}",
        path.display()
    )]
    MetaMismatch {
        path: PathBuf,
        key: String,
        manifest: String,
        meta: String,
    },
    #[error("`{}` crashed with {signal} {phase}", path.display())]
    ProbeCrashed {
        path: PathBuf,
        signal: String,
        phase: String,
        stderr: String,
    },
    #[error("`{}` ended the process with exit code {code} {phase}", path.display())]
    ProbeExited {
        path: PathBuf,
        code: i32,
        phase: String,
        stderr: String,
    },
    #[error("`{}` did not answer within {seconds} s {phase}", path.display())]
    ProbeTimeout {
        path: PathBuf,
        seconds: u64,
        phase: String,
        stderr: String,
    },
    #[error("cannot send a child to look at `{}`: {reason}", path.display())]
    ProbeFailed { path: PathBuf, reason: String },
    #[error("two plugins are called `{name}`: `{}` and `{}`", first.display(), second.display())]
    DuplicateName {
        name: String,
        first: PathBuf,
        second: PathBuf,
    },
    #[error("plugin file changed during the run: {what}")]
    Changed { path: PathBuf, what: String },
    #[error("cannot build `{}`: {reason}", path.display())]
    CargoMissing { path: PathBuf, reason: String },
    #[error("cannot build `{}`: cargo ended with {status}", path.display())]
    BuildFailed { path: PathBuf, status: String },
    #[error("crate `{}` was built but makes no plugin: it has no `cdylib` target", path.display())]
    NoCdylib { path: PathBuf },
    #[error("`{}` is a file, a revision is built from a crate directory", path.display())]
    RevisionOfFile { path: PathBuf },
    #[error("cannot ask for revisions of `{}`: cannot start `git`: {reason}", path.display())]
    GitMissing { path: PathBuf, reason: String },
    #[error("git finds no repository around `{}`: {reason}", path.display())]
    NotInGit { path: PathBuf, reason: String },
    #[error("the repository of `{}` has no revision `{revision}`", path.display())]
    UnknownRevision { path: PathBuf, revision: String },
    #[error("crate `{}` does not exist in revision `{revision}`", path.display())]
    NotInRevision { path: PathBuf, revision: String },
    #[error("cannot prepare revision `{revision}` of `{}`: {reason}", path.display())]
    RevisionFailed {
        path: PathBuf,
        revision: String,
        reason: String,
    },
    #[error("{cause}, at revision `{revision}`")]
    AtRevision { revision: String, cause: Box<Self> },
}

impl LoadError {
    /// The way out, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        hint::of(self)
    }

    /// Adds what the plugin wrote, where there is a place for it.
    pub(super) fn quote(&mut self, text: String) {
        match self {
            Self::RootPanicked { stderr, .. }
            | Self::CommandEnded { stderr, .. }
            | Self::CommandProtocol { stderr, .. } => *stderr = text,
            _ => {}
        }
    }

    /// Last lines the plugin wrote to stderr before it went down; empty when it wrote none.
    #[must_use]
    pub fn stderr(&self) -> &str {
        match self {
            Self::RootPanicked { stderr, .. }
            | Self::ProbeCrashed { stderr, .. }
            | Self::ProbeExited { stderr, .. }
            | Self::ProbeTimeout { stderr, .. }
            | Self::CommandEnded { stderr, .. }
            | Self::CommandProtocol { stderr, .. }
            | Self::CommandFailed { detail: stderr, .. } => stderr,
            _ => "",
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "no folder".to_owned();
    }
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" at line {line}"))
}
