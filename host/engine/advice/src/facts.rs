//! What rules are asked about.

use benchhost_gate::{Judgements, Subject};
use benchhost_record::{Environment, Run};

/// A run and everything that is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a Run,
    /// What is said of it.
    pub judged: &'a Judgements,
    /// What was judged, with its past and its baseline; empty when nobody looked.
    pub subjects: &'a [Subject],
    /// Earlier runs of the same suite on the same machine; absent when nobody looked.
    pub earlier_runs: Option<usize>,
    /// The last of them.
    pub before: Option<Earlier<'a>>,
    /// Whether the roofs of the machine were measured.
    pub has_roofs: bool,
}

/// An earlier run, as far as rules ask.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// When it began, RFC 3339 in UTC.
    pub started: &'a str,
    /// Its machine.
    pub environment: &'a Environment,
}
