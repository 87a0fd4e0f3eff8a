//! From evidence to decisions, for a whole family of comparisons at once.

use crate::family::discoveries;
use crate::{Paired, Unpaired, family::discoveries_by_p};

/// What is known about one ratio candidate / baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The candidate's value is higher, by more than the tolerance.
    Higher,
    /// The candidate's value is lower, by more than the tolerance.
    Lower,
    /// The two differ by less than the margin.
    Equivalent,
}

/// A decision, or none yet, and the level of the interval that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decided {
    /// What is known; `None` while it is not.
    pub decision: Option<Decision>,
    /// 1 − confidence of the interval that says the same as the decision: level · k/m for one of k discoveries among m.
    pub level: f64,
}

/// Looks at a family of paired comparisons, at any time and as often as wanted.
///
/// Changes and equivalences are two families, each with a false discovery rate of at most `level`. A comparison that shows
/// a change is not asked whether it is equivalent. Either verdict is read off the interval at the returned level: beyond
/// the tolerance, or within the margin.
#[must_use]
pub fn decide(family: &[&Paired], level: f64) -> Vec<Decided> {
    // Two directions share each hypothesis: half an e-value each.
    let half = std::f64::consts::LN_2;
    let changes: Vec<f64> = family
        .iter()
        .map(|one| one.log_evidence_higher().max(one.log_evidence_lower()) - half)
        .collect();
    let changed = discoveries(&changes, level);
    // What is told to have changed is no discovery of an equivalence, and must not lower the bar for others.
    let equals: Vec<f64> = family
        .iter()
        .zip(&changed)
        .map(|(one, changed)| {
            if *changed {
                f64::NEG_INFINITY
            } else {
                one.log_evidence_equivalent() - half
            }
        })
        .collect();
    let higher = |i: usize| family[i].log_evidence_higher() > family[i].log_evidence_lower();
    combine(&changed, &discoveries(&equals, level), higher, level)
}

/// As [`decide`], for two finished sets of repetitions each, looked at once.
#[must_use]
pub fn decide_unpaired(family: &[&Unpaired], level: f64) -> Vec<Decided> {
    let changes: Vec<f64> = family.iter().map(|one| one.p_change()).collect();
    let changed = discoveries_by_p(&changes, level);
    let equals: Vec<f64> = family
        .iter()
        .zip(&changed)
        .map(|(one, changed)| if *changed { 1.0 } else { one.p_equivalent() })
        .collect();
    let higher = |i: usize| family[i].log_ratio() > 0.0;
    let equal = discoveries_by_p(&equals, level);
    // The interval that agrees with Benjamini and Yekutieli has their harmonic number in its level.
    let harmonic: f64 = (1..=family.len()).map(|i| 1.0 / i as f64).sum();
    combine(&changed, &equal, higher, level / harmonic.max(1.0))
}

fn combine(
    changed: &[bool],
    equal: &[bool],
    higher: impl Fn(usize) -> bool,
    level: f64,
) -> Vec<Decided> {
    let m = changed.len() as f64;
    let count = |found: &[bool]| found.iter().filter(|found| **found).count().max(1) as f64;
    let (changes, equals) = (count(changed), count(equal));
    (0..changed.len())
        .map(|i| {
            let (decision, k) = match (changed[i], equal[i]) {
                (true, _) if higher(i) => (Some(Decision::Higher), changes),
                (true, _) => (Some(Decision::Lower), changes),
                (false, true) => (Some(Decision::Equivalent), equals),
                (false, false) => (None, 1.0),
            };
            Decided {
                decision,
                level: level * k / m,
            }
        })
        .collect()
}
