//! One measurement, one process.
//!
//! The host re-executes itself as `benchhost __worker` for every (case, repetition), talks to it in frames over an
//! inherited socket, shares a page of memory with it, and watches from outside. Whatever a plugin does to its
//! process, the host learns a typed outcome and goes on.
//!
//! * host side: `spawn` starts the process, `supervise` talks to it and enforces limits, `classify` turns what was
//!   seen into an outcome;
//! * both sides: `frame` and `message` are the protocol, `page` the shared memory;
//! * worker side: `child`.

mod capture;
mod cgroup;
pub mod child;
mod classify;
mod frame;
mod message;
mod page;
mod spawn;
mod strays;
mod supervise;

pub use classify::{Evidence, classify};
pub use message::{CreateSpec, FromWorker, Measured, PROTOCOL, PROTOCOL_RULE, ToWorker};
pub use page::{Page, SampleRecord, ValueRecord};
pub use spawn::{SpawnSpec, Worker};
pub use strays::{adopt_orphans, end_strays};
pub use supervise::{Deadline, Ended};
