//! Workflow commands: `::error title=…::…`. GitHub shows ten of each kind for a step, so the rest is counted in a notice.

use std::fmt::Write as _;

use benchhost_gate::Verdict;
use benchhost_record::{CaseResult, Outcome};

use crate::{
    Report,
    facts::{Head, count, doubtful, failing, movers, refused, word},
    markdown::escape::{cut, visible},
};

/// Annotations of a kind that GitHub shows for a step.
const SHOWN: usize = 10;

/// Longest message, in characters.
const MESSAGE: usize = 1000;

/// Longest title, in characters.
const TITLE: usize = 200;

struct Annotation {
    title: String,
    message: String,
}

/// Workflow commands, one a line: an error for everything that fails a gate, a warning for what could; a notice with the
/// number of those that are not shown. Empty when nothing asks for attention.
#[must_use]
pub fn annotations(report: &Report) -> String {
    let mut lines = String::new();
    let mut hidden = Vec::new();
    for (command, all) in [("error", errors(report)), ("warning", warnings(report))] {
        for one in all.iter().take(SHOWN) {
            put(&mut lines, command, one);
        }
        let more = all.len().saturating_sub(SHOWN);
        if more > 0 {
            hidden.push(format!("{} more", count(more, command)));
        }
    }
    if !hidden.is_empty() {
        let one = Annotation {
            title: "benchhost: not all is shown here".to_owned(),
            message: format!("{}: see the summary of the step", hidden.join(" and ")),
        };
        put(&mut lines, "notice", &one);
    }
    lines
}

fn errors(report: &Report) -> Vec<Annotation> {
    let mut all = Vec::new();
    if let Some(run) = &report.run {
        all.extend(refused(run).map(|(name, reason)| Annotation {
            title: format!("plugin {name} is refused"),
            message: reason.to_owned(),
        }));
        let failed = run.cases.iter().filter(|one| one.outcome.is_failure());
        all.extend(failed.map(ended_badly));
    }
    all.extend(failing(report).map(|one| Annotation {
        title: format!("{}: {} of {}", word(one.verdict), one.metric.name, one.case),
        message: one.sentence.clone(),
    }));
    all
}

fn ended_badly(result: &CaseResult) -> Annotation {
    let word = match result.outcome {
        Outcome::Wrong { .. } => "wrong answer",
        _ => "failed",
    };
    Annotation {
        title: format!("{word}: {}", result.case.id),
        message: result.outcome.sentence(),
    }
}

fn warnings(report: &Report) -> Vec<Annotation> {
    let mut all = Vec::new();
    let head = Head::of(report);
    if !head.unfinished.is_empty() {
        all.push(Annotation {
            title: "the run is not whole".to_owned(),
            message: head.unfinished,
        });
    }
    let slightly = movers(&report.judged.judged)
        .into_iter()
        .filter(|one| matches!(one.verdict, Verdict::Regressed(_)) && !one.verdict.fails());
    all.extend(slightly.chain(doubtful(report)).map(|one| Annotation {
        title: format!("{}: {} of {}", word(one.verdict), one.metric.name, one.case),
        message: one.sentence.clone(),
    }));
    all
}

fn put(lines: &mut String, command: &str, one: &Annotation) {
    let title = property(&cut(visible(&one.title).trim(), TITLE));
    let message = data(&cut(visible(&one.message).trim(), MESSAGE));
    let _ = writeln!(lines, "::{command} title={title}::{message}");
}

/// As the runner reads a message back.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// As the runner reads a property back.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_can_begin_or_end_a_command() {
        let mut lines = String::new();
        let one = Annotation {
            title: "a,b::c%0A".to_owned(),
            message: "x\n::error::y % z\r".to_owned(),
        };

        put(&mut lines, "error", &one);

        assert_eq!(
            lines,
            "::error title=a%2Cb%3A%3Ac%250A::x ::error::y %25 z\n"
        );
    }
}
