//! What is said first: which run it is, whether it is whole, and what it comes to in a few sentences.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{CaseResult, Run};

use super::{
    escape::{code, text},
    section::Section,
};
use crate::facts::{
    Grade, Head, Known, Status, Tally, count, doubtful, failing, movers, open_targets, quantity,
    refused, said, targets, word,
};

/// Metrics that a sentence names before it says how many more there are.
const NAMED: usize = 3;

/// The mark of a grade.
pub(crate) fn mark(grade: Grade) -> &'static str {
    match grade {
        Grade::Failed => "❌",
        Grade::Doubtful => "⚠️",
        Grade::Passed => "✅",
    }
}

pub(super) fn title(report: &Known<'_>) -> Section {
    let head = Head::of(report);
    let suite = match head.suite.as_str() {
        "" => String::new(),
        suite => format!(": {}", text(suite)),
    };
    let status = Status::of(report);
    let mut lines = format!("# Benchmark report{suite}\n\n");
    if !head.unfinished.is_empty() {
        lines.push_str(&format!("> **{}**\n\n", head.unfinished));
    }
    lines.push_str(&format!(
        "{} **{}**: {}\n\n{}\n",
        mark(status.grade),
        status.grade.word(),
        status.reason,
        facts_line(report)
    ));
    Section::text("the heading", lines)
}

/// Run, revision, machine, time and version on one line.
pub(crate) fn facts_line(report: &Known<'_>) -> String {
    let head = Head::of(report);
    let mut parts: Vec<String> = Vec::new();
    if !head.run.is_empty() {
        parts.push(format!("run {}", code(&head.run)));
    }
    match (head.revision.as_str(), head.branch.as_str()) {
        ("", _) => {}
        (revision, "") => parts.push(format!("revision {}", code(revision))),
        (revision, branch) => {
            parts.push(format!("revision {} on {}", code(revision), code(branch)))
        }
    }
    if !head.machine.is_empty() {
        parts.push(format!("machine {}", code(&head.machine)));
    }
    if !head.hardware.is_empty() {
        parts.push(text(&head.hardware));
    }
    if !head.started.is_empty() {
        let took = match head.duration.as_str() {
            "" => String::new(),
            duration => format!(", {duration}"),
        };
        parts.push(format!("{}{took}", text(&head.started)));
    }
    parts.push(format!("benchhost {}", text(&report.host_version)));
    parts.push(format!("report of {}", text(&report.made)));
    parts.join(" · ")
}

/// What got worse, better, missed its target, failed, was wrong, skipped, or is not known: a sentence each.
pub(crate) fn executive(report: &Known<'_>) -> Section {
    let mut lines = "## Executive summary\n\n".to_owned();
    for sentence in sentences(report) {
        lines.push_str(&format!("- {sentence}\n"));
    }
    Section::text("the executive summary", lines)
}

fn sentences(report: &Known<'_>) -> Vec<String> {
    let Some(run) = &report.run else {
        let number = report.series.len();
        return vec![format!(
            "There is no run, only {number} series of imported values."
        )];
    };
    let tally = Tally::of(run);
    let mut sentences = vec![how_they_ended(&tally)];
    sentences.extend(ended_badly(run));
    for (name, _) in refused(run) {
        sentences.push(format!("The plugin {} could not be loaded.", code(name)));
    }
    let movers = movers(&report.judged.judged);
    let of = |is_meant: fn(Verdict) -> bool| -> Vec<&Judgement> {
        let chosen = movers.iter().copied();
        chosen.filter(|one| is_meant(one.verdict)).collect()
    };
    let worse = of(|verdict| matches!(verdict, Verdict::Regressed(_)) && verdict.fails());
    let slightly = of(|verdict| matches!(verdict, Verdict::Regressed(_)) && !verdict.fails());
    let missed: Vec<&Judgement> = failing(report)
        .filter(|one| one.verdict == Verdict::TargetMissed)
        .collect();
    let parts = [
        (worse, ["got worse by more than is allowed"; 2]),
        (missed, ["missed its target", "missed their targets"]),
        (slightly, ["got a little worse"; 2]),
        (
            of(|verdict| verdict == Verdict::Changed),
            ["changed, for better or worse"; 2],
        ),
        (
            of(|verdict| verdict == Verdict::Improved),
            ["got better"; 2],
        ),
        (
            doubtful(report).collect(),
            [
                "looks worse and could be noise",
                "look worse and could be noise",
            ],
        ),
    ];
    for (which, what) in &parts {
        sentences.extend(several(which, *what));
    }
    let is_quiet = parts.iter().all(|(which, _)| which.is_empty());
    if is_quiet && tally.ok > 0 {
        sentences.push(quiet(report).to_owned());
    }
    let asked = targets(report);
    if asked.asked() > 0 {
        sentences.push(format!(
            "{} of {} met{}.",
            asked.met,
            count(asked.asked(), "target"),
            match asked.open {
                0 => String::new(),
                open => format!("; {open} could not be judged{}", not_measured(report)),
            }
        ));
    }
    sentences.extend(unjudged(report));
    sentences
}

