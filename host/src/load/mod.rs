//! Finds a plugin, looks at it without running it, proves in a child process that it can be opened, and opens it.
//!
//! There are three doors: abi_stable's root module (Rust), a descriptor (C), a process that speaks JSON lines.
//!
//! A plugin passes through the [`State`]s `Discovered → Sniffed → ManifestRead → AbiOk → Probed → Ready`; whatever
//! stops it is a [`LoadError`]: a sentence with a way out. A damaged library can kill the process that opens it
//! (SIGBUS, SIGSEGV, a silent exit by the dynamic linker), so the host itself never does: [`inspect`] sends a child,
//! and a worker opens what has passed. Libraries are never closed, and abi_stable's own `load_from*` is never used:
//! it caches one library per type and refuses plugins older than the host.
//!
//! A crashed probe is not remembered across runs: the next run probes again, which costs milliseconds.

mod build;
mod descriptor;
mod difference;
mod door;
mod elf;
mod error;
mod folder;
mod hint;
mod identity;
mod inspect;
mod layout;
mod linker;
mod locate;
mod open;
mod probe;
pub(crate) mod process;
mod reference;
mod revision;
mod search;
mod snapshot;
mod sniff;

pub use build::Built;
pub use door::{CommandLine, Door};
pub use error::LoadError;
pub use folder::FOLDER_FILE;
pub use identity::Identity;
pub use inspect::{Plugin, State, inspect, inspect_with, read_manifest};
pub use locate::{Located, locate, locate_to_compare};
pub use open::{OpenTimings, Opened, open};
pub use probe::{heed, probe_main};
pub use reference::Reference;
pub use revision::{RevisionRange, build_revision, check_revision};
pub use search::{Candidate, SearchPath};
pub use snapshot::snapshot;
