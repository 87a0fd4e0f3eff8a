//! The most memory that each case held.

use benchhost_record::{CaseResult, Run, names};

use super::{BARS, bar, paged, subtitle, summed};
use crate::{
    figure::{Bars, Figure, Panel},
    label,
};

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    if !run
        .cases
        .iter()
        .any(|case| summed(case, names::PEAK_MEMORY).is_some())
    {
        return Vec::new();
    }
    // What was skipped held nothing; what failed may have failed for want of memory.
    let shown = run
        .cases
        .iter()
        .filter(|case| case.outcome.is_ok() || case.outcome.is_failure());
    let shown: Vec<&CaseResult> = shown.collect();
    let skipped = run.cases.len() - shown.len();
    let mut notes = vec![
        "Resident memory of the worker at its highest while measuring, median of the repetitions."
            .to_owned(),
    ];
    if skipped > 0 {
        notes.push(format!(
            "Not drawn because they were skipped: {skipped} cases."
        ));
    }
    let pages = shown.chunks(BARS).map(|cases| {
        let (labels, caption) = label::of_cases(cases);
        let bars = cases
            .iter()
            .zip(labels)
            .map(|(case, label)| bar(case, names::PEAK_MEMORY, label));
        vec![Panel::Bars(Bars {
            title: "Peak memory, lower is better".to_owned(),
            caption,
            unit: "B".to_owned(),
            bars: bars.collect(),
            legend: Vec::new(),
        })]
    });
    paged(
        "memory",
        "Memory",
        &subtitle(run),
        &notes,
        pages.collect(),
        1,
    )
}
