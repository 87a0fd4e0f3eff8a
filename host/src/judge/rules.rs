//! Rules from where they are written: the suite of the run, a `gates.toml`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use benchhost_advice::Rules as Advice;
use benchhost_gate::Rules;
use benchhost_record::WrittenGate;

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
        let table: toml::Table =
            gate.toml
                .parse()
                .map_err(|error: toml::de::Error| RulesError::Stored {
                    place: gate.place.clone(),
                    message: error.message().to_owned(),
                })?;
        rules.read_table(&table, &gate.place)?;
    }
    if let Some((text, name)) = text_of(file, GATES_FILE)? {
        rules.read_file(&text, &name)?;
    }
    Ok(rules)
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
    match fs::read_to_string(path) {
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
