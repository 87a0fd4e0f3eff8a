//! How far the samples of a case lie apart: each against its own median, so that unlike cases can stand below each other.

use benchhost_record::{CaseResult, Run, names};

use super::{BARS, paged, subtitle, summed};
use crate::{
    figure::{Figure, Panel, Samples, Spread},
    label,
    scale::quantity,
};

/// Fewer samples are no distribution.
const FEWEST: usize = 8;
/// Rows are higher than bars.
const ROWS: usize = BARS * 2 / 3;

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    let measured: Vec<&CaseResult> = run
        .cases
        .iter()
        .filter(|case| samples(case).is_some())
        .collect();
    let not = run.cases.len() - measured.len();
    let mut notes = vec![
        "Each dot is a sample, the box the middle half, the line the median. Red dots at an edge lie beyond it.".to_owned(),
    ];
    if not > 0 {
        notes.push(format!(
            "{not} of {} cases are not drawn: they failed, were skipped, or have fewer than {FEWEST} samples.",
            run.cases.len()
        ));
    }
    let pages = measured
        .chunks(ROWS)
        .map(|cases| vec![panel(cases)])
        .collect();
    paged(
        "distribution",
        "Distribution of samples",
        &subtitle(run),
        &notes,
        pages,
        1,
    )
}

/// Samples of the time as parts of their median, in order.
fn samples(case: &CaseResult) -> Option<Vec<f64>> {
    let (measurement, summary) = summed(case, names::TIME)?;
    let finite = measurement
        .samples
        .value
        .iter()
        .filter(|value| value.is_finite());
    let mut values: Vec<f64> = finite.map(|value| value / summary.median - 1.0).collect();
    values.sort_by(f64::total_cmp);
    (values.len() >= FEWEST && summary.median > 0.0).then_some(values)
}

fn panel(cases: &[&CaseResult]) -> Panel {
    let (labels, caption) = label::of_cases(cases);
    let rows = cases.iter().zip(labels).filter_map(|(case, label)| {
        let (_, summary) = summed(case, names::TIME)?;
        let values = samples(case)?;
        Some(Samples {
            label,
            text: format!("{}, n = {}", quantity(summary.median, "ns"), values.len()),
            values,
        })
    });
    Panel::Spread(Spread {
        title: "Time of an iteration against the median of its case".to_owned(),
        caption,
        rows: rows.collect(),
    })
}
