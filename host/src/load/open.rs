//! Opens a library and takes its root module out, checked. Runs in the probe's child and in workers only.
//!
//! The order matters: magic and version of abi_stable before anything behind them is read, the layout of every type
//! before any function is called. From there on the plugin is trusted as any code in the process is.

#![allow(
    unsafe_code,
    reason = "opening a library and believing its symbol cannot be checked by the compiler"
)]

use std::{path::Path, time::Instant};

use benchhost_plugin_api::{
    ABI_REVISION,
    abi::{
        PluginMod_Ref,
        abi_stable::library::{
            AbiHeaderRef, LibHeader, LibraryError, ROOT_MODULE_LOADER_NAME_WITH_NUL,
            RootModuleError,
        },
    },
};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use serde::{Deserialize, Serialize};

use super::{LoadError, layout, linker, probe::Phase};

/// A plugin that is open for the rest of this process.
#[derive(Clone)]
pub struct Opened {
    /// Its functions.
    pub module: PluginMod_Ref,
    /// Its description, TOML of [`PluginMeta`](benchhost_plugin_api::meta::PluginMeta).
    pub meta_text: String,
    /// How long the steps took.
    pub timings: OpenTimings,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("timings", &self.timings)
            .finish_non_exhaustive()
    }
}

/// How long opening took, in ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenTimings {
    /// The dynamic linker, constructors included.
    pub dlopen_ns: u64,
    /// Comparing all types, in one or both directions.
    pub layout_ns: u64,
    /// Everything, the description included.
    pub total_ns: u64,
}

/// Opens the library at the absolute `path`. It is never closed.
///
/// # Errors
/// [`LoadError::MissingDependency`], [`LoadError::OpenFailed`], [`LoadError::NoPluginSymbol`], the errors about
/// versions and layout, [`LoadError::RootPanicked`], [`LoadError::RootError`], [`LoadError::MetaInvalid`].
pub fn open(path: &Path) -> Result<Opened, LoadError> {
    open_with(path, &mut |_| ())
}

/// As [`open`]; `enter` is told before each step, so that a crash can be blamed on one.
pub(super) fn open_with(path: &Path, enter: &mut dyn FnMut(Phase)) -> Result<Opened, LoadError> {
    let started = Instant::now();
    enter(Phase::Open);
    let header = dlopen(path)?;
    let dlopen_ns = nanos(started);

    enter(Phase::Check);
    let library = header_of(path, header)?;
    let before_layout = Instant::now();
    layout::check(path, library)?;
    let layout_ns = nanos(before_layout);

    enter(Phase::Root);
    let module = root(path, library)?;

    enter(Phase::Describe);
    let meta = module.meta()();
    // A damaged plugin may hand out text that is none.
    let meta_text = String::from_utf8(meta.as_str().as_bytes().to_vec()).map_err(|error| {
        LoadError::MetaInvalid {
            path: path.to_owned(),
            line: None,
            reason: error.to_string(),
        }
    })?;
    let timings = OpenTimings {
        dlopen_ns,
        layout_ns,
        total_ns: nanos(started),
    };
    Ok(Opened {
        module,
        meta_text,
        timings,
    })
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Opens the library for good and finds the one symbol a plugin exports.
fn dlopen(path: &Path) -> Result<AbiHeaderRef, LoadError> {
    let flags = RTLD_NOW | RTLD_LOCAL | libc::RTLD_NODELETE;
    // SAFETY: constructors of the library run here. This is a probe's child or a worker: a process that may be
    // lost, and that opens a file only after it was sniffed.
    let library = unsafe { Library::open(Some(path), flags) }
        .map_err(|error| linker::refused(path, &error))?;
    // SAFETY: the symbol is a static whose address is what `AbiHeaderRef`, a transparent pointer, holds. That it
    // is of this type is checked by `is_valid` before anything but the first 40 bytes is read.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_MODULE_LOADER_NAME_WITH_NUL) }
        .map(|symbol| *symbol)
        .map_err(|_| LoadError::NoPluginSymbol {
            path: path.to_owned(),
            found: "it exports no root module".to_owned(),
        });
    // Closing would run destructors under the feet of threads and of memory handed out.
    std::mem::forget(library);
    header
}

/// The header behind the symbol, once abi_stable's version and way of passing values are known to be ours.
fn header_of(path: &Path, header: AbiHeaderRef) -> Result<&'static LibHeader, LoadError> {
    header.upgrade().map_err(|error| match error {
        LibraryError::InvalidCAbi { .. } => LoadError::CAbi {
            path: path.to_owned(),
            reason: error.to_string(),
        },
        _ => abi_stable_version(path, header),
    })
}

fn abi_stable_version(path: &Path, found: AbiHeaderRef) -> LoadError {
    let ours = benchhost_plugin_api::abi::abi_stable::library::AbiHeader::VALUE;
    if found.magic_string != ours.magic_string {
        return LoadError::NoPluginSymbol {
            path: path.to_owned(),
            found: "its root module does not begin with abi_stable's magic".to_owned(),
        };
    }
    LoadError::AbiStableVersion {
        path: path.to_owned(),
        plugin: format!("{}.{}", found.abi_major, found.abi_minor),
        host: format!("{}.{}", ours.abi_major, ours.abi_minor),
    }
}

/// Runs the plugin's constructor of its root module.
fn root(path: &Path, library: &'static LibHeader) -> Result<PluginMod_Ref, LoadError> {
    // SAFETY: `layout::check` has found the type that the library calls its root module compatible with ours.
    let root = unsafe { library.init_root_module_with_unchecked_layout::<PluginMod_Ref>() };
    let module = root.map_err(|error| match error {
        LibraryError::RootModule {
            err: RootModuleError::Unwound,
            ..
        } => LoadError::RootPanicked {
            path: path.to_owned(),
            stderr: String::new(),
        },
        LibraryError::RootModule {
            err: RootModuleError::Returned(reason),
            ..
        } => LoadError::RootError {
            path: path.to_owned(),
            reason: reason.to_string(),
        },
        other => LoadError::Damaged {
            path: path.to_owned(),
            reason: other.to_string().trim().to_owned(),
        },
    })?;
    if module.abi_rev() != ABI_REVISION {
        return Err(LoadError::AbiRevUnsupported {
            path: path.to_owned(),
            plugin: module.abi_rev(),
            host: ABI_REVISION,
        });
    }
    Ok(module)
}
