//! What is said in sentences after the tables: flags, failures, cases not run, refused plugins, and the last line.

use benchhost_gate::{Judgements, Verdict};
use benchhost_record::{CaseResult, Outcome, Run, RunState};
use jiff::Timestamp;

use super::{
    layout::wrapped,
    paint::{Paint, Style},
};
use crate::{
    facts::flagged,
    text::{harmless, pad_right},
};

/// Lines of a failure's detail that are shown.
const DETAIL_LINES: usize = 4;

/// Lines from the end of the worker's standard error that are shown.
const STDERR_LINES: usize = 4;

/// The sections that have something to say.
///
/// `all_flags`: every flag of every case, not the first of each kind.
pub(super) fn sections(
    run: &Run,
    all_flags: bool,
    width: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let flags = if all_flags {
        every_flag(run)
    } else {
        flags(run)
    };
    [
        section("flags", &flags, width, paint),
        section("failures in detail", &failures(run), width, paint),
        section("skipped", &skipped(run), width, paint),
        section("refused plugins", &refused(run), width, paint),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One thing to say: its first line, and lines that belong to it.
pub(super) struct Note {
    pub(super) text: String,
    /// Columns that lines after the first are in.
    pub(super) indent: usize,
    pub(super) details: Vec<String>,
}

/// A title and its notes; nothing without any.
pub(super) fn section(
    title: &str,
    notes: &[Note],
    width: Option<usize>,
    paint: Paint,
) -> Option<String> {
    if notes.is_empty() {
        return None;
    }
    let mut text = paint.lines(&[title.to_owned()], Style::Bold);
    for note in notes {
        let room = width.map(|all| all.saturating_sub(2));
        for line in aligned(&note.text, room, note.indent) {
            text.push_str(&format!("  {line}\n"));
        }
        let details: Vec<String> = note
            .details
            .iter()
            .flat_map(|detail| wrapped(detail, width.map(|all| all.saturating_sub(4)), 2))
            .map(|line| format!("    {line}"))
            .collect();
        text.push_str(&paint.lines(&details, Style::Dim));
    }
    Some(text)
}

/// `text` wrapped with a hanging indent, keeping the run of spaces that ends its first `indent` columns.
fn aligned(text: &str, width: Option<usize>, indent: usize) -> Vec<String> {
    let (head, rest) = text.split_at(text.char_indices().nth(indent).map_or(0, |(at, _)| at));
    let mut lines = wrapped(rest, width.map(|all| all.saturating_sub(indent)), 0);
    for (i, line) in lines.iter_mut().enumerate() {
        let before = if i == 0 {
            head.to_owned()
        } else {
            " ".repeat(indent)
        };
        *line = format!("{before}{line}");
    }
    lines
}

/// One note for each kind of flag: its first sentence and how many cases have it.
fn flags(run: &Run) -> Vec<Note> {
    let kinds = flagged(&run.cases);
    let indent = kinds
        .keys()
        .map(|kind| kind.word().len())
        .max()
        .unwrap_or(0)
        + 2;
    kinds
        .into_iter()
        .map(|(kind, flagged)| {
            let (message, more) = (harmless(flagged.message), flagged.how_many());
            Note {
                text: format!("{}{message}{more}", pad_right(kind.word(), indent)),
                indent,
                details: Vec::new(),
            }
        })
        .collect()
}

/// Every flag of every case, in full.
fn every_flag(run: &Run) -> Vec<Note> {
    let flagged = run.cases.iter().filter(|result| !result.flags.is_empty());
    flagged
        .map(|result| Note {
            text: harmless(result.case.id.as_str()),
            indent: 0,
            details: result
                .flags
                .iter()
                .map(|flag| format!("{}: {}", flag.kind.word(), harmless(&flag.message)))
                .collect(),
        })
        .collect()
}

/// Failures that left more behind than the sentence beside their row.
fn failures(run: &Run) -> Vec<Note> {
    let failed = run
        .cases
        .iter()
        .filter(|result| result.outcome.is_failure());
    failed
        .filter_map(|result| {
            let evidence = evidence(result);
            (!evidence.is_empty()).then(|| Note {
                text: harmless(result.case.id.as_str()),
                indent: 0,
                details: std::iter::once(harmless(&result.outcome.sentence()))
                    .chain(evidence)
                    .collect(),
            })
        })
        .collect()
}

/// The first lines of an error's causes, and the last the worker wrote.
pub(crate) fn evidence(result: &CaseResult) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if let Outcome::PluginError { detail, .. } = &result.outcome {
        let causes = detail.lines().filter(|line| speaks(line));
        lines.extend(causes.take(DETAIL_LINES).map(harmless));
    }
    let repetition = result.repetitions.iter().find(|r| r.outcome.is_failure());
    let stderr = repetition.map_or("", |r| r.output.stderr.as_str());
    let said: Vec<&str> = stderr.lines().filter(|line| speaks(line)).collect();
    let tail = said.iter().skip(said.len().saturating_sub(STDERR_LINES));
    lines.extend(tail.map(|line| format!("stderr: {}", harmless(line.trim()))));
    lines
}

/// Whether a line of standard error or of the causes says something: not empty, and no part of a backtrace, which run.json keeps.
fn speaks(line: &str) -> bool {
    let line = line.trim();
    let is_frame = line.split_once(": ").is_some_and(|(number, _)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_place = line.starts_with("at ");
    let is_frill = line == "stack backtrace:" || line.starts_with("note: ");
    !(line.is_empty() || is_frame || is_place || is_frill)
}

/// One note for each reason, with the cases it holds for.
fn skipped(run: &Run) -> Vec<Note> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for result in &run.cases {
        let Outcome::Skipped { reason } = &result.outcome else {
            continue;
        };
        let (reason, id) = (harmless(reason), harmless(result.case.id.as_str()));
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((reason, vec![id])),
        }
    }
    reasons
        .into_iter()
        .map(|(text, details)| Note {
            text,
            indent: 0,
            details,
        })
        .collect()
}

