//! Levels over time while samples were taken: memory, power, clocks, temperatures. One panel for each case and level.

use benchhost_record::{CaseResult, Run, Trace};

use super::{paged, subtitle};
use crate::{
    figure::{AxisOf, Curve, Figure, Lines, Panel, Style},
    label,
    palette::ALL,
};

/// Panels of a picture.
const PANELS: usize = 12;
/// Fewer points are no course.
const FEWEST: usize = 3;
/// Memory that moves by less than this part of itself rests.
const RESTS: f64 = 0.02;

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    let ids: Vec<&str> = run.cases.iter().map(|case| case.case.id.as_str()).collect();
    let labels = label::full(&ids);
    let mut panels = Vec::new();
    let mut resting = 0;
    for (case, label) in run.cases.iter().zip(labels) {
        for name in levels(case) {
            let traces: Vec<(u32, &Trace)> = traces(case, &name).collect();
            if traces.iter().all(|(_, trace)| rests(trace)) {
                resting += 1;
            } else {
                panels.push(panel(case, label.clone(), &traces));
            }
        }
    }
    let mut notes = vec![
        "A line for each repetition (worker process), from the beginning of its warm-up to just after its last sample."
            .to_owned(),
    ];
    if resting > 0 {
        notes.push(match resting {
            1 => "A level that moved by less than 2 % is not drawn.".to_owned(),
            more => format!("{more} levels that moved by less than 2 % are not drawn."),
        });
    }
    let pages = panels.chunks(PANELS).map(<[Panel]>::to_vec).collect();
    paged(
        "over_time",
        "Levels over time",
        &subtitle(run),
        &notes,
        pages,
        3,
    )
}

/// Names of the levels that a case has a course of.
fn levels(case: &CaseResult) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for trace in case.repetitions.iter().flat_map(|one| &one.traces) {
        if trace.value.len() >= FEWEST && !names.contains(&trace.metric.name) {
            names.push(trace.metric.name.clone());
        }
    }
    names
}

fn traces<'a>(case: &'a CaseResult, name: &str) -> impl Iterator<Item = (u32, &'a Trace)> {
    let of_each = move |repetition: &'a benchhost_record::Repetition| {
        let mut traces = repetition.traces.iter();
        let found = traces.find(|trace| trace.metric.name == name && trace.value.len() >= FEWEST);
        found.map(|trace| (repetition.index, trace))
    };
    case.repetitions.iter().filter_map(of_each)
}

fn rests(trace: &Trace) -> bool {
    let low = trace.value.iter().copied().fold(f64::INFINITY, f64::min);
    let high = trace
        .value
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    high - low <= RESTS * high.abs()
}

fn panel(case: &CaseResult, label: String, traces: &[(u32, &Trace)]) -> Panel {
    let curves = traces.iter().take(ALL.len()).map(|(index, trace)| Curve {
        name: String::new(),
        colour: ALL[*index as usize % ALL.len()],
        style: Style::Line,
        points: trace
            .time_ns
            .iter()
            .map(|ns| *ns as f64)
            .zip(trace.value.iter().copied())
            .collect(),
        intervals: Vec::new(),
    });
    let metric = &traces[0].1.metric;
    Panel::Lines(Box::new(Lines {
        title: label,
        caption: format!(
            "{}{}",
            label::clean(&metric.name),
            label::in_brackets(&metric.unit)
        ),
        x: AxisOf {
            name: "time".to_owned(),
            unit: "ns".to_owned(),
            from_zero: true,
            ..AxisOf::default()
        },
        y: AxisOf {
            unit: metric.unit.clone(),
            ..AxisOf::default()
        },
        curves: curves.collect(),
        remark: if case.outcome.is_ok() {
            String::new()
        } else {
            label::clean(&case.outcome.sentence())
        },
        ..Lines::default()
    }))
}
