//! Looks at a file without running any of it, and compares the interface that its manifest names with ours.

use std::path::Path;

use benchhost_plugin_api::{
    ABI_REVISION, API_VERSION,
    manifest::{self, Manifest},
};

use super::{LoadError, elf::Elf, inspect::State};

/// A library that can be opened as far as can be seen from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sniffed<'a> {
    path: &'a Path,
    /// Manifest of a Rust plugin.
    section: Option<&'a [u8]>,
}

/// Checks the ELF structure of `bytes`, the content of `path`.
///
/// # Errors
/// [`LoadError::NotElf`], [`LoadError::WrongClass`], [`LoadError::WrongMachine`], [`LoadError::NotSharedObject`],
/// [`LoadError::Truncated`], [`LoadError::Damaged`], [`LoadError::NoPluginSymbol`].
pub(super) fn sniff<'a>(path: &'a Path, bytes: &'a [u8]) -> Result<Sniffed<'a>, LoadError> {
    let file = Elf::parse(path, bytes)?;
    file.check_machine()?;
    file.check_segments()?;
    file.check_kind()?;
    Ok(Sniffed {
        path,
        section: file.manifest_section()?,
    })
}

impl Sniffed<'_> {
    /// Reads the manifest and compares the interface it names with ours; `state` follows. A plugin in C has none.
    ///
    /// # Errors
    /// [`LoadError::ManifestInvalid`], [`LoadError::AbiRevUnsupported`], [`LoadError::ApiVersion`].
    pub(super) fn manifest(&self, state: &mut State) -> Result<Option<Manifest>, LoadError> {
        self.section
            .map(|section| self.read(section, state))
            .transpose()
    }

    fn read(&self, section: &[u8], state: &mut State) -> Result<Manifest, LoadError> {
        let path = || self.path.to_owned();
        let invalid = |reason: String| LoadError::ManifestInvalid {
            path: path(),
            reason,
        };
        // The revision comes first: another one may have another text.
        let plugin = manifest::abi_revision(section).map_err(|e| invalid(e.to_string()))?;
        *state = State::ManifestRead;
        if plugin != ABI_REVISION {
            return Err(LoadError::AbiRevUnsupported {
                path: path(),
                plugin,
                host: ABI_REVISION,
            });
        }
        let manifest = manifest::decode(section).map_err(|e| invalid(e.to_string()))?;
        if manifest.kind != "rust" {
            let kind = &manifest.kind;
            return Err(invalid(format!("kind is `{kind}`, expected `rust`")));
        }
        if major(&manifest.api) != major(API_VERSION) {
            return Err(LoadError::ApiVersion {
                path: path(),
                plugin: manifest.api,
                host: API_VERSION.to_owned(),
            });
        }
        *state = State::AbiOk;
        Ok(manifest)
    }
}

/// The part of a version that says whether two can be used together.
pub(super) fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
