//! Training: how many samples a second, what a step spends its time on, how good the answer is.

use std::collections::BTreeSet;

use benchhost_record::{CaseResult, MetricKind, Run, names};
use plotters::style::RGBColor;

use super::{BARS, MEDIANS, absent, bar, by_unit, interval, paged, subtitle, summed, workload};
use crate::{
    figure::{Bar, Bars, Figure, Panel},
    label,
    palette::{ALL, BLUE, REST},
    scale::quantity,
};

/// Phases that only training has.
const BACKWARD: &str = "time.backward";
/// What training lessens.
const LOSS: &str = "loss";
/// Metrics of quality that are shown.
const QUALITIES: usize = 2;
/// Units of one of them that are shown.
const UNITS: usize = 4;
/// Parts of a time that may lie this far apart for their sum to be a bar.
const NEAR: f64 = 100.0;

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    let trained: BTreeSet<(&str, &str)> = run
        .cases
        .iter()
        .filter(|case| is_training(case))
        .map(workload)
        .collect();
    let cases: Vec<&CaseResult> = run
        .cases
        .iter()
        .filter(|case| trained.contains(&workload(case)) && case.search.is_none())
        .collect();
    let pages: Vec<Vec<Panel>> = cases
        .chunks(BARS)
        .map(panels)
        .filter(|page| !page.is_empty())
        .collect();
    let notes = [format!(
        "{MEDIANS} Phases are medians of their own; what a step spends outside them is the rest."
    )];
    paged(
        "training_performance",
        "Training performance",
        &subtitle(run),
        &notes,
        pages,
        1,
    )
}

/// Whether a case trains something: it goes backward, or it has a loss.
pub(super) fn is_training(case: &CaseResult) -> bool {
    case.measurements.iter().any(|one| {
        let name = one.metric.name.as_str();
        name == BACKWARD
            || (one.metric.kind == MetricKind::Quality
                && (name == LOSS || name.starts_with("loss-")))
    })
}

fn panels(cases: &[&CaseResult]) -> Vec<Panel> {
    let mut panels = Vec::new();
    for (metric, group) in by_unit(cases, names::THROUGHPUT) {
        panels.push(plain(
            "Throughput, higher is better",
            &metric.unit,
            &group,
            names::THROUGHPUT,
        ));
    }
    panels.extend(phases(cases));
    for name in qualities(cases) {
        for (metric, group) in by_unit(cases, &name).into_iter().take(UNITS) {
            let title = format!("{}, median of all samples", label::clean(&name));
            panels.push(plain(&title, &metric.unit, &group, &name));
        }
    }
    panels
}

fn plain(title: &str, unit: &str, group: &[&CaseResult], name: &str) -> Panel {
    let (labels, caption) = label::of_cases(group);
    let bars = group
        .iter()
        .zip(labels)
        .map(|(case, label)| bar(case, name, label));
    Panel::Bars(Bars {
        title: format!("{title}{}", label::in_brackets(unit)),
        caption,
        unit: unit.to_owned(),
        bars: bars.collect(),
        legend: Vec::new(),
    })
}

/// Names of the metrics of quality, most frequent losses first.
fn qualities(cases: &[&CaseResult]) -> Vec<String> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for one in cases.iter().flat_map(|case| &case.measurements) {
        if one.metric.kind == MetricKind::Quality && one.summary.is_some() {
            match names.iter_mut().find(|(name, _)| *name == one.metric.name) {
                Some((_, count)) => *count += 1,
                None => names.push((one.metric.name.clone(), 1)),
            }
        }
    }
    names.retain(|(name, count)| name == LOSS || *count > 1);
    names.sort_by_key(|(name, count)| (name != LOSS, usize::MAX - count));
    names
        .into_iter()
        .take(QUALITIES)
        .map(|(name, _)| name)
        .collect()
}

/// The time of a step by its phases: in time, or as shares where times are too far apart to be seen on one axis.
fn phases(cases: &[&CaseResult]) -> Option<Panel> {
    let is_in =
        |case: &&&CaseResult| summed(case, names::TIME).is_some() && !phases_of(case).is_empty();
    let split: Vec<&CaseResult> = cases.iter().filter(is_in).copied().collect();
    let named: Vec<String> = split
        .iter()
        .flat_map(|case| phases_of(case))
        .map(|(name, _)| name)
        .collect();
    let mut legend: Vec<(String, RGBColor)> = Vec::new();
    for name in named {
        if legend.iter().all(|(known, _)| *known != name) && legend.len() < ALL.len() {
            legend.push((name, ALL[legend.len()]));
        }
    }
    let times = || {
        split
            .iter()
            .filter_map(|case| Some(summed(case, names::TIME)?.1.median))
    };
    let (least, most) = (
        times().fold(f64::INFINITY, f64::min),
        times().fold(0.0, f64::max),
    );
    let as_shares = most > NEAR * least;
    let alike: BTreeSet<(&str, &str)> = split.iter().map(|case| workload(case)).collect();
    let rows: Vec<&CaseResult> = cases
        .iter()
        .filter(|case| is_in(case) || (!case.outcome.is_ok() && alike.contains(&workload(case))))
        .copied()
        .collect();
    let (labels, caption) = label::of_cases(&rows);
    let bars = rows
        .iter()
        .zip(labels)
        .map(|(case, label)| stacked(case, label, &legend, as_shares));
    let bars: Vec<Bar> = bars.collect();
    if split.is_empty() {
        return None;
    }
    legend.push(("rest".to_owned(), REST));
    let title = if as_shares {
        "Time of one iteration by phase, as shares: the times are too far apart for one axis"
    } else {
        "Time of one iteration by phase, lower is better"
    };
    Some(Panel::Bars(Bars {
        title: title.to_owned(),
        caption,
        unit: if as_shares { "%" } else { "ns" }.to_owned(),
        bars,
        legend,
    }))
}

/// Phases of a case and their medians, in the order they were measured.
fn phases_of(case: &CaseResult) -> Vec<(String, f64)> {
    let phases = case.measurements.iter().filter_map(|one| {
        let name = one.metric.name.strip_prefix(names::PHASE_PREFIX)?;
        let median = one.summary.as_ref()?.median;
        (median.is_finite() && median >= 0.0).then(|| (label::clean(name), median))
    });
    phases.collect()
}

fn stacked(
    case: &CaseResult,
    label: String,
    legend: &[(String, RGBColor)],
    as_shares: bool,
) -> Bar {
    let Some((_, summary)) = summed(case, names::TIME) else {
        return absent(case, label);
    };
    let mut rest = summary.median;
    let mut parts = Vec::new();
    for (name, colour) in legend {
        let own: f64 = phases_of(case)
            .iter()
            .filter(|(phase, _)| phase == name)
            .map(|(_, time)| time)
            .sum();
        if own > 0.0 {
            rest -= own;
            parts.push((own, *colour));
        }
    }
    if rest > 0.0 {
        parts.push((rest, REST));
    }
    let factor = if as_shares {
        100.0 / summary.median
    } else {
        1.0
    };
    for (value, _) in &mut parts {
        *value *= factor;
    }
    Bar {
        label,
        parts: if parts.is_empty() {
            vec![(0.0, BLUE)]
        } else {
            parts
        },
        interval: interval(summary).filter(|_| !as_shares),
        text: quantity(summary.median, "ns"),
        has_failed: false,
    }
}