/// `: `accuracy` of `x/y` is not measured`, of the first of them.
fn not_measured(report: &Known<'_>) -> String {
    let named = open_targets(report).map(|one| {
        let (metric, case) = (code(one.metric), code(one.result.case.id.as_str()));
        format!("{metric} of {case} is not measured")
    });
    let mut named: Vec<String> = named.collect();
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    match (named.as_slice(), more) {
        ([], _) => ", because nothing was measured".to_owned(),
        (_, 0) => format!(": {}", named.join("; ")),
        (_, more) => format!(": {}; and {more} more", named.join("; ")),
    }
}

fn how_they_ended(tally: &Tally) -> String {
    let mut parts: Vec<String> = Vec::new();
    let run = tally.run();
    match run {
        0 => parts.push("No case was measured".to_owned()),
        1 if tally.ok == 1 => parts.push("The one case that ran is right".to_owned()),
        _ if tally.ok == run => parts.push(format!("All {run} cases that ran are right")),
        _ => parts.push(format!(
            "{} of {} that ran are right",
            tally.ok,
            count(run, "case")
        )),
    }
    for (number, what) in [
        (tally.failed, "failed"),
        (tally.wrong, "gave a wrong answer, which has no speed"),
        (tally.skipped, "skipped"),
        (tally.missing, "never begun"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    format!("{}.", parts.join("; "))
}

/// The first cases that failed or were wrong.
fn ended_badly(run: &Run) -> Option<String> {
    let bad: Vec<&CaseResult> = run
        .cases
        .iter()
        .filter(|one| one.outcome.is_failure())
        .collect();
    let named: Vec<String> = bad
        .iter()
        .take(NAMED)
        .map(|one| format!("{} ({})", code(one.case.id.as_str()), one.outcome.word()))
        .collect();
    let more = match bad.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    (!bad.is_empty()).then(|| format!("Failed or wrong: {}{more}.", named.join("; ")))
}

/// `2 metrics got worse …: a, b.`; `what` of one and of several.
fn several(which: &[&Judgement], what: [&str; 2]) -> Option<String> {
    if which.is_empty() {
        return None;
    }
    let named: Vec<String> = which.iter().take(NAMED).map(|one| named(one)).collect();
    let more = match which.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let what = what[usize::from(which.len() > 1)];
    let number = count(which.len(), "metric");
    Some(format!("{number} {what}: {}{more}.", named.join("; ")))
}

fn named(one: &Judgement) -> String {
    let subject = format!("{} of {}", code(&one.metric.name), code(&one.case));
    let unit = |value: f64| text(&quantity(value, &one.metric.unit, one.metric.kind));
    if one.verdict == Verdict::TargetMissed {
        return format!(
            "{subject} is {}, asked is {}",
            unit(one.value),
            unit(one.reference)
        );
    }
    let change = said(one.effect).unwrap_or_else(|| word(one.verdict));
    format!(
        "{subject} {change} ({} → {})",
        unit(one.reference),
        unit(one.value)
    )
}

/// Where nothing asks for attention: because nothing moved, or because there is nothing to compare with.
fn quiet(report: &Known<'_>) -> &'static str {
    // A target is met without any past.
    let mut judged = report.judged.judged.iter();
    if judged.any(|one| one.verdict == Verdict::Unchanged && one.n > 0) {
        "Nothing moved by more than its noise, as far as it was judged."
    } else {
        "Nothing was compared with an earlier value: there are too few, or no rule asks."
    }
}

fn unjudged(report: &Known<'_>) -> Vec<String> {
    let judged = report.judged.judged.iter();
    let few = judged
        .filter(|one| one.verdict == Verdict::InsufficientData)
        .count();
    let mut sentences = Vec::new();
    if few > 0 {
        sentences.push(format!("{} too few earlier values to be judged.", has(few)));
    }
    if report.judged.not_judged > 0 {
        let number = count(report.judged.not_judged, "metric");
        sentences.push(format!("{number} not judged: no rule speaks of them."));
    }
    for idle in &report.judged.idle {
        sentences.push(format!("A rule judges nothing here: {}.", code(idle)));
    }
    sentences
}

fn has(number: usize) -> String {
    let verb = if number == 1 { "has" } else { "have" };
    format!("{} {verb}", count(number, "metric"))
}
