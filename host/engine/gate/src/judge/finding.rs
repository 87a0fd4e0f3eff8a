//! What one rule found about one subject.

use crate::{Rule, Verdict};

/// A verdict of one rule, before the family is counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    pub(crate) rule: String,
    pub(crate) place: String,
    /// The value that was judged, when it is not the typical one.
    pub(crate) value: Option<f64>,
    pub(crate) reference: f64,
    pub(crate) effect: f64,
    pub(crate) interval: Option<(f64, f64)>,
    /// Of tests; what the family is counted with.
    pub(crate) p: Option<f64>,
    pub(crate) n: usize,
    pub(crate) runs: Vec<String>,
    pub(crate) is_suspicious: bool,
    /// What it is when its p-value is no discovery.
    pub(crate) otherwise: Verdict,
    /// Why, in words that follow the numbers.
    pub(crate) because: String,
}

impl Finding {
    /// A finding that says nothing yet.
    pub(crate) fn new(rule: &Rule, verdict: Verdict) -> Self {
        Self {
            verdict,
            rule: rule.name.clone(),
            place: rule.place.clone(),
            value: None,
            reference: f64::NAN,
            effect: f64::NAN,
            interval: None,
            p: None,
            n: 0,
            runs: Vec::new(),
            is_suspicious: false,
            otherwise: Verdict::Unchanged,
            because: String::new(),
        }
    }

    /// The case ended badly.
    pub(crate) fn failed(rule: &Rule, why: &str) -> Self {
        Self {
            rule: "outcome".to_owned(),
            because: why.to_owned(),
            ..Self::new(rule, Verdict::Failed)
        }
    }

    /// Nothing can be said, and why.
    pub(crate) fn insufficient(rule: &Rule, because: impl Into<String>) -> Self {
        Self {
            because: because.into(),
            ..Self::new(rule, Verdict::InsufficientData)
        }
    }
}
