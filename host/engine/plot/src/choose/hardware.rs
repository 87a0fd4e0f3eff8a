//! What hardware does for the same work: devices, kinds of numbers, threads. Cases are compared that differ in one of these alone.

use std::collections::BTreeSet;

use benchhost_record::{CaseResult, ParamValue, Run, names};

use super::{BARS, MEDIANS, absent, by_unit, interval, paged, subtitle, summed};
use crate::{
    figure::{Bar, Bars, Figure, Panel},
    label,
    palette::{ALL, BLUE},
    scale::quantity,
};

/// Kinds of numbers by their names: a parameter whose values are among these chooses one.
const KINDS: [&str; 22] = [
    "f16", "f32", "f64", "bf16", "fp8", "fp16", "fp32", "fp64", "tf32", "half", "single", "double",
    "mixed", "int8", "int4", "i8", "u8", "q4_0", "q4_1", "q4_k", "q5_k", "q8_0",
];

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Device,
    Numbers(String),
    Threads,
}

impl Of {
    fn value(&self, case: &CaseResult) -> Option<String> {
        Some(match self {
            Self::Device => case.case.device.clone(),
            Self::Threads => case.case.threads.to_string(),
            Self::Numbers(key) => case.case.params.get(key)?.to_string(),
        })
    }

    fn words(&self) -> String {
        match self {
            Self::Device => "Device".to_owned(),
            Self::Threads => "Threads".to_owned(),
            Self::Numbers(key) => format!("Kind of numbers ({})", label::clean(key)),
        }
    }
}

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    let cases: Vec<&CaseResult> = run
        .cases
        .iter()
        .filter(|case| case.search.is_none())
        .collect();
    let numbers = cases
        .iter()
        .flat_map(|case| &case.case.params)
        .filter_map(|(key, value)| match value {
            ParamValue::Text(word) if KINDS.contains(&word.as_str()) => {
                Some(Of::Numbers(key.clone()))
            }
            _ => None,
        });
    let of: BTreeSet<Of> = [Of::Device, Of::Threads]
        .into_iter()
        .chain(numbers)
        .collect();
    let panels: Vec<Panel> = of.iter().flat_map(|of| compared(&cases, of)).collect();
    let measured = cases.iter().filter(|case| case.outcome.is_ok());
    let devices: BTreeSet<&str> = measured.map(|case| case.case.device.as_str()).collect();
    let mut notes = vec![format!(
        "{MEDIANS} Factors are against the first case of the same work."
    )];
    if let [only] = devices.iter().collect::<Vec<_>>()[..] {
        notes.push(format!(
            "Only `{}` was measured in this run, so devices are not compared.",
            label::clean(only)
        ));
    }
    paged(
        "hardware_optimization",
        "Hardware optimization",
        &subtitle(run),
        &notes,
        pages(panels),
        1,
    )
}

/// Panels in pictures of at most [`BARS`] bars.
fn pages(panels: Vec<Panel>) -> Vec<Vec<Panel>> {
    let mut pages: Vec<Vec<Panel>> = Vec::new();
    let mut on_page = BARS;
    for panel in panels {
        let bars = match &panel {
            Panel::Bars(bars) => bars.bars.len(),
            Panel::Lines(_) | Panel::Spread(_) => 1,
        };
        if on_page + bars > BARS {
            pages.push(Vec::new());
            on_page = 0;
        }
        on_page += bars;
        pages
            .last_mut()
            .expect("one was just begun, or there was room")
            .push(panel);
    }
    pages
}

