//! Opens a plugin and finds its door, checked: the root module of a Rust library, the descriptor of one in C, or a process
//! that is started. Runs in the probe's child and in workers only.
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
        c::{self, Descriptor},
    },
};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use serde::{Deserialize, Serialize};

use super::{
    Door, LoadError, descriptor,
    door::CommandLine,
    folder::{self, is_folder_file},
    layout, linker,
    probe::Phase,
    process::{Client, End, Trouble},
};

/// Lines of a traceback that are shown.
const TRACE_LINES: usize = 4;

/// A plugin that is open for the rest of this process.
pub struct Opened {
    /// The way in.
    pub door: Door,
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
    if is_folder_file(path) {
        return open_process(path, started, enter);
    }
    let symbol = dlopen(path)?;
    let dlopen_ns = nanos(started);

    enter(Phase::Check);
    let header = match symbol {
        Symbol::Header(header) => header,
        Symbol::Descriptor(symbol) => {
            let descriptor = descriptor::read(path, symbol)?;
            enter(Phase::Describe);
            return Ok(Opened {
                meta_text: descriptor::describe(path, &descriptor)?,
                door: Door::C(Box::new(descriptor)),
                timings: OpenTimings {
                    dlopen_ns,
                    layout_ns: 0,
                    total_ns: nanos(started),
                },
            });
        }
    };
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
        door: Door::Rust(module),
        meta_text,
        timings,
    })
}

/// Starts the process of the folder whose `benchhost.toml` is at `path`, and lets it describe itself.
fn open_process(
    path: &Path,
    started: Instant,
    enter: &mut dyn FnMut(Phase),
) -> Result<Opened, LoadError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let words = folder::read(path)?.command.unwrap_or_default();
    let command = || words.join(" ");
    let mut client = Client::start(folder, &words).map_err(|trouble| match trouble {
        Trouble::NotStarted(reason) => LoadError::CommandMissing {
            path: path.to_owned(),
            command: words[0].clone(),
            reason,
        },
        other => process_failed(path, command(), other),
    })?;
    let dlopen_ns = nanos(started);
    enter(Phase::Describe);
    let meta = client
        .describe()
        .map_err(|trouble| process_failed(path, command(), trouble))?;
    let meta_text = toml::to_string(&meta).map_err(|error| LoadError::MetaInvalid {
        path: path.to_owned(),
        line: None,
        reason: error.to_string(),
    })?;
    Ok(Opened {
        door: Door::Process(CommandLine {
            client: Some(client),
        }),
        meta_text,
        timings: OpenTimings {
            dlopen_ns,
            layout_ns: 0,
            total_ns: nanos(started),
        },
    })
}

fn process_failed(path: &Path, command: String, trouble: Trouble) -> LoadError {
    let path = path.to_owned();
    match trouble {
        Trouble::Ended(end) => LoadError::CommandEnded {
            path,
            command,
            how: match end {
                End::Code(code) => format!("exit code {code}"),
                End::Signal(signal) => super::probe::signal_name(signal),
            },
            stderr: String::new(),
        },
        Trouble::Error(_, message, detail) => LoadError::CommandFailed {
            path,
            command,
            message,
            detail: last_lines(&detail),
        },
        Trouble::Protocol(reason) | Trouble::NotStarted(reason) => LoadError::CommandProtocol {
            path,
            command,
            reason,
            stderr: String::new(),
        },
    }
}

/// The end of a traceback, which says where.
fn last_lines(detail: &str) -> String {
    let lines: Vec<&str> = detail.lines().collect();
    lines[lines.len().saturating_sub(TRACE_LINES)..].join("\n")
}

/// What a library exports.
enum Symbol {
    Header(AbiHeaderRef),
    Descriptor(*const Descriptor),
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Opens the library for good and finds the symbol a plugin exports.
fn dlopen(path: &Path) -> Result<Symbol, LoadError> {
    let flags = RTLD_NOW | RTLD_LOCAL | libc::RTLD_NODELETE;
    // SAFETY: constructors of the library run here. This is a probe's child or a worker: a process that may be
    // lost, and that opens a file only after it was sniffed.
    let library = unsafe { Library::open(Some(path), flags) }
        .map_err(|error| linker::refused(path, &error))?;
    // SAFETY: the symbol is a static whose address is what `AbiHeaderRef`, a transparent pointer, holds. That it
    // is of this type is checked by `is_valid` before anything but the first 40 bytes is read.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_MODULE_LOADER_NAME_WITH_NUL) }
        .map(|symbol| Symbol::Header(*symbol));
    // SAFETY: only the address is taken; `descriptor::read` looks at what lies there.
    let found = header
        .or_else(|_| unsafe {
            library
                .get::<*const Descriptor>(c::SYMBOL.as_bytes())
                .map(|symbol| Symbol::Descriptor(*symbol))
        })
        .map_err(|_| LoadError::NoPluginSymbol {
            path: path.to_owned(),
            found: format!("it exports neither a root module nor `{}`", c::SYMBOL),
        });
    // Closing would run destructors under the feet of threads and of memory handed out.
    std::mem::forget(library);
    found
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
