//! Real data and models by name: what there is, where it lies, and how it gets there.
//!
//! ```text
//! data.toml ──► read ──► Catalogue ──► look, verify: what lies in the folders, by length and by sha256
//!                                 └──► fetch: the user's own client, or --from ──► unpack ──► install
//! ```
//!
//! Only [`fetch`] touches the network, and only when `benchhost data fetch` was typed. Nothing gets its final name
//! before its length and sha256 are those of the catalogue. Workloads find the files through `BENCHHOST_DATA`, which
//! [`for_workers`] fills.

mod catalogue;
mod checksum;
mod content;
mod error;
mod fetch;
mod folders;
mod install;
mod look;
mod read;
mod unpack;

pub use self::{
    catalogue::{Archive, Catalogue, Client, Entry, Package, Place, Source, WantedFile},
    checksum::Checksum,
    content::Packing,
    error::DataError,
    fetch::{Done, Fetch, Observer, Origin, fetch},
    folders::{CACHE_VARIABLE, DATA_VARIABLE, Folders, for_workers},
    look::{FileState, State, look, look_at, verify},
    read::read,
};
