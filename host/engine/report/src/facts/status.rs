//! Whether a run is fine, in a word and in the fewest words that say why.

use benchhost_gate::Verdict;

use super::{Tally, count, doubtful, refused};
use crate::Report;

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// Something failed, is wrong, regressed or missed its target.
    Failed,
    /// Nothing did, and not everything is known: cut short, or inconclusive.
    Doubtful,
    Passed,
}

/// The grade, and why.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) grade: Grade,
    /// `2 metrics regressed, 1 case failed`.
    pub(crate) reason: String,
}

impl Status {
    pub(crate) fn of(report: &Report) -> Self {
        let Some(run) = &report.run else {
            return Self {
                grade: Grade::Doubtful,
                reason: "there is no run, only a history of values".to_owned(),
            };
        };
        let tally = Tally::of(run);
        let failing = |is_meant: fn(Verdict) -> bool| {
            let judged = report.judged.judged.iter();
            judged
                .filter(|one| one.verdict.fails() && is_meant(one.verdict))
                .count()
        };
        let bad = told(&[
            (
                failing(|v| v != Verdict::TargetMissed),
                "metric",
                "regressed",
            ),
            (failing(|v| v == Verdict::TargetMissed), "target", "missed"),
            (tally.failed, "case", "failed"),
            (tally.wrong, "case", "wrong"),
            (refused(run).count(), "plugin", "refused"),
        ]);
        let open = told(&[
            (tally.missing, "case", "not run"),
            (
                run.partial_cases(),
                "case",
                "with fewer repetitions than planned",
            ),
            (doubtful(report).count(), "verdict", "inconclusive"),
        ]);
        let skipped = told(&[(tally.skipped, "case", "skipped")]);
        let parts: Vec<String> = bad.iter().chain(&open).cloned().collect();
        let grade = match (bad.is_empty(), open.is_empty()) {
            (false, _) => Grade::Failed,
            (true, false) => Grade::Doubtful,
            (true, true) => Grade::Passed,
        };
        let reason = match parts.is_empty() {
            true if tally.ok == 0 => "nothing was measured".to_owned(),
            true => format!("{} ok", count(tally.ok, "case")),
            false => parts.join(", "),
        };
        let reason = std::iter::once(reason)
            .chain(skipped)
            .collect::<Vec<_>>()
            .join(", ");
        // A run in which every case was skipped proves nothing.
        let is_empty = grade == Grade::Passed && tally.ok == 0;
        Self {
            grade: if is_empty { Grade::Doubtful } else { grade },
            reason,
        }
    }
}

impl Grade {
    /// The word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Doubtful => "inconclusive",
            Self::Passed => "passed",
        }
    }
}

fn told(parts: &[(usize, &str, &str)]) -> Vec<String> {
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    parts
        .map(|(number, noun, what)| format!("{} {what}", count(*number, noun)))
        .collect()
}
