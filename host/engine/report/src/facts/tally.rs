//! How the cases ended, and how many targets are met. Skipped cases are counted apart: they are neither.

use benchhost_gate::{Bound, Verdict};
use benchhost_record::{CaseResult, Outcome, Run};

use super::Known;
use crate::Report;

/// How many cases ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) ok: usize,
    pub(crate) wrong: usize,
    /// Crashed, hung, out of memory, or an error of the plugin.
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// Planned, and not in: the run is not finished.
    pub(crate) missing: usize,
}

impl Tally {
    pub(crate) fn of(run: &Run) -> Self {
        let mut tally = Self::default();
        for result in &run.cases {
            match &result.outcome {
                Outcome::Ok => tally.ok += 1,
                Outcome::Wrong { .. } => tally.wrong += 1,
                Outcome::Skipped { .. } => tally.skipped += 1,
                _ => tally.failed += 1,
            }
        }
        let planned = usize::try_from(run.planned_cases).unwrap_or(usize::MAX);
        tally.missing = planned.saturating_sub(run.cases.len());
        tally
    }

    /// Cases that were run to an end, good or bad.
    pub(crate) fn run(&self) -> usize {
        self.ok + self.wrong + self.failed
    }
}

/// Whether a target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetState {
    Met,
    Missed,
    /// Nothing was measured, or the bound is in another unit.
    Open,
}

/// The target of the suite for a metric of a case: the bound as written, and whether it is met.
pub(crate) fn target<'a>(
    report: &Known<'_>,
    result: &'a CaseResult,
    metric: &str,
) -> Option<(&'a str, TargetState)> {
    let written = result.targets.get(metric)?;
    let state = state(report, result, metric, written);
    Some((written, state))
}

fn state(report: &Known<'_>, result: &CaseResult, metric: &str, written: &str) -> TargetState {
    let judged = report.verdict(result.case.id.as_str(), metric);
    if judged.is_some_and(|one| one.verdict == Verdict::TargetMissed) {
        return TargetState::Missed;
    }
    let holds = || {
        let mut measured = result.measurements.iter();
        let one = measured.find(|one| one.metric.name == metric)?;
        let value = one.summary.as_ref()?.median;
        let bound = Bound::parse(written)?;
        let limit = bound.in_unit(&one.metric.unit)?;
        Some(bound.holds(value, limit))
    };
    match holds() {
        Some(true) if result.outcome.is_ok() => TargetState::Met,
        Some(false) if result.outcome.is_ok() => TargetState::Missed,
        _ => TargetState::Open,
    }
}

/// How many targets of the suite are met, of those of cases that were not skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TargetTally {
    pub(crate) met: usize,
    pub(crate) missed: usize,
    /// Of cases that gave no value.
    pub(crate) open: usize,
}

impl TargetTally {
    pub(crate) fn asked(&self) -> usize {
        self.met + self.missed + self.open
    }
}

/// Counts the targets of the suite.
pub(crate) fn targets(report: &Known<'_>) -> TargetTally {
    let mut tally = TargetTally::default();
    let run = report
        .cases()
        .iter()
        .filter(|result| !matches!(result.outcome, Outcome::Skipped { .. }));
    for result in run {
        for (metric, written) in &result.targets {
            match state(report, result, metric, written) {
                TargetState::Met => tally.met += 1,
                TargetState::Missed => tally.missed += 1,
                TargetState::Open => tally.open += 1,
            }
        }
    }
    tally
}

/// A target of a case that came to its end without that metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenTarget<'a> {
    pub(crate) result: &'a CaseResult,
    pub(crate) metric: &'a str,
    /// The bound, as written.
    pub(crate) written: &'a str,
}

/// Targets whose metric was not measured though the case is fine; what failed or was skipped is said of the case.
pub(crate) fn open_targets(report: &Report) -> impl Iterator<Item = OpenTarget<'_>> {
    let fine = report.cases().iter().filter(|one| one.outcome.is_ok());
    fine.flat_map(|result| {
        let targets = result.targets.iter();
        let open = targets.filter(|(metric, _)| !has_value(result, metric));
        open.map(move |(metric, written)| OpenTarget {
            result,
            metric,
            written,
        })
    })
}

fn has_value(result: &CaseResult, metric: &str) -> bool {
    let mut measured = result.measurements.iter();
    measured.any(|one| one.metric.name == metric && one.summary.is_some())
}

/// The cases that were skipped, by reason.
pub(crate) fn skipped(cases: &[CaseResult]) -> Vec<(&str, Vec<&CaseResult>)> {
    let mut reasons: Vec<(&str, Vec<&CaseResult>)> = Vec::new();
    for result in cases {
        let Outcome::Skipped { reason } = &result.outcome else {
            continue;
        };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, skipped)) => skipped.push(result),
            None => reasons.push((reason, vec![result])),
        }
    }
    reasons
}

/// Plugins that could not be loaded, with the reason.
pub(crate) fn refused(run: &Run) -> impl Iterator<Item = (&str, &str)> {
    let plugins = run.plugins.iter();
    plugins.filter_map(|plugin| Some((plugin.name.as_str(), plugin.rejected.as_deref()?)))
}
