//! Takes the alarm out of findings that are the machine's doing. Rules that somebody wrote say what they say.

mod common;
mod derived;
mod imprecise;
mod shared_core;
mod waiting;

use super::finding::Finding;
use crate::{Subject, Verdict};

/// Where the rules stand that nobody wrote.
const DEFAULT_PLACE: &str = "default";

/// Name of the default rule that compares few values.
const EARLY_RULE: &str = "recent";

/// Looks at all findings of a run.
pub(super) fn excuse(subjects: &[Subject], findings: &mut [Vec<Finding>]) {
    shared_core::excuse(subjects, findings);
    waiting::excuse(subjects, findings);
    common::excuse(subjects, findings);
    imprecise::excuse(subjects, findings);
    derived::excuse(subjects, findings);
}

fn is_disturbed(subject: &Subject) -> bool {
    subject.value.as_ref().is_ok_and(|value| value.is_disturbed)
}

/// Whether the finding is an alarm of a rule that nobody wrote.
fn is_default_alarm(finding: &Finding) -> bool {
    finding.place == DEFAULT_PLACE && finding.verdict.fails()
}

/// Whether the finding is of the rule that compares few values.
fn is_early(finding: &Finding) -> bool {
    finding.place == DEFAULT_PLACE && finding.rule == EARLY_RULE
}

/// No alarm any more, and why.
fn calm_down(finding: &mut Finding, why: &str) {
    finding.verdict = Verdict::Inconclusive;
    // Who asks for a second look gets one.
    finding.is_suspicious = true;
    finding.because.push_str(why);
}

#[cfg(test)]
mod tests;
