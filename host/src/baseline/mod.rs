//! Baselines: what a value should be, in a file that people read, diff and commit.
//!
//! One TOML file for a name, cases and metrics sorted, one line for a metric. Nothing here judges; the regression engine
//! does. A baseline is only written from a run that was fine, and only over an old one when somebody said yes: those rules
//! are in `command/baseline`.

mod file;
mod take;

pub use file::{Baseline, BaselineCase, BaselineError, BaselineMetric, SCHEMA};
pub use take::{Change, changes, take};

use std::path::{Path, PathBuf};

/// Folder of baselines, beside the suite's repository.
pub const FOLDER: &str = "baselines";

/// Name of the baseline that is meant when none is named.
pub const DEFAULT_NAME: &str = "main";

/// File of a baseline: a name is `baselines/NAME.toml`, anything with a `/` or `.toml` is a path.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    if name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml") {
        PathBuf::from(name)
    } else {
        Path::new(FOLDER).join(format!("{name}.toml"))
    }
}
