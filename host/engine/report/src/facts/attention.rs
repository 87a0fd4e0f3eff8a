//! Verdicts that ask for attention, in the order in which they should be read.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::format_quantity;

use crate::{Report, terminal::severity_word};

/// A metric that moved, or may have, against its past, its baseline or its target.
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

/// What asks to be looked at, in the order of verdicts: what got worse or missed its target, what changed, what got better,
/// what may have moved; each by the size of its change.
pub(crate) fn movers(judged: &[Judgement]) -> Vec<Mover<'_>> {
    let is_mover = |one: &&Judgement| {
        matches!(
            one.verdict,
            Verdict::Regressed(_)
                | Verdict::TargetMissed
                | Verdict::Changed
                | Verdict::Improved
                | Verdict::Inconclusive
        )
    };
    let mut movers: Vec<Mover<'_>> = judged.iter().filter(is_mover).collect();
    let size = |one: &Judgement| {
        if one.effect.is_finite() {
            one.effect.abs()
        } else {
            f64::INFINITY
        }
    };
    movers.sort_by(|one, other| {
        let by_verdict = one.verdict.rank().cmp(&other.verdict.rank());
        by_verdict.then_with(|| size(other).total_cmp(&size(one)))
    });
    movers
}

/// A change as people read it: `+20.1 %`, from a tenfold value on `×12.5`; `None` when it cannot be said.
#[must_use]
pub fn said(effect: f64) -> Option<String> {
    let percent = 100.0 * effect;
    if !percent.is_finite() {
        return None;
    }
    // From a tenfold value on, a factor says more.
    if effect >= 9.0 {
        return Some(format!("×{}", format_quantity(1.0 + effect, "1")));
    }
    // Nothing has no sign.
    if percent.abs() < 0.05 {
        return Some("0.0 %".to_owned());
    }
    Some(format!("{percent:+.1} %"))
}

/// Why, without the metric and the case that a table has in columns of their own.
pub(crate) fn because(one: &Judgement) -> &str {
    let subject = format!("{} of {}: ", one.metric.name, one.case);
    one.sentence.strip_prefix(&subject).unwrap_or(&one.sentence)
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_change_has_one_form_and_nothing_has_no_sign() {
        for (effect, text) in [
            (0.201, "+20.1 %"),
            (-0.05, "-5.0 %"),
            (0.0004, "0.0 %"),
            (-0.0004, "0.0 %"),
            (-0.0, "0.0 %"),
            (8.99, "+899.0 %"),
            (110.6, "×111.6"),
        ] {
            assert_eq!(said(effect).as_deref(), Some(text));
        }
        assert_eq!(said(f64::INFINITY), None);
    }
}