/// Groups of cases that differ in `of` alone: a panel for each unit, cut where it is too long.
fn compared(cases: &[&CaseResult], of: &Of) -> Vec<Panel> {
    let mut groups: Vec<(String, Vec<&CaseResult>)> = Vec::new();
    for case in cases {
        if let Some(rest) = rest(case, of) {
            match groups.iter_mut().find(|(known, _)| *known == rest) {
                Some((_, group)) => group.push(case),
                None => groups.push((rest, vec![case])),
            }
        }
    }
    groups.retain(|(_, group)| {
        let values: BTreeSet<Option<String>> = group.iter().map(|case| of.value(case)).collect();
        let known = group.iter().filter(|case| case.outcome.is_ok()).count();
        values.len() > 1 && known > 0
    });
    if !groups
        .iter()
        .any(|(_, group)| group.iter().filter(|case| case.outcome.is_ok()).count() > 1)
    {
        return Vec::new();
    }
    let all: Vec<&CaseResult> = groups
        .iter()
        .flat_map(|(_, group)| group.iter().copied())
        .collect();
    let name = if all
        .iter()
        .any(|case| summed(case, names::THROUGHPUT).is_some())
    {
        names::THROUGHPUT
    } else {
        names::TIME
    };
    let mut panels = Vec::new();
    for (metric, members) in by_unit(&all, name) {
        for chunk in members.chunks(BARS) {
            let direction = match name {
                names::TIME => "lower is better",
                _ => "higher is better",
            };
            let title = format!(
                "{}: {name}, {direction}{}",
                of.words(),
                label::in_brackets(&metric.unit)
            );
            panels.push(panel(chunk, &groups, of, name, title, &metric.unit));
        }
    }
    panels
}

/// Everything about a case but `of`.
fn rest(case: &CaseResult, of: &Of) -> Option<String> {
    of.value(case)?;
    let case = &case.case;
    let params = case
        .params
        .iter()
        .filter(|(key, _)| *of != Of::Numbers((*key).clone()));
    let mut rest: Vec<String> = params
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if *of != Of::Device {
        rest.push(format!("device={}", case.device));
    }
    if *of != Of::Threads {
        rest.push(format!("threads={}", case.threads));
    }
    rest.push(format!("{:?} {:?}", case.instances, case.offered_load));
    Some(format!(
        "{} {}/{} {}",
        case.benchmark,
        case.plugin,
        case.workload,
        rest.join("&")
    ))
}

fn panel(
    cases: &[&CaseResult],
    groups: &[(String, Vec<&CaseResult>)],
    of: &Of,
    name: &str,
    title: String,
    unit: &str,
) -> Panel {
    let (labels, caption) = label::of_cases(cases);
    let mut legend: Vec<String> = Vec::new();
    let is_in = |group: &[&CaseResult]| {
        group
            .iter()
            .any(|one| cases.iter().any(|case| std::ptr::eq(*one, *case)))
    };
    // With a single piece of work the names say it all.
    let is_coloured = groups.iter().filter(|(_, group)| is_in(group)).count() > 1;
    let bars = cases.iter().zip(labels).map(|(case, label)| {
        let value = label::clean(&of.value(case).unwrap_or_default());
        if !legend.contains(&value) {
            legend.push(value.clone());
        }
        let colour = ALL[legend.iter().position(|known| *known == value).unwrap_or(0) % ALL.len()];
        let colour = if is_coloured { colour } else { BLUE };
        let Some((_, summary)) = summed(case, name) else {
            return absent(case, label);
        };
        let group = groups
            .iter()
            .find(|(_, group)| group.iter().any(|one| std::ptr::eq(*one, *case)));
        let base = group.and_then(|(_, group)| {
            group
                .iter()
                .find_map(|one| Some((*one, summed(one, name)?.1.median)))
        });
        let factor = base
            .filter(|(first, median)| {
                !std::ptr::eq(*first, *case) && *median > 0.0 && summary.median > 0.0
            })
            .map(|(_, median)| match name {
                names::TIME => median / summary.median,
                _ => summary.median / median,
            });
        let text = quantity(summary.median, unit);
        Bar {
            label,
            parts: vec![(summary.median, colour)],
            interval: interval(summary),
            text: match factor {
                Some(factor) => format!("{text}  ({factor:.2}× as fast)"),
                None => text,
            },
            has_failed: false,
        }
    });
    let bars: Vec<Bar> = bars.collect();
    let key = match of {
        Of::Device => "device",
        Of::Threads => "threads",
        Of::Numbers(key) => key,
    };
    let colours = legend
        .iter()
        .enumerate()
        .filter(|_| is_coloured && legend.len() <= ALL.len());
    let legend = colours
        .map(|(index, value)| (format!("{}={value}", label::clean(key)), ALL[index]))
        .collect();
    Panel::Bars(Bars {
        title,
        caption,
        unit: unit.to_owned(),
        bars,
        legend,
    })
}
