//! What is recommended, with its evidence.

use serde::Serialize;

/// Something that could be done, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// Name of the rule that spoke.
    pub rule: String,
    /// How important it is: the lower, the sooner it is read.
    pub rank: u32,
    /// The case where it holds most clearly, by its id; empty when it is about the whole run.
    pub case: String,
    /// Every case it is said of, by id, the clearest first; empty when it is about the whole run.
    pub cases: Vec<String>,
    /// What else it is about, a curve: `system/contention by threads`; empty for cases and runs.
    pub about: String,
    /// Further cases, or curves, it is said of.
    pub more: usize,
    /// The metric that triggered it; empty when it was something else.
    pub metric: String,
    /// The number that triggered it, with its unit, as people read it: `612 ms`.
    pub number: String,
    /// The condition that holds, as it is written in the rule.
    pub condition: String,
    /// What to do, a sentence for people.
    pub text: String,
    /// What was said already: of a case the sentence of its flag, its verdict or its end, of a curve what makes it doubtful;
    /// empty when there was nothing.
    pub evidence: String,
}
