//! What is said of the run as a whole: which, how old, how far it came, and how its cases ended.

use benchhost_record::{CaseResult, Outcome, Run, RunState};
use jiff::Timestamp;

use super::family::{Family, Labels};
use crate::Report;

const STATES: [(RunState, &str); 3] = [
    (RunState::Running, "running"),
    (RunState::Finished, "finished"),
    (RunState::Interrupted, "interrupted"),
];

/// Families of the run; without one, only who says so.
pub(super) fn families(report: &Report, now_s: f64) -> Vec<Family> {
    let version = vec![("version", report.host_version.clone())];
    let mut families =
        vec![Family::info("build", "The benchhost that says all this.").with(version, 1.0)];
    if let Some(run) = &report.run {
        families.extend(times(run, now_s));
        families.extend(course(run, report.exit_code));
        families.push(outcomes(run));
        families.push(each_outcome(run));
    }
    families
}

fn times(run: &Run, now_s: f64) -> [Family; 4] {
    let (started, finished) = (
        seconds(&run.started),
        run.finished.as_deref().map_or(f64::NAN, seconds),
    );
    let last = if finished.is_finite() {
        finished
    } else {
        started
    };
    [
        Family::info("run", "The last run.").with(about(run), 1.0),
        Family::new(
            "run_started_timestamp",
            "seconds",
            "When the last run began, Unix time.",
        )
        .with(Labels::new(), started),
        Family::new(
            "run_finished_timestamp",
            "seconds",
            "When the last run ended, Unix time; absent while it runs.",
        )
        .with(Labels::new(), finished),
        Family::new(
            "run_age",
            "seconds",
            "Time since the last run ended, or began when it has no end.",
        )
        .with(Labels::new(), now_s - last),
    ]
}

fn about(run: &Run) -> Labels {
    let git = run.git.as_ref();
    let suite = run.suite.as_ref().map(|suite| suite.name.clone());
    let branch = git.and_then(|git| git.branch.clone());
    let dirty = git.is_some_and(|git| git.dirty);
    vec![
        ("run", run.id.clone()),
        ("suite", suite.unwrap_or_default()),
        ("machine", run.environment.fingerprint.clone()),
        (
            "revision",
            git.map_or_else(String::new, |git| git.revision.clone()),
        ),
        ("branch", branch.unwrap_or_default()),
        ("dirty", dirty.to_string()),
        ("host_version", run.host_version.clone()),
    ]
}

fn course(run: &Run, exit_code: u8) -> [Family; 5] {
    let mut state = Family::new("run_state", "", "1 for the state that the last run is in.");
    for (one, word) in STATES {
        state.push(vec![("state", word.to_owned())], flag(run.state == one));
    }
    let interrupted = flag(run.state == RunState::Interrupted);
    [
        state,
        Family::new("run_interrupted", "", "1 when the last run was ended early by a user.")
            .with(Labels::new(), interrupted),
        Family::new("run_cases_planned", "", "Cases that the last run was to have.")
            .with(Labels::new(), run.planned_cases as f64),
        Family::new("run_cases_finished", "", "Cases that the last run has.")
            .with(Labels::new(), run.cases.len() as f64),
        Family::new(
            "run_exit_code",
            "",
            "Exit code that `benchhost check` would end with: 0 fine, 1 a case failed, 4 regression or target missed (whether or not a case failed too).",
        )
        .with(Labels::new(), f64::from(exit_code)),
    ]
}

fn outcomes(run: &Run) -> Family {
    let mut family = Family::new("run_cases", "", "Cases of the last run, by how they ended.");
    // Also when there is none: an alarm can then wait for more than 0.
    for word in Outcome::WORDS {
        let cases = run.cases.iter().filter(|case| case.outcome.word() == word);
        family.push(vec![("outcome", word.to_owned())], cases.count() as f64);
    }
    family
}

fn each_outcome(run: &Run) -> Family {
    let mut family = Family::new("case_outcome", "", "1: how a case of the last run ended.");
    for case in &run.cases {
        let mut labels = of_case(case, run);
        labels.push(("outcome", case.outcome.word().to_owned()));
        family.push(labels, 1.0);
    }
    family
}

/// What tells a case from others.
pub(super) fn of_case(case: &CaseResult, run: &Run) -> Labels {
    vec![
        ("case", case.case.id.as_str().to_owned()),
        ("plugin", case.case.plugin.clone()),
        ("workload", case.case.workload.clone()),
        ("machine", run.environment.fingerprint.clone()),
    ]
}

pub(super) fn flag(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// Unix time of a moment as records write it; NaN for text that is none.
fn seconds(moment: &str) -> f64 {
    let time = moment.parse::<Timestamp>();
    time.map_or(f64::NAN, |time| time.as_millisecond() as f64 / 1e3)
}
