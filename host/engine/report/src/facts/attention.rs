//! Verdicts that ask for attention, in the order in which they should be read.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{Severity, format_quantity};

use crate::{Report, terminal::severity_word};

/// A metric that moved against its past or its baseline.
pub(crate) type Mover<'a> = &'a Judgement;

/// The verdict, with its severity where it has one.
pub(crate) fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Regressed(severity) => format!("{} ({})", verdict.word(), severity_word(severity)),
        _ => verdict.word().to_owned(),
    }
}

/// Verdicts that fail a gate, the worst first. Cases that failed are no part of it.
pub(crate) fn failing(report: &Report) -> impl Iterator<Item = &Judgement> {
    let judged = report.judged.judged.iter();
    judged.filter(|one| one.verdict.fails())
}

/// What could be worse and could be noise.
pub(crate) fn doubtful(report: &Report) -> impl Iterator<Item = &Judgement> {
    let judged = report.judged.judged.iter();
    judged.filter(|one| one.verdict == Verdict::Inconclusive)
}

/// What changed: the worst first, what is better at the end; each by the size of its change.
pub(crate) fn movers(report: &Report) -> Vec<Mover<'_>> {
    let place = |verdict: Verdict| match verdict {
        Verdict::Regressed(Severity::Critical) => Some(0),
        Verdict::Regressed(Severity::Warning) => Some(1),
        Verdict::Regressed(Severity::Info) => Some(2),
        Verdict::Changed => Some(3),
        Verdict::Improved => Some(4),
        _ => None,
    };
    let judged = report.judged.judged.iter();
    let mut movers: Vec<(u8, Mover<'_>)> = judged
        .filter_map(|one| Some((place(one.verdict)?, one)))
        .collect();
    let size = |one: &Judgement| {
        if one.effect.is_finite() {
            one.effect.abs()
        } else {
            f64::INFINITY
        }
    };
    movers.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| size(other).total_cmp(&size(one))));
    movers.into_iter().map(|(_, one)| one).collect()
}

/// The change as people read it: `+20.1 %`; `None` when it cannot be said.
pub(crate) fn said(effect: f64) -> Option<String> {
    let percent = 100.0 * effect;
    if !percent.is_finite() {
        return None;
    }
    // From a tenfold value on, a factor says more.
    if effect >= 9.0 {
        return Some(format!("×{}", format_quantity(1.0 + effect, "1")));
    }
    Some(format!("{percent:+.1} %"))
}

/// Why, without the metric and the case that a table has in columns of their own.
pub(crate) fn because(one: &Judgement) -> &str {
    let subject = format!("{} of {}: ", one.metric.name, one.case);
    one.sentence.strip_prefix(&subject).unwrap_or(&one.sentence)
}
