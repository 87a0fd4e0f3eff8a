//! The table people see at the end of a run: a block for each workload, then what needs saying in sentences.

mod block;
mod change;
mod column;
mod comparison;
mod judgement;
pub(crate) mod label;
mod layout;
pub(crate) mod notes;
mod paint;
mod quantity;
mod readings;
mod roofline;
mod scaling;
mod search;

use benchhost_record::{CaseResult, Run};
pub use change::render_changes;
pub use comparison::render_comparisons;
pub use judgement::{render_judgements, severity_word};
use paint::{Paint, Style};

/// The run as text with a line feed at its end.
///
/// `width`: columns of the terminal; without one nothing is cut or wrapped. When the columns of a block do not fit,
/// the least important metrics are left out and named below. `colour`: whether to use ANSI escape sequences.
#[must_use]
pub fn render(run: &Run, width: Option<u16>, colour: bool) -> String {
    let paint = Paint::new(colour);
    let width = width.map(usize::from);
    let mut sections = Vec::new();
    let mut hidden = Vec::new();
    let cases = run.cases.iter();
    // What a search found has a section of its own.
    let cases: Vec<&CaseResult> = cases
        .filter(|result| result.search.is_none() || !result.outcome.is_ok())
        .collect();
    for cases in blocks(&cases) {
        let block = block::render(&cases, width, paint);
        sections.push(block.text);
        for name in block.hidden {
            if !hidden.contains(&name) {
                hidden.push(name);
            }
        }
    }
    if !hidden.is_empty() {
        let text = format!(
            "… +{} in run.json: {}",
            notes::count(hidden.len(), "metric"),
            hidden.join(", ")
        );
        let lines = layout::wrapped(&text, width, 2);
        sections.push(paint.lines(&lines, Style::Dim));
    }
    sections.extend(scaling::sections(run, width, paint));
    sections.extend(search::section(run, width, paint));
    sections.extend(roofline::section(run, width, paint));
    sections.extend(readings::section(run, width, paint));
    sections.extend(notes::sections(run, width, paint));
    sections.push(notes::summary(run, width, paint));
    sections.join("\n")
}

/// Cases by plugin and workload, in order of first appearance.
fn blocks<'a>(cases: &[&'a CaseResult]) -> Vec<Vec<&'a CaseResult>> {
    let mut blocks: Vec<Vec<&CaseResult>> = Vec::new();
    for result in cases {
        let key = |other: &CaseResult| {
            (&other.case.plugin, &other.case.workload)
                == (&result.case.plugin, &result.case.workload)
        };
        match blocks.iter_mut().find(|block| key(block[0])) {
            Some(block) => block.push(result),
            None => blocks.push(vec![result]),
        }
    }
    blocks
}

/// What a run says besides its tables: curves, searches, roofs and probes, as text without colour.
pub(crate) fn findings(run: &Run, width: u16) -> Vec<String> {
    let (paint, width) = (Paint::new(false), Some(usize::from(width)));
    let mut sections = scaling::sections(run, width, paint);
    sections.extend(search::section(run, width, paint));
    sections.extend(roofline::section(run, width, paint));
    sections.extend(readings::section(run, width, paint));
    sections
}
