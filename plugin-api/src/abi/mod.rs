//! The binary interface between host and plugin. **Frozen**: types may only grow at their end.
//!
//! Authors never need this module. It is the only place that knows `abi_stable`, and with `shim` and `host`
//! the only place of this crate with `unsafe`. Rules that keep old plugins working for the life of 1.x:
//!
//! * new fields and methods go to the end, are optional, and have a default (`missing_field(option)`, default
//!   bodies); nothing is removed, renamed or retyped: `tests/layout.rs` compares with the committed snapshot;
//! * by-value structs ([`BatchOut`]) do not grow, they have reserved words;
//! * anything rich (metadata, parameters, facts) travels as TOML text with a schema number;
//! * who allocates frees; what is borrowed lives for the call only; no panic and no unwinding crosses;
//! * each function states its thread class: `[any]` any thread at any time, `[control]` the thread that drives
//!   the instance, `[measure]` that thread, inside or next to the timed part.

#![allow(
    unsafe_code,
    reason = "the boundary is made of raw calls; each block says who guarantees what"
)]

pub mod c;
pub mod host;
#[doc(hidden)]
pub mod root;
pub(crate) mod shim;
pub mod status;
mod types;

pub use abi_stable;
pub use types::{
    BatchOut, HostServices, HostServices_Ref, PluginError, PluginMod, PluginMod_Ref, WorkloadAbi,
    WorkloadAbi_TO, WorkloadBox, flags, log_level,
};
