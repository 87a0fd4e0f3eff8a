//! Which alerts an action is about.

use benchhost_record::{AlertState, Severity};

use super::{super::PublishError, keys::Keys};
use crate::store::SeriesFilter;

/// Messages of one action in one go: more are no message, they are a flood.
const MOST: u64 = 20;

/// What an action can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Regression,
    Improvement,
    TargetMissed,
    Failure,
}

impl Kind {
    /// The word.
    pub(in super::super) fn word(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Improvement => "improvement",
            Self::TargetMissed => "target-missed",
            Self::Failure => "failure",
        }
    }
}

const KINDS: [(&str, Kind); 4] = [
    ("regression", Kind::Regression),
    ("improvement", Kind::Improvement),
    ("target-missed", Kind::TargetMissed),
    ("failure", Kind::Failure),
];

const SEVERITIES: [(&str, Severity); 3] = [
    ("info", Severity::Info),
    ("warning", Severity::Warning),
    ("critical", Severity::Critical),
];

const STATES: [(&str, AlertState); 5] = [
    ("opened", AlertState::Opened),
    ("confirmed", AlertState::Confirmed),
    ("resolved", AlertState::Resolved),
    ("accepted", AlertState::Accepted),
    ("expired", AlertState::Expired),
];

/// Which alerts an action is about.
#[derive(Debug, Clone)]
pub(in super::super) struct Limits {
    pub(in super::super) on: Vec<Kind>,
    /// The least; improvements are not weighed.
    pub(in super::super) severity: Severity,
    pub(in super::super) states: Vec<AlertState>,
    pub(in super::super) series: SeriesFilter,
    /// Messages in one go.
    pub(in super::super) most: usize,
}

/// What `on`, `severity`, `state`, `case`, `metric` and `most` say.
pub(super) fn limits(keys: &Keys<'_>) -> Result<Limits, PublishError> {
    let severity = keys.words("severity", &SEVERITIES)?;
    if severity.as_ref().is_some_and(|words| words.len() != 1) {
        return Err(keys.wrong("severity", "the least that counts, one word"));
    }
    let globs = |key: &str| -> Result<Vec<String>, PublishError> {
        const EXPECTED: &str = "a glob like \"training*\", or a list of them";
        let globs = keys.texts(key, EXPECTED)?.unwrap_or_default();
        SeriesFilter::new(&globs, &[], None).map_err(|_| keys.wrong(key, EXPECTED))?;
        Ok(globs)
    };
    let series = SeriesFilter::new(&globs("case")?, &globs("metric")?, None)
        .map_err(|error| PublishError::usage(format!("{}: {error}", keys.place())))?;
    let usual = vec![Kind::Regression, Kind::TargetMissed, Kind::Failure];
    let most = keys.whole("most", 10_000)?.unwrap_or(MOST);
    Ok(Limits {
        on: keys.words("on", &KINDS)?.unwrap_or(usual),
        severity: severity
            .and_then(|words| words.first().copied())
            .unwrap_or(Severity::Warning),
        states: keys
            .words("state", &STATES)?
            .unwrap_or(vec![AlertState::Opened, AlertState::Resolved]),
        series,
        most: usize::try_from(most).unwrap_or(usize::MAX),
    })
}
