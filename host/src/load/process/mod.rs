//! The door for other languages: a plugin that is a process and speaks JSON lines on a socket it inherits.
//!
//! `wire` is what both say, `client` the host's end of it. Used by the probe, which asks for the description alone, and by
//! the worker. The protocol is described for authors in `docs/plugin-process.md`.

mod client;
mod wire;

pub(crate) use client::{Client, End, Remarks, Trouble};
pub(crate) use wire::{Answer, Request};
