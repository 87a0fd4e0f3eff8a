//! Counts what the tools found, as a table in Markdown.

use std::fmt::Write as _;

use crate::{
    plan::Outcome,
    tool::{Tool, Verdict},
};

/// A row for each tool and kernel, a column for each slow-down: how many trials said what is true (for identical
/// code: how many raised a false alarm), and the median time.
pub(crate) fn table(outcomes: &[Outcome], kernels: &[String], slowdowns: &[f64]) -> String {
    let mut text = "| tool | kernel |".to_owned();
    for slowdown in slowdowns {
        let _ = match *slowdown {
            0.0 => write!(text, " identical: flagged |"),
            percent => write!(text, " {percent} %: found |"),
        };
    }
    let _ = write!(text, "\n|---|---|{}", "---|".repeat(slowdowns.len()));
    for tool in Tool::ALL {
        for kernel in kernels {
            let of = |slowdown: f64| -> Vec<&Outcome> {
                let is_meant = |outcome: &&Outcome| {
                    let trial = &outcome.trial;
                    trial.tool == tool && trial.kernel == *kernel && trial.slowdown == slowdown
                };
                outcomes.iter().filter(is_meant).collect()
            };
            if slowdowns.iter().all(|slowdown| of(*slowdown).is_empty()) {
                continue;
            }
            let _ = write!(text, "\n| {} | {kernel} |", tool.name());
            for slowdown in slowdowns {
                let _ = write!(text, " {} |", cell(&of(*slowdown), *slowdown));
            }
        }
    }
    text
}

/// `19/20, 0.31 s`, with what went wrong when something did: a change in the wrong direction, a tool that failed.
fn cell(outcomes: &[&Outcome], slowdown: f64) -> String {
    if outcomes.is_empty() {
        return "–".to_owned();
    }
    let count = |verdict| {
        outcomes
            .iter()
            .filter(|outcome| outcome.verdict == verdict)
            .count()
    };
    let (slower, faster, failed) = (
        count(Verdict::Slower),
        count(Verdict::Faster),
        count(Verdict::Failed),
    );
    let is_same = slowdown == 0.0;
    let counted = if is_same { slower + faster } else { slower };
    let mut text = format!("{counted}/{}", outcomes.len());
    if !is_same && faster > 0 {
        let _ = write!(text, " ({faster} the wrong way)");
    }
    if failed > 0 {
        let _ = write!(text, " ({failed} failed)");
    }
    let mut seconds: Vec<f64> = outcomes.iter().map(|outcome| outcome.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let _ = write!(text, ", {:.2} s", median(&seconds));
    text
}

/// Median of `sorted`, which has at least one value.
fn median(sorted: &[f64]) -> f64 {
    let (low, high) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    f64::midpoint(sorted[low], sorted[high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Trial;

    fn outcome(slowdown: f64, verdict: Verdict, seconds: f64) -> Outcome {
        let trial = Trial {
            tool: Tool::Tango,
            kernel: "cache".to_owned(),
            slowdown,
        };
        Outcome {
            trial,
            verdict,
            change: 0.0,
            seconds,
        }
    }

    #[test]
    fn a_cell_counts_alarms_on_identical_code_and_finds_elsewhere() {
        let outcomes = [
            outcome(0.0, Verdict::Faster, 1.0),
            outcome(0.0, Verdict::Slower, 2.0),
            outcome(0.0, Verdict::Unchanged, 9.0),
            outcome(5.0, Verdict::Slower, 1.0),
            outcome(5.0, Verdict::Faster, 1.5),
            outcome(5.0, Verdict::Failed, 2.0),
            outcome(5.0, Verdict::Unchanged, 2.5),
        ];

        let table = table(&outcomes, &["cache".to_owned()], &[0.0, 1.0, 5.0]);

        let last = table.lines().last().unwrap();
        let expected =
            "| tango | cache | 2/3, 2.00 s | – | 1/4 (1 the wrong way) (1 failed), 1.75 s |";
        assert_eq!(last, expected);
    }
}
