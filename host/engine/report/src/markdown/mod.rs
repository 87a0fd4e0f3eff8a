//! A report as Markdown, for people who read it where it is kept: on GitHub, in a folder, in a mail.
//!
//! The summary of a step and the comment of a pull request are made of the same sections.

mod contrast;
mod details;
pub(crate) mod escape;
mod figures;
mod history;
mod machine;
mod moved;
mod outcomes;
pub(crate) mod section;
mod summary;

pub(crate) use contrast::sections as contrasts;
pub(crate) use moved::{alerts, missed, movers, recommendations};
pub(crate) use outcomes::{failures, skipped};
pub(crate) use summary::{executive, facts_line, mark};

use benchhost_record::CaseResult;

use crate::{Report, facts::Known};
use escape::cell_code;
use section::{Section, whole};

/// The label of a row; a case that has nothing of its own keeps all of its parameters.
fn row_label(result: &CaseResult, label: &str) -> String {
    match label {
        "" => cell_code(&result.case.id.query().replace('&', " ")),
        label => cell_code(label),
    }
}

/// The report with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    whole(&sections(&Known::of(report)))
}

/// Every section that has something to say, the most important first.
pub(crate) fn sections(report: &Known<'_>) -> Vec<Section> {
    let mut sections = vec![summary::title(report), executive(report)];
    sections.extend(figures::sections(report));
    sections.extend(contrast::sections(report));
    sections.extend(outcomes::rate(report));
    sections.extend(missed(report));
    sections.extend(movers(report));
    sections.extend(failures(report));
    sections.extend(skipped(report));
    sections.extend(alerts(report));
    sections.extend(recommendations(report));
    sections.extend(details::sections(report));
    sections.extend(history::sections(report));
    sections.extend(machine::sections(report));
    sections
}
