//! Rules from where they are written: the suite of the run, a `gates.toml`.

use std::{
    io,
    path::{Path, PathBuf},
};

use benchhost_advice::Rules as Advice;
use benchhost_gate::Rules;
use benchhost_record::WrittenGate;

use crate::written as files;

/// File of rules that is read when it is there and none is named.
pub const GATES_FILE: &str = "gates.toml";

/// File of rules of recommendations that is read when it is there and none is named.
pub const ADVICE_FILE: &str = "recommend.toml";

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file cannot be read.
    #[error("cannot read the rules `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A rule is wrong.
    #[error(transparent)]
    Rule(#[from] benchhost_gate::Error),
    /// A rule of a recommendation is wrong.
    #[error(transparent)]
    Advice(#[from] benchhost_advice::Error),
    /// A rule that was stored with a run cannot be read.
    #[error("{place}: the gate that was stored with the run is not TOML: {message}")]
    Stored {
        /// Where it was written.
        place: String,
        /// What is wrong.
        message: String,
    },
}

/// The defaults, the gates of a suite as they were, and `file` (or `gates.toml` when that is there).
///
/// # Errors
/// [`RulesError`] with the place.
pub fn rules(gates: &[WrittenGate], file: Option<&Path>) -> Result<Rules, RulesError> {
    let mut rules = Rules::defaults();
    for gate in gates {
        add(&mut rules, gate)?;
    }
    add_file(&mut rules, file)?;
    Ok(rules)
}

/// As [`rules`], for those who show what is known of a run: a gate of it that cannot be read is left out, with a sentence.
///
/// # Errors
/// [`RulesError`] of `file`.
pub fn readable_rules(
    gates: &[WrittenGate],
    file: Option<&Path>,
) -> Result<(Rules, Vec<String>), RulesError> {
    let mut rules = Rules::defaults();
    let mut unreadable = Vec::new();
    for gate in gates {
        if let Err(error) = add(&mut rules, gate) {
            unreadable.push(format!("a gate of the run judges nothing: {error}"));
        }
    }
    add_file(&mut rules, file)?;
    Ok((rules, unreadable))
}

fn add(rules: &mut Rules, gate: &WrittenGate) -> Result<(), RulesError> {
    let stored = |error: toml::de::Error| RulesError::Stored {
        place: gate.place.clone(),
        message: error.message().to_owned(),
    };
    let table: toml::Table = gate.toml.parse().map_err(stored)?;
    Ok(rules.read_table(&table, &gate.place)?)
}

fn add_file(rules: &mut Rules, file: Option<&Path>) -> Result<(), RulesError> {
    if let Some((text, name)) = text_of(file, GATES_FILE)? {
        rules.read_file(&text, &name)?;
    }
    Ok(())
}

/// The recommendations that come with benchhost, and those of `file` (or `recommend.toml` when that is there).
///
/// # Errors
/// [`RulesError`] with the place.
pub fn advice(file: Option<&Path>) -> Result<Advice, RulesError> {
    let mut rules = Advice::builtin();
    if let Some((text, name)) = text_of(file, ADVICE_FILE)? {
        rules.read_file(&text, &name)?;
    }
    Ok(rules)
}

/// Text and name of `file`, or of the one called `otherwise` where there is one.
fn text_of(file: Option<&Path>, otherwise: &str) -> Result<Option<(String, String)>, RulesError> {
    let path = file.unwrap_or(Path::new(otherwise));
    match files::read(path) {
        Ok(text) => Ok(Some((text, path.display().to_string()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() => Ok(None),
        Err(source) => Err(RulesError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The gates of a plan in the form that runs keep.
#[must_use]
pub fn written(gates: &[benchhost_plan::GateTable], suite: &str) -> Vec<WrittenGate> {
    gates
        .iter()
        .map(|gate| WrittenGate {
            toml: gate.table.to_string(),
            place: format!("{suite}:{}", gate.line),
        })
        .collect()
}
