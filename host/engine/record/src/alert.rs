//! An alert: a verdict that somebody should know about, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a regression is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth a look: beyond half the threshold, or statistically clear and small.
    Info,
    /// Beyond the threshold.
    Warning,
    /// Beyond twice the threshold.
    Critical,
}

/// What an alert tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// Something got worse.
    Regression,
    /// Something got better.
    Improvement,
    /// A target or budget is missed.
    TargetMissed,
}

/// Where an alert stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// Seen once.
    Opened,
    /// Seen again by a re-run or by a later run.
    Confirmed,
    /// A later run was fine again.
    Resolved,
    /// Somebody said that it is meant to be so.
    Accepted,
    /// Not seen again, not denied either, for too long.
    Expired,
}

impl AlertState {
    /// Whether the alert still asks for attention.
    #[must_use]
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Opened | Self::Confirmed)
    }
}

/// A verdict that somebody should know about. At most one is alive for a (case, metric, machine).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Number in the store; 0 before it is stored.
    pub id: u64,
    /// [`CaseId`](crate::CaseId) as text.
    pub case: String,
    /// Name of the metric.
    pub metric: String,
    /// Fingerprint of the machine; empty when unknown.
    pub machine: String,
    /// What it tells of.
    pub kind: AlertKind,
    /// How bad.
    pub severity: Severity,
    /// Where it stands.
    pub state: AlertState,
    /// Name of the rule that found it.
    pub rule: String,
    /// Run that opened it.
    pub opened_run: String,
    /// Start of that run, RFC 3339 in UTC.
    pub opened: String,
    /// Last run that had a say.
    pub last_run: String,
    /// Start of that run, RFC 3339 in UTC.
    pub updated: String,
    /// Runs since it was opened, that one included.
    pub runs: u32,
    /// The value that was judged, in the metric's unit.
    pub value: f64,
    /// What it was judged against, in the metric's unit.
    pub reference: f64,
    /// One sentence for people.
    pub sentence: String,
    /// Why it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
