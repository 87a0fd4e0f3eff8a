//! What can be wrong with rules.

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
    #[error(
        "{place}: unknown key `{key}`: a file of recommendations holds [[recommend]] tables and nothing else"
    )]
    NoRule {
        /// File and line.
        place: String,
        /// The key.
        key: String,
    },
    /// A key that means nothing here.
    #[error("{place}: unknown key `{key}` in [[recommend]]{}", way_out(.meant))]
    UnknownKey {
        /// File and line.
        place: String,
        /// The key.
        key: String,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// A value of the wrong type or range.
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
    /// A key that every rule has.
    #[error("{place}: `{key}` is missing: {why}")]
    Missing {
        /// File and line.
        place: String,
        /// The key, or keys.
        key: String,
        /// What it is for.
        why: String,
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
    /// A name that nothing has.
    #[error("{place}: `{name}` is not known of a {scope}{}", way_out(.meant))]
    UnknownName {
        /// File and line.
        place: String,
        /// The name.
        name: String,
        /// What the rule is about.
        scope: String,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// Two rules of one name in one file: one of them would be lost.
    #[error(
        "{place}: `name` is `{name}`, as at {other}; each rule of a file needs a name of its own"
    )]
    SameName {
        /// File and line.
        place: String,
        /// The name.
        name: String,
        /// File and line of the first one.
        other: String,
    },
    /// A rule that is switched off and never was.
    #[error("{place}: there is no rule `{name}` to switch off{}", way_out(.meant))]
    NoSuchRule {
        /// File and line.
        place: String,
        /// The name.
        name: String,
        /// What was probably meant.
        meant: Option<String>,
    },
}

fn way_out(meant: &Option<String>) -> String {
    meant
        .as_ref()
        .map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// The known word that is most like `word`.
pub(crate) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let alike = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness >= 0.8);
    let best = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(best.1.to_owned())
}
