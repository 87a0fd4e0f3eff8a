//! What could be done about what was measured: rules in data, recommendations with their evidence out.
//!
//! Pure: the text of the rules is given, nothing is read.

use benchhost_gate::Judgements;
use benchhost_record::Run;
use serde::Serialize;

/// Something that could be done, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// Name of the rule that spoke.
    pub rule: String,
    /// The case, by its id; empty when it is about the whole run.
    pub case: String,
    /// The metric that triggered it; empty when it was something else.
    pub metric: String,
    /// The number that triggered it, with its unit, as people read it: `612 ms`.
    pub number: String,
    /// The condition that holds, as it is written in the rule.
    pub condition: String,
    /// What to do, a sentence for people.
    pub text: String,
}

/// Recommendations for a run, the most important first.
#[must_use]
pub fn recommend(_run: &Run, _judged: &Judgements) -> Vec<Recommendation> {
    Vec::new()
}
