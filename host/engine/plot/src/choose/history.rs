//! The most important series of the cases of the run: each with its changes and the band that its baseline allows.

use std::collections::HashSet;

use benchhost_record::MetricKind;
use benchhost_report::{Point, Report, Series};
use jiff::Timestamp;

use super::paged;
use crate::{
    figure::{AxisOf, Curve, Figure, Lines, Mark, Panel, Style},
    label,
    palette::{BLUE, ORANGE},
};

/// Panels of a picture.
const PANELS: usize = 12;
/// Panels in all, of series of which something is to be said; others fill the first picture only.
const MOST: usize = 3 * PANELS;

pub(super) fn figures(report: &Report) -> Vec<Figure> {
    // The history of other suites is none of this run; without a run everything is meant.
    let own = report.run.as_ref().map(|run| {
        let ids = run.cases.iter().map(|case| case.case.id.as_str());
        ids.collect::<HashSet<&str>>()
    });
    let is_own = |series: &Series| {
        own.as_ref()
            .is_none_or(|own| own.contains(series.case.as_str()))
    };
    let long = report.series.iter().filter(|series| known(series) >= 2);
    let (drawable, others): (Vec<&Series>, Vec<&Series>) = long.partition(|one| is_own(one));
    let mut series = drawable;
    // Stable: within a rank the order of the report stays.
    series.sort_by_key(|series| rank(report, series));
    let telling = series
        .iter()
        .filter(|one| rank(report, one) < QUIET)
        .count();
    let shown = telling.clamp(PANELS, MOST).min(series.len());
    let more = series.split_off(shown).len();
    let ids: Vec<&str> = series.iter().map(|one| one.case.as_str()).collect();
    let labels = label::full(&ids);
    let panels: Vec<Panel> = series
        .iter()
        .zip(labels)
        .map(|(one, label)| panel(one, label))
        .collect();
    let mut notes = vec![
        "Every point is a run, oldest left, with its interval; a whisker without an end goes on beyond the frame, a cross is a run in which the case failed.".to_owned(),
    ];
    if more > 0 {
        notes.push(format!(
            "{more} further series, less important than these, are not drawn."
        ));
    }
    if !others.is_empty() {
        notes.push(format!(
            "{} series of cases that are not in this run are not drawn.",
            others.len()
        ));
    }
    let pages = panels.chunks(PANELS).map(<[Panel]>::to_vec).collect();
    let subtitle = report
        .run
        .as_ref()
        .map_or_else(String::new, super::subtitle);
    paged("history", "History", &subtitle, &notes, pages, 3)
}

pub(super) fn known(series: &Series) -> usize {
    series
        .points
        .iter()
        .filter(|point| point.value.is_finite())
        .count()
}

/// Ranks from here on have neither a change nor a verdict that calls for anybody.
const QUIET: (u8, bool, u8) = (2, true, 0);

/// Smaller is more important: what got worse, what changed, what people ask for first.
fn rank(report: &Report, series: &Series) -> (u8, bool, u8) {
    let judged = report.verdict(&series.case, &series.metric.name);
    let verdict = judged.map_or(3, |judgement| match judgement.verdict.word() {
        "failed" | "target-missed" | "regressed" => 0,
        "improved" => 1,
        _ => 2,
    });
    let kind = match (series.metric.name.as_str(), series.metric.kind) {
        ("time", _) => 0,
        ("throughput", _) => 1,
        (_, MetricKind::Quality) => 2,
        ("peak-memory", _) => 3,
        (_, MetricKind::Energy | MetricKind::Memory) => 4,
        _ => 5,
    };
    (verdict, series.changes.is_empty(), kind)
}

fn panel(series: &Series, label: String) -> Panel {
    let points = series.points.iter().enumerate();
    let fine = || points.clone().filter(|(_, point)| point.value.is_finite());
    let band = series
        .baseline
        .as_ref()
        .filter(|band| band.low.is_finite() && band.high.is_finite());
    let thinned = match series.all_points > series.points.len() as u64 {
        true => format!(", {} of {} points", series.points.len(), series.all_points),
        false => String::new(),
    };
    Panel::Lines(Box::new(Lines {
        title: label,
        caption: format!(
            "{}{}",
            label::clean(&series.metric.name),
            label::in_brackets(&series.metric.unit)
        ),
        x: AxisOf {
            name: format!("runs{thinned}"),
            ..AxisOf::default()
        },
        y: AxisOf {
            unit: series.metric.unit.clone(),
            ..AxisOf::default()
        },
        curves: vec![Curve {
            name: String::new(),
            colour: BLUE,
            style: Style::PointsAndLine,
            points: fine()
                .map(|(index, point)| (index as f64, point.value))
                .collect(),
            intervals: fine().map(|(_, point)| point.interval).collect(),
        }],
        band: band.map(|band| (band.low, band.high, "baseline".to_owned())),
        marks: series
            .changes
            .iter()
            .map(|change| Mark {
                // A change is between two runs.
                at: change.index as f64 - 0.5,
                name: "change".to_owned(),
                colour: ORANGE,
            })
            .collect(),
        failed: points
            .clone()
            .filter(|(_, point)| !point.value.is_finite())
            .map(|(index, _)| index as f64)
            .collect(),
        ends: ends(&series.points),
        remark: String::new(),
    }))
}

/// When the first and the last point were measured: their days, and the time where both are of one day.
fn ends(points: &[Point]) -> Option<(String, String)> {
    let (first, last) = (points.first()?.time_ms, points.last()?.time_ms);
    let both = |form| (written(first, form), written(last, form));
    let days = both("%Y-%m-%d");
    if days.0 != days.1 {
        return Some(days);
    }
    let times = both("%Y-%m-%d %H:%M");
    if times.0 != times.1 {
        return Some(times);
    }
    Some(both("%Y-%m-%d %H:%M:%S"))
}

/// A moment in UTC.
fn written(time_ms: i64, form: &str) -> String {
    let moment = Timestamp::from_millisecond(time_ms);
    moment.map_or_else(
        |_| String::new(),
        |moment| moment.strftime(form).to_string(),
    )
}
