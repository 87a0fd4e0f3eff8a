//! The table people see at the end of a run: a block for each workload, then what needs saying in sentences.

mod advice;
mod block;
mod change;
mod column;
mod comparison;
mod contrast;
mod details;
mod judgement;
pub(crate) mod label;
pub mod law;
mod layout;
mod machine;
mod mark;
mod movers;
pub(crate) mod notes;
mod paint;
mod quantity;
mod readings;
mod roofline;
mod scaling;
mod search;

use benchhost_advice::Recommendation;
use benchhost_gate::Judgements;
use benchhost_record::{CaseResult, Run};
pub use change::render_changes;
pub use comparison::render_comparisons;
pub use judgement::{render_judgements, severity_word};
use mark::Marks;
use paint::{Paint, Style};
pub(crate) use scaling::told_laws;

use crate::text::ascii;

/// A run, what is said of it, and how it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The run.
    pub run: &'a Run,
    /// What is said of it, where it was judged.
    pub judged: Option<&'a Judgements>,
    /// What could be done, the most important first.
    pub recommendations: &'a [Recommendation],
    /// Whether to show every metric, every verdict, every flag, and the machine.
    pub verbose: bool,
    /// Columns of the terminal; without one nothing is cut or wrapped.
    pub width: Option<u16>,
    /// Whether to use ANSI escape sequences.
    pub colour: bool,
    /// Whether the terminal can show nothing but ASCII.
    pub ascii: bool,
}

/// The run as text with a line feed at its end, not judged.
///
/// `width`: columns of the terminal; without one nothing is cut or wrapped. When the columns of a block do not fit,
/// the least important metrics are left out and named below. `colour`: whether to use ANSI escape sequences.
#[must_use]
pub fn render(run: &Run, width: Option<u16>, colour: bool) -> String {
    render_run(&Shown {
        run,
        judged: None,
        recommendations: &[],
        verbose: false,
        width,
        colour,
        ascii: false,
    })
}

/// The run as text with a line feed at its end: tables, what needs saying, what moved, what could be done, and one line.
#[must_use]
pub fn render_run(shown: &Shown<'_>) -> String {
    let run = shown.run;
    let paint = Paint::new(shown.colour);
    let width = shown.width.map(usize::from);
    let marks = Marks::of_all(shown.judged);
    let mut sections = Vec::new();
    let mut hidden = Vec::new();
    let cases = run.cases.iter();
    // What a search found has a section of its own.
    let cases: Vec<&CaseResult> = cases
        .filter(|result| result.search.is_none() || !result.outcome.is_ok())
        .collect();
    for cases in blocks(&cases) {
        let block = block::render(&cases, &marks, width, paint);
        sections.push(block.text);
        for name in block.hidden {
            if !hidden.contains(&name) {
                hidden.push(name);
            }
        }
    }
    if shown.verbose {
        sections.extend(details::sections(run, &marks, width, paint));
    } else if !hidden.is_empty() {
        let text = format!(
            "… +{} in run.json: {}",
            notes::count(hidden.len(), "metric"),
            hidden.join(", ")
        );
        let lines = layout::wrapped(&text, width, 2);
        sections.push(paint.lines(&lines, Style::Dim));
    }
    sections.extend(contrast::sections(run, width, paint));
    sections.extend(scaling::sections(run, width, paint));
    sections.extend(search::section(run, width, paint));
    sections.extend(roofline::section(run, width, paint));
    sections.extend(readings::section(run, width, paint));
    if shown.verbose {
        sections.push(machine::section(run, width, paint));
    }
    sections.extend(notes::sections(run, shown.verbose, width, paint));
    sections.extend(
        shown
            .judged
            .and_then(|judged| movers::section(judged, width, paint)),
    );
    let most = if shown.verbose { usize::MAX } else { ADVICE };
    sections.extend(advice::section(shown.recommendations, most, width, paint));
    sections.push(notes::summary(run, shown.judged, width, paint));
    let text = sections.join("\n");
    if shown.ascii { ascii(&text) } else { text }
}

/// Recommendations that are shown; `benchhost report` has all.
const ADVICE: usize = 3;

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
