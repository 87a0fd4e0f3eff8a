//! Benchmarks that are set against each other.

use std::borrow::Cow;

use benchhost_record::{Contrast, ContrastPair, Run};
use serde::Serialize;

use super::{super::pack::figures, output::beginning, table::Tables};
use crate::facts::{Sides, beside, confidence, ratio};

/// Metrics beside the ratio, at most; run.json has all.
const MOST: usize = 8;

/// One table.
#[derive(Serialize)]
pub(super) struct ContrastData<'a> {
    benchmark: &'a str,
    against: &'a str,
    differ_in: &'a [String],
    /// Of the intervals, in per cent.
    confidence: Option<String>,
    pairs: Vec<PairData<'a>>,
}

/// A row.
#[derive(Serialize)]
struct PairData<'a> {
    case: usize,
    metric: usize,
    /// The word; absent where there is no ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    /// Whether a side failed.
    fails: bool,
    /// Metric, baseline, candidate; that of the ratio first.
    both: Vec<(usize, Option<f64>, Option<f64>)>,
    flags: Vec<&'static str>,
    remarks: &'a [String],
}

/// The contrasts of `run` that have something in them.
pub(super) fn all<'a>(run: &'a Run, tables: &mut Tables<'a>) -> Vec<ContrastData<'a>> {
    let sides = Sides::of(run);
    let shown = run.contrasts.iter().filter(|one| !one.pairs.is_empty());
    shown.map(|one| of(one, &sides, tables)).collect()
}

fn of<'a>(contrast: &'a Contrast, sides: &Sides<'a>, tables: &mut Tables<'a>) -> ContrastData<'a> {
    let beside = beside(contrast, sides).into_iter().take(MOST);
    let names: Vec<String> = beside.map(|one| one.name).collect();
    let pairs = contrast.pairs.iter();
    ContrastData {
        benchmark: &contrast.benchmark,
        against: &contrast.against,
        differ_in: &contrast.differ_in,
        confidence: confidence(contrast),
        pairs: pairs.map(|one| pair(one, &names, sides, tables)).collect(),
    }
}

fn pair<'a>(
    one: &'a ContrastPair,
    names: &[String],
    sides: &Sides<'a>,
    tables: &mut Tables<'a>,
) -> PairData<'a> {
    let named = std::iter::once(&one.metric.name).chain(names);
    let both = named.filter_map(|name| one.both_of(name)).map(|both| {
        let metric = tables.metric(&both.metric);
        (metric, figures(both.baseline), figures(both.candidate))
    });
    let both = both.collect();
    let (ratio, interval) = ratio(one);
    PairData {
        case: tables.ids.place(one.candidate.as_str()),
        metric: tables.metric(&one.metric),
        verdict: one.verdict.map(|verdict| verdict.word(&one.metric)),
        ratio,
        interval,
        reason: one.reason.as_deref().map(beginning),
        fails: sides.fails(one),
        both,
        flags: sides.flags(one),
        remarks: &one.remarks,
    }
}
