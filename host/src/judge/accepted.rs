//! What somebody said is meant to be so, in a file for git.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use benchhost_gate::{Class, Judgement, Verdict};
use benchhost_record::Direction;
use serde::{Deserialize, Serialize};

/// The file, beside the suites.
pub const FILE: &str = "accepted.toml";

/// Slack when the class of a metric has no threshold.
const DEFAULT_SLACK: f64 = 0.05;

/// Everything that was accepted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// One entry for each.
    #[serde(default)]
    pub accepted: Vec<Acceptance>,
}

/// A change that is meant to be so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The case.
    pub case: String,
    /// The metric.
    pub metric: String,
    /// Fingerprint of the machine; empty for all.
    #[serde(default)]
    pub machine: String,
    /// The value that is fine, in the metric's unit.
    pub value: f64,
    /// What it was judged against.
    pub reference: f64,
    /// Why.
    pub reason: String,
    /// The run that showed it.
    pub run: String,
    /// Day it was accepted, `2026-11-21`.
    pub date: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AcceptedError {
    /// It cannot be read or written.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what it should be.
    #[error("`{}`: {message}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl Accepted {
    /// Reads the file; nothing is accepted when there is none.
    ///
    /// # Errors
    /// [`AcceptedError`].
    pub fn read(path: &Path) -> Result<Self, AcceptedError> {
        match crate::written::read(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| AcceptedError::Form {
                path: path.to_owned(),
                message: error.to_string().replace('\n', " "),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(AcceptedError::File {
                verb: "read",
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`AcceptedError::File`].
    pub fn write(&self, path: &Path) -> Result<(), AcceptedError> {
        let text = format!(
            "# Changes that are meant to be so: `benchhost history accept` adds them, `benchhost check` heeds them.\n{}",
            toml::to_string(self).expect("plain values")
        );
        fs::write(path, text).map_err(|source| AcceptedError::File {
            verb: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Takes the alarm out of verdicts that were accepted and have not become worse since.
    pub fn apply(&self, judged: &mut [Judgement], machine: &str) {
        for judgement in judged.iter_mut().filter(|one| one.verdict.fails()) {
            let known = self.accepted.iter().rfind(|one| {
                one.case == judgement.case
                    && one.metric == judgement.metric.name
                    && (one.machine.is_empty() || one.machine == machine)
            });
            let Some(one) = known else { continue };
            let slack = Class::of(&judgement.metric)
                .threshold()
                .unwrap_or(DEFAULT_SLACK)
                / 2.0
                * one.value.abs();
            let worse = match judgement.metric.direction {
                Direction::Higher => one.value - judgement.value,
                Direction::Lower => judgement.value - one.value,
                Direction::Neither => (judgement.value - one.value).abs(),
            };
            if worse <= slack {
                judgement.verdict = Verdict::Unchanged;
                judgement.is_suspicious = false;
                judgement.sentence = format!(
                    "{} (accepted on {}: {})",
                    judgement.sentence, one.date, one.reason
                );
            }
        }
        judged.sort_by_key(|one| one.verdict.rank());
    }
}
