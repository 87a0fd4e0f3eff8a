//! Chooses what is worth a picture: by metrics, axes and kinds, never by the name of a plugin.

mod absent;
mod distribution;
mod hardware;
mod history;
mod memory;
mod over_time;
mod scalability;
mod training;

use benchhost_record::{CaseResult, Measurement, Metric, Run, RunState, Summary};
use benchhost_report::Report;

pub(crate) use self::absent::reasons;
use crate::{
    figure::{Bar, Figure, Panel},
    label,
    palette::BLUE,
    scale::quantity,
};

/// Most bars of a picture.
const BARS: usize = 24;
/// Most pictures of one kind.
const PICTURES: usize = 8;

/// What the marks of nearly every picture mean.
const MEDIANS: &str = "Values are medians of all samples, whiskers their 99 % intervals (less where samples are few).";

/// Everything that is worth a picture, in a fixed order.
pub(crate) fn figures(report: &Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(run) = &report.run {
        figures.extend(training::figures(run));
        figures.extend(scalability::figures(run));
        figures.extend(hardware::figures(run));
        figures.extend(distribution::figures(run));
        figures.extend(memory::figures(run));
        figures.extend(over_time::figures(run));
    }
    figures.extend(history::figures(report));
    figures
}

/// What a picture is about: suite, run, machine, and whether the run came to its end.
fn subtitle(run: &Run) -> String {
    let mut parts = Vec::new();
    parts.extend(run.suite.as_ref().map(|suite| suite.name.clone()));
    parts.push(run.id.clone());
    parts.extend(run.environment.cpu.model.clone());
    match run.state {
        RunState::Finished => {}
        RunState::Interrupted | RunState::Running => parts.push(format!(
            "interrupted: {} of {} cases",
            run.cases.len(),
            run.planned_cases
        )),
    }
    let parts: Vec<String> = parts.iter().map(|part| label::clean(part)).collect();
    parts.join("  ·  ")
}

/// Cuts `panels` made for each page into pictures called `name`, `name_2`, ….
fn paged(
    name: &str,
    title: &str,
    subtitle: &str,
    notes: &[String],
    pages: Vec<Vec<Panel>>,
    columns: usize,
) -> Vec<Figure> {
    let all = pages.len();
    let shown = all.min(PICTURES);
    let pages = pages.into_iter().take(PICTURES).enumerate();
    let figures = pages.map(|(index, panels)| {
        let mut notes = notes.to_vec();
        if all > shown && index + 1 == shown {
            notes.push(format!("{} more pages are not drawn.", all - shown));
        }
        Figure {
            name: match index {
                0 => name.to_owned(),
                _ => format!("{name}_{}", index + 1),
            },
            title: match shown {
                1 => title.to_owned(),
                _ => format!("{title} ({} of {shown})", index + 1),
            },
            subtitle: subtitle.to_owned(),
            columns: columns.min(panels.len()),
            panels,
            notes,
        }
    });
    figures.collect()
}

/// The measurement `name` of a case and its statistics, when the case has a speed.
fn summed<'a>(case: &'a CaseResult, name: &str) -> Option<(&'a Measurement, &'a Summary)> {
    if !case.outcome.is_ok() {
        return None;
    }
    let found = case
        .measurements
        .iter()
        .find(|one| one.metric.name == name)?;
    let summary = found
        .summary
        .as_ref()
        .filter(|summary| summary.median.is_finite())?;
    Some((found, summary))
}

/// Its interval, where that is one.
fn interval(summary: &Summary) -> Option<(f64, f64)> {
    let (low, high) = (summary.interval.low, summary.interval.high);
    (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
}

/// A bar for one metric of a case, or the word why there is none.
fn bar(case: &CaseResult, name: &str, label: String) -> Bar {
    match summed(case, name) {
        Some((measurement, summary)) => Bar {
            label,
            parts: vec![(summary.median, BLUE)],
            interval: interval(summary),
            text: quantity(summary.median, &measurement.metric.unit),
            has_failed: false,
        },
        None => absent(case, label),
    }
}

/// A row without a bar that says how the case ended.
fn absent(case: &CaseResult, label: String) -> Bar {
    let text = if case.outcome.is_ok() {
        "not measured".to_owned()
    } else {
        label::clean(&case.outcome.sentence())
    };
    Bar {
        label,
        text,
        has_failed: case.outcome.is_failure(),
        ..Bar::default()
    }
}

/// Cases by the metric they have under `name`: those with equal units together, in order of appearance. Cases without one are
/// with those of their workload, or left out where there are none.
fn by_unit<'a>(cases: &[&'a CaseResult], name: &str) -> Vec<(Metric, Vec<&'a CaseResult>)> {
    let mut groups: Vec<(Metric, Vec<&CaseResult>)> = Vec::new();
    for case in cases {
        let Some((measurement, _)) = summed(case, name) else {
            continue;
        };
        let metric = &measurement.metric;
        match groups
            .iter_mut()
            .find(|(known, _)| known.unit == metric.unit)
        {
            Some((_, group)) => group.push(case),
            None => groups.push((metric.clone(), vec![case])),
        }
    }
    for (_, group) in &mut groups {
        let is_like = |case: &CaseResult| group.iter().any(|one| workload(one) == workload(case));
        let more = cases
            .iter()
            .filter(|case| !case.outcome.is_ok() && is_like(case));
        let more: Vec<&CaseResult> = more.copied().collect();
        group.extend(more);
        group.sort_by_key(|case| cases.iter().position(|one| std::ptr::eq(*one, *case)));
    }
    groups
}

/// Plugin and workload: only for telling which cases are alike.
fn workload(case: &CaseResult) -> (&str, &str) {
    (&case.case.plugin, &case.case.workload)
}
