//! The cases of one workload as a table.

use benchhost_record::{CaseResult, Outcome};

use super::{
    column::{Column, columns},
    label::labels,
    layout::{Body, Row, Table, wrapped},
    mark::{Mark, Marks},
    paint::{Paint, Style},
};
use crate::text::harmless;

/// A rendered block and the metrics it has no room for.
pub(super) struct Block {
    pub(super) text: String,
    pub(super) hidden: Vec<String>,
}

pub(super) fn render(
    cases: &[&CaseResult],
    marks: &Marks<'_>,
    width: Option<usize>,
    paint: Paint,
) -> Block {
    let labels = labels(cases);
    let (columns, mut hidden) = columns(cases, marks);
    let rows = cases.iter().zip(labels.rows).map(|(result, label)| Row {
        label,
        body: body(result, &columns, marks),
    });
    let table = Table {
        headers: columns.iter().map(Column::header).collect(),
        dispensability: columns.iter().map(Column::dispensability).collect(),
        remarks: "flags".to_owned(),
        rows: rows.collect(),
    };
    let (mut lines, left_out) = table.render(width, paint);
    lines.push_str(&table.legend(Column::Verdict.header().as_str(), width, paint));
    let names = left_out.into_iter().map(|i| columns[i].name());
    hidden.splice(0..0, names);
    let heading = paint.lines(&wrapped(&labels.heading, width, 2), Style::Bold);
    Block {
        text: format!("{heading}{lines}"),
        hidden,
    }
}

fn body(result: &CaseResult, columns: &[Column], marks: &Marks<'_>) -> Body {
    match &result.outcome {
        Outcome::Ok => {
            let words: Vec<&str> = result.flags.iter().map(|flag| flag.kind.word()).collect();
            let cells = columns
                .iter()
                .map(|column| column.cell(result, marks))
                .collect();
            let remarks = distinct(words).join(", ");
            let mark = columns.iter().position(|column| *column == Column::Verdict);
            match (mark, marks.of(result)) {
                (Some(mark), Some(Mark { style, .. })) => Body::Judged {
                    cells,
                    remarks,
                    mark,
                    style,
                },
                _ => Body::Numbers { cells, remarks },
            }
        }
        Outcome::Skipped { .. } => sentence(&result.outcome, Style::Caution),
        failed => sentence(failed, Style::Bad),
    }
}

/// The outcome's sentence, opened by its word; most sentences do not begin with it.
fn sentence(outcome: &Outcome, style: Style) -> Body {
    let (word, sentence) = (outcome.word(), harmless(&outcome.sentence()));
    let text = if sentence.starts_with(word) {
        sentence
    } else {
        format!("{word}: {sentence}")
    };
    Body::Sentence { text, style }
}

fn distinct(words: Vec<&str>) -> Vec<&str> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}
