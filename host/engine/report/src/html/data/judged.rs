//! A verdict of the page.

use std::borrow::Cow;

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::Outcome;
use serde::Serialize;

use super::{super::pack::figures, output::beginning, table::Tables};
use crate::terminal::severity_word;

/// A verdict with its evidence.
#[derive(Serialize)]
pub(super) struct JudgedData<'a> {
    case: usize,
    metric: usize,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    /// 0 for what must be seen first.
    rank: u8,
    rule: &'a str,
    place: &'a str,
    value: Option<f64>,
    reference: Option<f64>,
    effect: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<(Option<f64>, Option<f64>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    n: usize,
    sentence: Cow<'a, str>,
}

impl<'a> JudgedData<'a> {
    /// The verdict `one`.
    ///
    /// A case without a value fails the rules about it. The page says how it came to that, as it counts cases: one that was
    /// skipped was not tried, one that was wrong came to its end.
    pub(super) fn of(
        one: &'a Judgement,
        outcome: Option<&Outcome>,
        tables: &mut Tables<'a>,
    ) -> Self {
        let (word, rank) = match (one.verdict, outcome) {
            (Verdict::Failed, Some(outcome @ Outcome::Skipped { .. })) => {
                (outcome.word(), Verdict::InsufficientData.rank())
            }
            (Verdict::Failed, Some(outcome @ Outcome::Wrong { .. })) => {
                (outcome.word(), Verdict::Failed.rank())
            }
            (verdict, _) => (verdict.word(), verdict.rank()),
        };
        let severity = match one.verdict {
            Verdict::Regressed(severity) => Some(severity_word(severity)),
            _ => None,
        };
        Self {
            case: tables.ids.place(&one.case),
            metric: tables.metric(&one.metric),
            verdict: word,
            severity,
            rank,
            rule: &one.rule,
            place: &one.place,
            value: figures(one.value),
            reference: figures(one.reference),
            effect: figures(one.effect),
            interval: one
                .interval
                .map(|(low, high)| (figures(low), figures(high))),
            p: one.p.and_then(figures),
            n: one.n,
            sentence: beginning(&one.sentence),
        }
    }
}
