//! The words that rules choose from.

use benchhost_record::{MetricKind, Outcome};

use crate::rule::{CRITICAL, FAILED};

/// Every key of a rule.
pub(super) const KEYS: [&str; 17] = [
    "name", "scope", "when", "shows", "metric", "kind", "workload", "case", "except", "axis",
    "device", "flag", "outcome", "verdict", "text", "rank", "enabled",
];

/// Words for what is measured.
pub(super) const KINDS: [(&str, MetricKind); 7] = [
    ("time", MetricKind::Time),
    ("throughput", MetricKind::Throughput),
    ("memory", MetricKind::Memory),
    ("energy", MetricKind::Energy),
    ("quality", MetricKind::Quality),
    ("count", MetricKind::Count),
    ("ratio", MetricKind::Ratio),
];

/// Words for how a case ended badly, or not at all: "failed" is any failure.
pub(super) fn outcomes() -> [&'static str; 12] {
    Outcome::WORDS.map(|word| if word == "ok" { FAILED } else { word })
}

/// Words for verdicts.
pub(super) const VERDICTS: [&str; 9] = [
    "target-missed",
    "regressed",
    CRITICAL,
    "improved",
    "changed",
    "unchanged",
    "target-met",
    "inconclusive",
    "insufficient-data",
];