fn refused(run: &Run) -> Vec<Note> {
    let refused = run
        .plugins
        .iter()
        .filter_map(|plugin| Some((plugin, plugin.rejected.as_ref()?)));
    refused
        .map(|(plugin, reason)| {
            let mut lines = reason.lines().map(harmless);
            let first = lines.next().unwrap_or_default();
            let mut details: Vec<String> = lines.collect();
            if !reason.contains(&plugin.path) && !plugin.path.is_empty() {
                details.push(harmless(&plugin.path));
            }
            Note {
                text: format!("{}: {first}", harmless(&plugin.name)),
                indent: 0,
                details,
            }
        })
        .collect()
}

/// The last line: how many cases ended how, what is said of them, how long it took, which run it is.
pub(super) fn summary(
    run: &Run,
    judged: Option<&Judgements>,
    width: Option<usize>,
    paint: Paint,
) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for result in &run.cases {
        let word = result.outcome.word();
        match words.iter_mut().find(|(known, _)| *known == word) {
            Some((_, number)) => *number += 1,
            None => words.push((word, 1)),
        }
    }
    // `ok` first, the rest by frequency.
    words.sort_by_key(|(word, number)| (*word != "ok", std::cmp::Reverse(*number)));
    let tally: Vec<String> = words
        .iter()
        .map(|(word, number)| format!("{number} {word}"))
        .collect();
    let mut parts = vec![how_many(run)];
    if !tally.is_empty() {
        parts[0] = format!("{}: {}", parts[0], tally.join(", "));
    }
    if run.state == RunState::Interrupted {
        parts.push(match run.partial_cases() {
            0 => "interrupted".to_owned(),
            partial => {
                let cases = count(partial, "case");
                format!("interrupted: {cases} with fewer repetitions than planned")
            }
        });
    }
    parts.extend(judged.and_then(verdicts));
    parts.extend(duration(run));
    parts.push(format!("run {}", harmless(&run.id)));
    let failed = run.cases.iter().any(|result| result.outcome.is_failure());
    let refused = run.plugins.iter().any(|plugin| plugin.rejected.is_some());
    let worse = judged.is_some_and(Judgements::fails);
    let style = match run.state {
        _ if failed || refused || worse => Style::Bad,
        RunState::Finished => Style::Good,
        RunState::Running | RunState::Interrupted => Style::Caution,
    };
    let line = parts.join(" · ");
    paint.lines(&wrapped(&line, width, 2), style)
}

/// How many of each verdict, in the words of `benchhost check`. How many cases failed is said already.
fn verdicts(judged: &Judgements) -> Option<String> {
    let counts = judged.counts().into_iter();
    let counts = counts.filter(|(word, _)| *word != Verdict::Failed.word());
    let words: Vec<String> = counts.map(|(word, n)| format!("{n} {word}")).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn how_many(run: &Run) -> String {
    let done = run.cases.len();
    if done as u64 == run.planned_cases {
        count(done, "case")
    } else {
        format!("{done} of {}", count(run.planned_cases as usize, "case"))
    }
}

/// `1 case`, `2 cases`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// From start to end; none while running, or when the times cannot be read.
fn duration(run: &Run) -> Option<String> {
    let started: Timestamp = run.started.parse().ok()?;
    let finished: Timestamp = run.finished.as_ref()?.parse().ok()?;
    let seconds = finished.duration_since(started).as_secs_f64();
    if seconds < 0.0 {
        return None;
    }
    if seconds < 60.0 {
        // Times are often kept in whole seconds.
        if seconds < 0.1 {
            return Some("less than 1 s".to_owned());
        }
        let tenths = (seconds * 10.0).round() / 10.0;
        return Some(format!("{tenths} s"));
    }
    let whole = seconds.round() as u64;
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let hours = if hours > 0 {
        format!("{hours} h ")
    } else {
        String::new()
    };
    Some(format!("{hours}{minutes} min {} s", whole % 60))
}
