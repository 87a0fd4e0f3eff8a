//! What can be wrong with rules.

/// Likeness (Jaro–Winkler, 0–1) from which a name is suggested; as in suites.
const LIKE: f64 = 0.8;

/// Why a rule cannot be used. Each sentence names the place, the key, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not TOML.
    #[error("{place}: not valid TOML: {message}")]
    Syntax {
        /// File and line.
        place: String,
        /// What the TOML reader says.
        message: String,
    },
    /// A key beside the tables.
    #[error("{place}: unknown key `{key}`: a file of rules holds [[gate]] tables and nothing else")]
    NoGate {
        /// File and line.
        place: String,
        /// The key.
        key: String,
    },
    /// A key that means nothing here.
    #[error("{place}: unknown key `{key}` in [[gate]]{}", way_out(.meant))]
    UnknownKey {
        /// File and line.
        place: String,
        /// The key.
        key: String,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// A value of the wrong type, unit or range.
    #[error("{place}: `{key}` is {found}, expected {expected}")]
    Unexpected {
        /// File and line.
        place: String,
        /// The key.
        key: String,
        /// The value as written.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A key that changes nothing where it stands.
    #[error("{place}: `{key}` is {found}, and it means something only {where_to}: take it out")]
    Idle {
        /// File and line.
        place: String,
        /// The key.
        key: String,
        /// The value as written.
        found: String,
        /// Where it means something.
        where_to: String,
    },
    /// A rule that asks nothing.
    #[error(
        "{place}: this [[gate]] says which cases, not what is asked of them; give it one of {kinds}"
    )]
    NoKind {
        /// File and line.
        place: String,
        /// The keys that ask something.
        kinds: String,
    },
    /// An expression that cannot be read.
    #[error("{place}: `when`: {message} at character {column} of `{text}`")]
    Expression {
        /// File and line.
        place: String,
        /// What is wrong.
        message: String,
        /// Where, from 1.
        column: usize,
        /// The expression.
        text: String,
    },
}

/// The one of `known` that `word` was probably meant to be.
pub(crate) fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

fn way_out(meant: &Option<String>) -> String {
    meant
        .as_ref()
        .map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}
