//! What can be typed after `benchhost schema`.

use clap::{Args, ValueEnum};

/// `benchhost schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Which form; without it, all are listed.
    pub form: Option<SchemaForm>,
}

/// A form that benchhost reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaForm {
    /// A suite (TOML): benchmarks, settings, plugins, tiers and gates.
    Suite,
    /// Rules of their own: gates.toml.
    Gates,
    /// A baseline (TOML).
    Baseline,
    /// A run with all samples: run.json.
    Run,
    /// A whole report: report.json of `benchhost report`.
    Report,
    /// Verdicts: `benchhost check --format json`.
    Check,
    /// A comparison: `benchhost compare --format json`.
    Compare,
    /// Change points: `benchhost history changes --format json`.
    Changes,
    /// A plugin: `benchhost plugin check --format json`.
    Plugin,
}
