//! What is made of a run: verdicts by everything that is known, and what could be done.

use std::path::Path;

use benchhost_advice::{Earlier, Facts, Recommendation, idle, recommend};
use benchhost_gate::{Judgements, Terms, judge};
use benchhost_record::Run;

use super::before::earlier;
use crate::{
    baseline::Baseline,
    command::Failure,
    judge::{self as judging, ACCEPTED_FILE, Accepted, Known},
    peaks,
    store::Store,
};

/// What a run is judged by.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct By<'a> {
    /// The history, where it is or would be.
    pub(in crate::command) path: &'a Path,
    /// The history, when there is one.
    pub(in crate::command) store: Option<&'a Store>,
    /// What values should be.
    pub(in crate::command) baseline: Option<&'a Baseline>,
    /// A file of rules.
    pub(in crate::command) gates: Option<&'a Path>,
    /// A file of rules of recommendations.
    pub(in crate::command) recommend: Option<&'a Path>,
    /// Whether the past of other machines counts too.
    pub(in crate::command) across_machines: bool,
}

/// What is made of a run.
#[derive(Debug, Default)]
pub(in crate::command) struct Opinion {
    /// What is said of it, the worst first.
    pub(in crate::command) judged: Judgements,
    /// What could be done.
    pub(in crate::command) recommendations: Vec<Recommendation>,
    /// Gates of the run that cannot be read, as sentences.
    pub(in crate::command) unreadable: Vec<String>,
    /// Rules of recommendations that ask for what nothing has, as sentences.
    pub(in crate::command) idle: Vec<String>,
}

/// Judges a run as `check` does without a second look; no alert moves.
///
/// # Errors
/// [`Failure`] when rules or history cannot be read.
pub(in crate::command) fn opinion(run: &Run, by: &By<'_>) -> Result<Opinion, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
    let (gates, unreadable) =
        judging::readable_rules(&run.gates, by.gates).map_err(|error| usage(&error))?;
    let rules = judging::advice(by.recommend).map_err(|error| usage(&error))?;
    let known = Known {
        history: by.store.map(|_| by.path),
        baseline: by.baseline,
        again: None,
        across_machines: by.across_machines,
    };
    let subjects = judging::subjects(run, &known)?;
    let mut judged = judge(&subjects, &gates, &Terms::default());
    let accepted = Accepted::read(Path::new(ACCEPTED_FILE)).map_err(|error| usage(&error))?;
    accepted.apply(&mut judged.judged, &run.environment.fingerprint);
    let before = match by.store {
        Some(store) => earlier(store, run)?,
        None => Vec::new(),
    };
    let roofs = peaks::read(&peaks::beside(by.path), &run.environment.fingerprint);
    let facts = Facts {
        run,
        judged: &judged,
        subjects: &subjects,
        earlier_runs: by.store.map(|_| before.len()),
        before: before.first().map(|head| Earlier {
            started: &head.started,
            environment: &head.environment,
        }),
        has_roofs: roofs.is_some(),
    };
    let recommendations = recommend(&rules, &facts);
    let idle = idle(&rules, &facts);
    Ok(Opinion {
        judged,
        recommendations,
        unreadable,
        idle,
    })
}
