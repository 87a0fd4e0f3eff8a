//! The history over HTTP: dashboard, JSON, metrics. Read-only; nothing here writes, judges or measures.
//!
//! ```text
//! command/serve → address, token: who may ask
//!   guard: host name, token, headers
//!     → page, metrics, api/verdicts → kept: made once for many, again when files changed (stamp) → gathered report
//!     → api, health → library: a few looks into the store at once, each in a thread of its own
//! ```
//!
//! Every request opens the history anew. A file that was replaced, restored or compacted is seen at once, and an idle server
//! stands in nobody's way.

mod address;
mod answer;
mod api;
mod connections;
mod cursor;
mod guard;
mod health;
mod kept;
mod library;
mod login;
mod metrics;
mod page;
mod query;
mod routes;
mod run;
mod sheet;
mod stamp;
mod stop;
mod token;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use benchhost_report::Report;

pub use self::{
    address::{AddressError, address},
    run::serve,
    token::{Token, TokenError},
};
use self::{kept::Kept, library::Library, token::Access};
use crate::command::Failure;

/// What is served, where, and to whom.
pub struct Service {
    /// Where it listens; port 0 for any that is free.
    pub address: SocketAddr,
    /// What one must know to be answered; nothing is asked without.
    pub token: Option<Token>,
    /// The history.
    pub store: PathBuf,
    /// Files besides the history that a report is made from, whether they are there or not.
    pub files: Vec<PathBuf>,
    /// Makes a report.
    pub gather: Arc<Gather>,
}

/// Makes the report that is wanted.
pub type Gather = dyn Fn(&Wanted) -> Result<Option<Report>, Failure> + Send + Sync;

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The run: its id, or `last`.
    pub run: String,
    /// Globs of the cases whose series are shown; empty for all.
    pub cases: Vec<String>,
    /// Globs of the metrics.
    pub metrics: Vec<String>,
    /// How much of what was before the run.
    pub past: Past,
}

/// How much of what was before a run a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// Every series.
    Whole,
    /// Nothing but what the run was judged by.
    None,
}

/// What the handlers share.
struct Shared {
    service: Service,
    /// Present with a token.
    access: Option<Access>,
    library: Library,
    pages: Kept<page::Key, page::Written>,
    reports: Kept<String, Arc<Report>>,
}
