//! How cases ended: the pass rate, what failed and why, what was skipped and why.

use benchhost_record::CaseResult;

use super::{
    escape::{block, code, cut, text},
    section::{Section, Table},
};
use crate::{
    facts::{self, Known, Tally, count, refused, targets},
    terminal::notes::evidence,
};

/// Longest sentence about a case, in characters.
const SENTENCE: usize = 2000;

/// Cases that are named for one reason.
const NAMED: usize = 20;

/// Counts of outcomes, targets and verdicts; skipped cases are no part of the rate.
pub(super) fn rate(report: &Known<'_>) -> Option<Section> {
    let run = report.run.as_ref()?;
    let tally = Tally::of(run);
    let asked = targets(report);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |what: &str, number: String, remark: String| {
        rows.push(vec![what.to_owned(), number, remark]);
    };
    row(
        "cases ok",
        of(tally.ok, tally.run()),
        percent(tally.ok, tally.run()),
    );
    for (what, number) in [
        ("cases failed", tally.failed),
        ("cases wrong", tally.wrong),
        ("cases skipped", tally.skipped),
        ("cases not run", tally.missing),
    ] {
        if number > 0 {
            row(what, number.to_string(), String::new());
        }
    }
    if asked.asked() > 0 {
        row(
            "targets met",
            of(asked.met, asked.asked()),
            percent(asked.met, asked.asked()),
        );
    }
    // Cases that failed are counted above; here they would be counted again, and skipped ones with them.
    for (word, number) in report.judged.counts() {
        if word != "failed" {
            row(
                &format!("verdicts {word}"),
                number.to_string(),
                String::new(),
            );
        }
    }
    if report.judged.not_judged > 0 {
        row(
            "metrics not judged",
            report.judged.not_judged.to_string(),
            String::new(),
        );
    }
    Some(Section {
        name: "the pass rate".to_owned(),
        head: "## Pass rate\n\n".to_owned(),
        table: Some(Table {
            headers: &["what", ">number", ">share"],
            rows,
        }),
        tail: String::new(),
    })
}

fn of(part: usize, all: usize) -> String {
    format!("{part} of {all}")
}

fn percent(part: usize, all: usize) -> String {
    if all == 0 {
        return String::new();
    }
    // Rounded down: only all of them are 100 %.
    format!("{} %", 100 * part / all)
}

/// Cases that failed or were wrong, with what they left behind; plugins that were refused. One section for each, so that
/// some fit where not all do.
pub(crate) fn failures(report: &Known<'_>) -> Vec<Section> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let refused = refused(run).map(|(name, reason)| {
        let reason = indented(&block(reason));
        format!("- plugin {}: **refused**\n\n{reason}", code(name))
    });
    let failed = run.cases.iter().filter(|one| one.outcome.is_failure());
    let mut sections: Vec<Section> = refused
        .chain(failed.map(failure))
        .map(|lines| Section::text("failures", lines))
        .collect();
    if let Some(first) = sections.first_mut() {
        first.head.insert_str(0, "## Failed and wrong\n\n");
    }
    sections
}

fn failure(result: &CaseResult) -> String {
    let mut lines = format!(
        "- {}: {}\n",
        code(result.case.id.as_str()),
        ended(result, SENTENCE)
    );
    let evidence = evidence(result);
    if !evidence.is_empty() {
        lines.push('\n');
        lines.push_str(&indented(&block(&evidence.join("\n"))));
    }
    lines
}

/// How a case ended, its word first.
pub(super) fn ended(result: &CaseResult, most: usize) -> String {
    let word = result.outcome.word();
    let sentence = cut(&result.outcome.sentence(), most);
    let rest = sentence.strip_prefix(word);
    let rest = rest.map_or_else(|| format!(": {sentence}"), str::to_owned);
    let (colon, rest) = match rest.strip_prefix(": ") {
        Some(rest) => (": ", rest),
        None => (" ", rest.as_str()),
    };
    format!("**✗ {word}**{colon}{}", text(rest))
}

/// Below an entry of a list.
fn indented(block: &str) -> String {
    let lines: Vec<String> = block.lines().map(|line| format!("  {line}\n")).collect();
    lines.concat()
}

/// Cases that were not run, by reason.
pub(crate) fn skipped(report: &Known<'_>) -> Option<Section> {
    let mut lines = String::new();
    for (reason, cases) in facts::skipped(report.cases()) {
        let named: Vec<String> = cases
            .iter()
            .take(NAMED)
            .map(|result| code(result.case.id.as_str()))
            .collect();
        let more = match cases.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        lines.push_str(&format!(
            "- {}: {} ({}{more})\n",
            text(reason),
            count(cases.len(), "case"),
            named.join(", ")
        ));
    }
    (!lines.is_empty()).then(|| Section::text("skipped cases", format!("## Skipped\n\n{lines}")))
}
