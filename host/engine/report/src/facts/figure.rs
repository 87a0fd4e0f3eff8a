//! The figures of a case that matter most, each with what it is compared with.

use benchhost_gate::{Bound, Judgement, Verdict};
use benchhost_record::{CaseResult, Measurement, MetricKind, names};

use super::{
    Known,
    tally::{TargetState, target},
};
use crate::Point;

/// Figures of a case that are shown at most; the details have all.
const MOST: usize = 8;

/// One metric of one case.
#[derive(Debug)]
pub(crate) struct Figure<'a> {
    pub(crate) measurement: &'a Measurement,
    /// The median, in the metric's unit.
    pub(crate) value: f64,
    /// Half the width of its interval as a share of it; absent without an interval.
    pub(crate) spread: Option<f64>,
    /// The bound of the suite, as written, and whether it is met.
    pub(crate) target: Option<(&'a str, TargetState)>,
    /// What it is compared with, in the metric's unit.
    pub(crate) reference: Option<Reference>,
    /// What is said of it; absent when no rule speaks.
    pub(crate) judgement: Option<&'a Judgement>,
}

/// What a value is compared with, and how far it is from that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reference {
    pub(crate) value: f64,
    /// (value − reference) / |reference|; NaN when it cannot be said.
    pub(crate) effect: f64,
    /// Whether it is only the value before, by which nobody judged.
    pub(crate) is_unjudged: bool,
}

/// The figures of a case: what asks for attention, what has a target, then time, throughput, memory and quality.
pub(crate) fn figures<'a>(report: &Known<'a>, result: &'a CaseResult) -> Vec<Figure<'a>> {
    let mut ranked: Vec<(u8, Figure<'a>)> = result
        .measurements
        .iter()
        .filter_map(|one| {
            let figure = figure(report, result, one)?;
            Some((rank(&figure)?, figure))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.truncate(MOST);
    ranked.into_iter().map(|(_, figure)| figure).collect()
}

fn figure<'a>(
    report: &Known<'a>,
    result: &'a CaseResult,
    measurement: &'a Measurement,
) -> Option<Figure<'a>> {
    let summary = measurement.summary.as_ref()?;
    let (case, metric) = (result.case.id.as_str(), &measurement.metric);
    let target = target(report, result, &metric.name);
    let judgement = report.verdict(case, &metric.name);
    let limit = target.and_then(|(written, _)| Bound::parse(written)?.in_unit(&metric.unit));
    let is_judged_by_target = judgement.is_some_and(|one| {
        matches!(one.verdict, Verdict::TargetMissed | Verdict::TargetMet)
            || limit.is_some_and(|limit| one.reference == limit)
    });
    let judged = judgement.filter(|one| !is_judged_by_target && one.reference.is_finite());
    let reference = judged.map(|one| Reference {
        value: one.reference,
        effect: one.effect,
        is_unjudged: false,
    });
    let share = summary.interval.relative_half_width(summary.median);
    Some(Figure {
        measurement,
        value: summary.median,
        spread: Some(share).filter(|share| summary.interval.confidence > 0.0 && share.is_finite()),
        target,
        reference: reference.or_else(|| value_before(report, case, measurement, summary.median)),
        judgement,
    })
}

/// The value before in the series, when nothing else was compared with.
fn value_before(
    report: &Known<'_>,
    case: &str,
    one: &Measurement,
    value: f64,
) -> Option<Reference> {
    let run = report.run.as_ref()?;
    let series = report.series_of(case, &one.metric.name)?;
    // Of a thinned series nobody knows what stood before a point.
    if series.all_points != series.points.len() as u64 {
        return None;
    }
    let is_this = |point: &Point| point.run.as_deref() == Some(run.id.as_str());
    let place = series.points.iter().position(is_this)?;
    let earlier = &series.points[..place];
    let before = earlier.iter().rev().find(|point| point.value.is_finite())?;
    Some(Reference {
        value: before.value,
        effect: (value - before.value) / before.value.abs(),
        is_unjudged: true,
    })
}

/// The lower, the sooner it is shown; none for what is left to the details.
fn rank(figure: &Figure<'_>) -> Option<u8> {
    let metric = &figure.measurement.metric;
    let asks = figure.judgement.is_some_and(|one| one.verdict.rank() <= 7);
    let place = match metric.name.as_str() {
        names::TIME | names::LATENCY => Some(1),
        names::THROUGHPUT | names::SERVED => Some(2),
        names::PEAK_MEMORY => Some(4),
        name if name.starts_with(names::LARGEST_PREFIX) => Some(0),
        _ if metric.kind == MetricKind::Quality => Some(3),
        _ => None,
    };
    place.or((asks || figure.target.is_some()).then_some(5))
}
