//! What stands over every form: which run it is, of what, on which machine, and whether it came to its end.

use benchhost_record::{Run, RunState, format_quantity};
use jiff::Timestamp;

use crate::Report;

/// Digits of a commit that people look at.
const SHORT: usize = 10;

/// Longest fact, in characters.
const LONGEST: usize = 300;

/// The facts of a heading, as they were written: hostile until a form has made them harmless.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// Name of the suite; empty without one.
    pub(crate) suite: String,
    /// Id of the run; empty without one.
    pub(crate) run: String,
    /// Why this is not the whole run, a sentence; empty when it is.
    pub(crate) unfinished: String,
    /// Commit, shortened, with `-dirty` when the work tree differed; empty when unknown.
    pub(crate) revision: String,
    /// Branch; empty when unknown.
    pub(crate) branch: String,
    /// Fingerprint of the machine.
    pub(crate) machine: String,
    /// What the machine is, for people.
    pub(crate) hardware: String,
    /// When it began, for people.
    pub(crate) started: String,
    /// How long it took, for people; empty while running.
    pub(crate) duration: String,
}

impl Head {
    pub(crate) fn of(report: &Report) -> Self {
        let Some(run) = &report.run else {
            return Self::default();
        };
        let git = run.git.as_ref();
        let revision = git.map_or_else(String::new, |git| {
            let short: String = git.revision.chars().take(SHORT).collect();
            let dirty = if git.dirty { "-dirty" } else { "" };
            format!("{short}{dirty}")
        });
        let head = Self {
            suite: run
                .suite
                .as_ref()
                .map_or_else(String::new, |suite| suite.name.clone()),
            run: run.id.clone(),
            unfinished: unfinished(run).unwrap_or_default(),
            revision,
            branch: git.and_then(|git| git.branch.clone()).unwrap_or_default(),
            machine: run.environment.fingerprint.clone(),
            hardware: hardware(run),
            started: run.started.clone(),
            duration: seconds(run).map_or_else(String::new, |s| format_quantity(s * 1e9, "ns")),
        };
        head.short()
    }

    /// Nothing of a heading is as long as a page, whatever a file says.
    fn short(mut self) -> Self {
        for text in [
            &mut self.suite,
            &mut self.run,
            &mut self.revision,
            &mut self.branch,
            &mut self.machine,
            &mut self.hardware,
            &mut self.started,
        ] {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
                text.push('…');
            }
        }
        self
    }
}

/// What must not be overlooked about the state of the run; nothing when it is whole.
pub(crate) fn unfinished(run: &Run) -> Option<String> {
    let mut cases = format!("{} of {} cases are in", run.cases.len(), run.planned_cases);
    match run.partial_cases() {
        0 => (),
        partial => cases.push_str(&format!(
            ", {partial} of them with fewer repetitions than planned"
        )),
    }
    Some(match run.state {
        RunState::Finished if run.missing_cases() == 0 => return None,
        RunState::Finished => format!("INCOMPLETE: {cases}"),
        RunState::Interrupted => format!("INTERRUPTED: ended early by the user, {cases}"),
        RunState::Running => {
            format!("NOT FINISHED: still running, or ended without a word; {cases}")
        }
    })
}

fn hardware(run: &Run) -> String {
    let environment = &run.environment;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(environment.cpu.model.clone());
    if environment.cpu.usable_cpus > 0 {
        parts.push(format!(
            "{} of {} CPUs usable",
            environment.cpu.usable_cpus, environment.cpu.logical_cpus
        ));
    }
    if environment.memory.total_bytes > 0 {
        parts.push(format_quantity(environment.memory.total_bytes as f64, "B"));
    }
    parts.extend(environment.gpus.iter().map(|gpu| gpu.name.clone()));
    parts.extend(environment.os.clone());
    parts.join(", ")
}

/// Wall-clock time from start to end, s; none while running, or when the times cannot be read.
pub(crate) fn seconds(run: &Run) -> Option<f64> {
    let started: Timestamp = run.started.parse().ok()?;
    let finished: Timestamp = run.finished.as_ref()?.parse().ok()?;
    Some(finished.duration_since(started).as_secs_f64()).filter(|s| *s >= 0.0)
}
