//! Finds a plugin, looks at it without running it, proves in a child process that it can be opened, and opens it.
//!
//! A plugin passes through the [`State`]s `Discovered → Sniffed → ManifestRead → AbiOk → Probed → Ready`; whatever
//! stops it is a [`LoadError`]: a sentence with a way out. A damaged library can kill the process that opens it
//! (SIGBUS, SIGSEGV, a silent exit by the dynamic linker), so the host itself never does: [`inspect`] sends a child,
//! and a worker opens what has passed. Libraries are never closed, and abi_stable's own `load_from*` is never used:
//! it caches one library per type and refuses plugins older than the host.
//!
//! A crashed probe is not remembered across runs: the next run probes again, which costs milliseconds.

mod build;
mod difference;
mod elf;
mod error;
mod hint;
mod identity;
mod inspect;
mod layout;
mod linker;
mod locate;
mod open;
mod probe;
mod reference;
mod revision;
mod search;
mod snapshot;
mod sniff;

pub use build::Built;
pub use error::LoadError;
pub use identity::Identity;
pub use inspect::{Plugin, State, inspect, inspect_with, read_manifest};
pub use locate::{Located, locate, locate_to_compare};
pub use open::{OpenTimings, Opened, open};
pub use probe::probe_main;
pub use reference::Reference;
pub use revision::{RevisionRange, build_revision, check_revision};
pub use search::{Candidate, SearchPath};
pub use snapshot::snapshot;
