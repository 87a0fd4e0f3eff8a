//! What is said of a case, in a word: an arrow for the way its number went, and whether that is good or bad.

use std::collections::HashMap;

use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{CaseResult, names};

use super::{
    paint::Style,
    quantity::{NOTHING, shortened},
};
use crate::facts::said;

/// The mark of what is unchanged.
const SAME: &str = "=";

/// Letters of a metric's name that a mark shows.
const NAME: usize = 16;

/// A verdict in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) style: Style,
}

/// Verdicts by case.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    by_case: HashMap<&'a str, Vec<&'a Judgement>>,
}

impl<'a> Marks<'a> {
    pub(super) fn of_all(judged: Option<&'a Judgements>) -> Self {
        let mut marks = Self::default();
        for one in judged.into_iter().flat_map(|all| &all.judged) {
            marks.by_case.entry(&one.case).or_default().push(one);
        }
        marks
    }

    /// What is said of a metric of a case.
    pub(super) fn verdict(&self, result: &CaseResult, metric: &str) -> Option<&'a Judgement> {
        let judged = self.by_case.get(result.case.id.as_str())?;
        judged.iter().copied().find(|one| one.metric.name == metric)
    }

    /// The worst that is said of a case: of equals of its time, then of the metric that went farthest. Nothing of a case that
    /// failed, and nothing where there are too few values.
    pub(super) fn of(&self, result: &CaseResult) -> Option<Mark> {
        let judged = self.by_case.get(result.case.id.as_str())?;
        let says =
            |one: &&&Judgement| !matches!(one.verdict, Verdict::Failed | Verdict::InsufficientData);
        // Stable: within a verdict the largest effect comes first.
        let worst = judged
            .iter()
            .filter(says)
            .min_by_key(|one| (one.verdict.rank(), one.metric.name != names::TIME))?;
        let mut mark = mark(worst);
        let is_fine = matches!(worst.verdict, Verdict::Unchanged | Verdict::TargetMet);
        let is_news = !is_fine && worst.metric.name != names::TIME;
        if is_news {
            mark.text = format!("{}: {}", shortened(&worst.metric.name, NAME), mark.text);
        }
        Some(mark)
    }
}

/// The mark of a verdict.
pub(super) fn mark(one: &Judgement) -> Mark {
    let (sign, word, style) = match one.verdict {
        Verdict::Failed => ("✗", "failed", Style::Bad),
        Verdict::TargetMissed => ("✗", Verdict::TargetMissed.word(), Style::Bad),
        Verdict::Regressed(_) => (arrow(one.effect), "worse", Style::Bad),
        Verdict::Improved => (arrow(one.effect), "better", Style::Good),
        Verdict::Changed => (arrow(one.effect), "changed", Style::Caution),
        Verdict::Inconclusive => ("?", "inconclusive", Style::Caution),
        Verdict::Unchanged => (SAME, "", Style::Plain),
        Verdict::TargetMet => ("✓", Verdict::TargetMet.word(), Style::Plain),
        Verdict::InsufficientData => (NOTHING, "", Style::Plain),
    };
    let change = match one.verdict {
        Verdict::Regressed(_) | Verdict::Improved | Verdict::Changed => {
            change(one.effect).map_or_else(String::new, |change| format!("{change} "))
        }
        _ => String::new(),
    };
    let text = format!("{sign} {change}{word}").trim_end().to_owned();
    Mark { text, style }
}

fn arrow(effect: f64) -> &'static str {
    if effect < 0.0 { "▼" } else { "▲" }
}

/// What marks without a word mean; nothing where none of them stands.
pub(super) fn legend<'a>(cells: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut cells = cells.into_iter();
    let is_there = cells.any(|cell| cell == SAME || cell.ends_with(&format!(": {SAME}")));
    is_there.then_some("= unchanged: within what its rule allows")
}

/// A change in per cent, two digits of it, from a tenfold value on a factor; none from a reference of nothing.
pub(super) fn change(effect: f64) -> Option<String> {
    let percent = 100.0 * effect;
    if effect >= 9.0 {
        return said(effect);
    }
    // Nothing has no sign.
    if percent.abs() < 0.05 {
        return Some("0.0 %".to_owned());
    }
    let decimals = usize::from(percent.abs() < 9.95);
    percent
        .is_finite()
        .then(|| format!("{percent:+.decimals$} %"))
}
