//! When the parts of a run were, as far as the record tells.
//!
//! It has the durations of the phases of each repetition and the order in which these ran, but no moments. So repetitions are
//! laid one after another from the start of the run, and their phases too. Durations and order are right; starts are early by what
//! lies between the phases and is not recorded: the verification, the teardown, the host's own work.

use benchhost_record::{Outcome, Phase, Repetition, Run};

/// Said of every span whose start was laid so.
pub(super) const HOW: &str = "reconstructed: repetitions in the order they ran, one after another";

/// A repetition in its place.
#[derive(Debug)]
pub(super) struct Laid<'a> {
    /// Index of its case.
    pub(super) case: usize,
    pub(super) repetition: &'a Repetition,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) phases: Vec<LaidPhase>,
}

/// A phase in its place; times in ns since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaidPhase {
    pub(super) phase: Phase,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Whether the repetition ended badly in it.
    pub(super) is_last: bool,
}

/// The repetitions of a run in the order they ran, from `start` on.
pub(super) fn laid(run: &Run, start: u64) -> Vec<Laid<'_>> {
    let all = run.cases.iter().enumerate();
    let mut all: Vec<(usize, &Repetition)> = all
        .flat_map(|(case, result)| result.repetitions.iter().map(move |one| (case, one)))
        .collect();
    all.sort_by_key(|(_, repetition)| repetition.position);
    let mut now = start;
    all.into_iter()
        .map(|(case, repetition)| {
            let start = now;
            let phases: Vec<LaidPhase> = durations(repetition)
                .into_iter()
                .map(|(phase, duration, is_last)| {
                    let start = now;
                    now = now.saturating_add(duration);
                    LaidPhase {
                        phase,
                        start,
                        end: now,
                        is_last,
                    }
                })
                .collect();
            Laid {
                case,
                repetition,
                start,
                end: now,
                phases,
            }
        })
        .collect()
}

/// Phases of a repetition that took time, and the one it ended badly in.
fn durations(repetition: &Repetition) -> Vec<(Phase, u64, bool)> {
    let times = &repetition.times;
    let recorded = [
        (Phase::Spawn, times.start_ns),
        (Phase::Load, times.load_ns),
        (Phase::Create, times.create_ns),
        (Phase::Setup, times.setup_ns),
        (Phase::FirstIteration, times.first_iteration_ns),
        (
            Phase::WarmUp,
            repetition.warm_up.map_or(0, |warm_up| warm_up.elapsed_ns),
        ),
        (Phase::Measure, times.measure_ns),
        (Phase::Verify, 0),
        (Phase::Teardown, 0),
        (Phase::Down, 0),
    ];
    let last = ended_in(&repetition.outcome);
    let kept = recorded
        .into_iter()
        .filter(|(phase, ns)| *ns > 0 || last == Some(*phase));
    kept.map(|(phase, ns)| {
        // It took at least as long as it may, when that is why it was ended.
        let least = match &repetition.outcome {
            Outcome::Timeout {
                phase: late,
                limit_ns,
            } if *late == phase => *limit_ns,
            _ => 0,
        };
        (phase, ns.max(least), last == Some(phase))
    })
    .collect()
}

/// Where a repetition ended badly.
fn ended_in(outcome: &Outcome) -> Option<Phase> {
    match outcome {
        Outcome::Ok | Outcome::Skipped { .. } | Outcome::Wrong { .. } => None,
        Outcome::PluginError { phase, .. }
        | Outcome::Panic { phase, .. }
        | Outcome::Signal { phase, .. }
        | Outcome::Exit { phase, .. }
        | Outcome::OomLimit { phase, .. }
        | Outcome::OomKill { phase }
        | Outcome::Timeout { phase, .. }
        | Outcome::Stall { phase, .. }
        | Outcome::Protocol { phase, .. } => Some(*phase),
    }
}
