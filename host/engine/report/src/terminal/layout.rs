//! Puts labels, numbers and remarks side by side. A row that has no numbers carries a sentence across instead, which
//! is why this is not left to a table package.

use super::paint::{Paint, Style};
use crate::text::{pad_left, pad_right, width, wrap};

/// Columns left free before every row of a block.
pub(super) const INDENT: usize = 2;

/// Columns between two cells.
const GAP: usize = 2;

/// A label gets at least this many columns, and at most two fifths of the terminal, before numbers must go.
const MIN_LABEL: usize = 16;

/// What stands behind a label.
pub(super) enum Body {
    /// One number for each column, and remarks.
    Numbers { cells: Vec<String>, remarks: String },
    /// The same, with one number painted.
    Judged {
        cells: Vec<String>,
        remarks: String,
        mark: usize,
        style: Style,
    },
    /// A sentence across all columns.
    Sentence { text: String, style: Style },
}

impl Body {
    /// Numbers and remarks, where it has some.
    fn numbers(&self) -> Option<(&[String], &str)> {
        match self {
            Self::Numbers { cells, remarks } | Self::Judged { cells, remarks, .. } => {
                Some((cells, remarks))
            }
            Self::Sentence { .. } => None,
        }
    }
}

/// One row.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) body: Body,
}

/// A table before its widths are known.
pub(super) struct Table {
    pub(super) headers: Vec<String>,
    /// By column: the higher, the sooner it goes.
    pub(super) dispensability: Vec<u8>,
    /// Header of the remarks.
    pub(super) remarks: String,
    pub(super) rows: Vec<Row>,
}

struct Widths {
    label: usize,
    /// `None` for a column that was left out.
    cells: Vec<Option<usize>>,
    remarks: usize,
}

impl Widths {
    fn total(&self) -> usize {
        let cells: usize = self.cells.iter().flatten().map(|cell| GAP + cell).sum();
        let remarks = if self.remarks > 0 {
            GAP + self.remarks
        } else {
            0
        };
        INDENT + self.label + cells + remarks
    }
}

impl Table {
    /// The lines, and which columns were left out.
    pub(super) fn render(&self, available: Option<usize>, paint: Paint) -> (String, Vec<usize>) {
        let widths = self.widths(available);
        let mut text = String::new();
        if !self.headers.is_empty() {
            text.push_str(&line(&paint.text(&self.header(&widths), Style::Dim)));
            let rule = "─".repeat(widths.total() - INDENT);
            text.push_str(&line(
                &paint.text(&format!("{}{rule}", " ".repeat(INDENT)), Style::Dim),
            ));
        }
        for row in &self.rows {
            text.push_str(&row.render(&widths, available, paint));
        }
        let left_out = (0..self.headers.len()).filter(|i| widths.cells[*i].is_none());
        (text, left_out.collect())
    }

    fn widths(&self, available: Option<usize>) -> Widths {
        let natural = self.natural();
        let Some(available) = available else {
            return natural;
        };
        let mut fitted = Widths {
            label: natural.label.min(MIN_LABEL.max(available * 2 / 5)),
            cells: natural.cells.clone(),
            remarks: self.shortest_remarks(),
        };
        while fitted.total() > available {
            let kept = (0..fitted.cells.len()).filter(|i| fitted.cells[*i].is_some());
            let Some(victim) = kept
                .filter(|i| self.dispensability[*i] > 0)
                .max_by_key(|i| self.dispensability[*i])
            else {
                break;
            };
            fitted.cells[victim] = None;
        }
        let spare = available.saturating_sub(fitted.total());
        let more_label = spare.min(natural.label - fitted.label);
        fitted.label += more_label;
        fitted.remarks += (spare - more_label).min(natural.remarks - fitted.remarks);
        fitted
    }

    fn natural(&self) -> Widths {
        let label = self
            .rows
            .iter()
            .map(|row| width(&row.label))
            .max()
            .unwrap_or(0);
        let mut cells: Vec<usize> = self.headers.iter().map(|header| width(header)).collect();
        let mut remarks = 0;
        for row in &self.rows {
            if let Some((own, said)) = row.body.numbers() {
                for (widest, cell) in cells.iter_mut().zip(own) {
                    *widest = (*widest).max(width(cell));
                }
                remarks = remarks.max(width(said));
            }
        }
        if remarks > 0 {
            remarks = remarks.max(width(&self.remarks));
        }
        Widths {
            label,
            cells: cells.into_iter().map(Some).collect(),
            remarks,
        }
    }

    /// Width of the longest word among the remarks; 0 when there are none.
    fn shortest_remarks(&self) -> usize {
        let words = self.rows.iter().flat_map(|row| {
            let (_, remarks) = row.body.numbers().unwrap_or_default();
            remarks.split_whitespace()
        });
        words
            .map(width)
            .max()
            .map_or(0, |longest| longest.max(width(&self.remarks)))
    }

    fn header(&self, widths: &Widths) -> String {
        let mut text = " ".repeat(INDENT + widths.label);
        for (header, columns) in self.headers.iter().zip(&widths.cells) {
            if let Some(columns) = columns {
                text.push_str(&pad_left(header, GAP + columns));
            }
        }
        if widths.remarks > 0 {
            text.push_str(&format!("{}{}", " ".repeat(GAP), self.remarks));
        }
        text
    }
}

impl Row {
    fn render(&self, widths: &Widths, available: Option<usize>, paint: Paint) -> String {
        let labels = wrap(&self.label, widths.label);
        let (bodies, style) = match &self.body {
            Body::Numbers { cells, remarks } => {
                let plain = |_, cell: &str| cell.to_owned();
                (numbers(cells, remarks, widths, &plain), Style::Caution)
            }
            Body::Judged {
                cells,
                remarks,
                mark,
                style,
            } => {
                let painted = |at, cell: &str| {
                    let style = if at == *mark { *style } else { Style::Plain };
                    paint.text(cell, style)
                };
                (numbers(cells, remarks, widths, &painted), Style::Caution)
            }
            Body::Sentence { text, style } => {
                let before = INDENT + widths.label + GAP;
                let room =
                    available.map_or(usize::MAX, |all| all.saturating_sub(before).max(MIN_LABEL));
                let said = wrap(text, room);
                (
                    said.into_iter().map(|line| (String::new(), line)).collect(),
                    *style,
                )
            }
        };
        let mut text = String::new();
        for i in 0..labels.len().max(bodies.len()) {
            let label = pad_right(labels.get(i).map_or("", String::as_str), widths.label);
            let (plain, painted) = bodies.get(i).cloned().unwrap_or_default();
            let gap = if painted.is_empty() { 0 } else { GAP };
            text.push_str(&line(&format!(
                "{}{label}{plain}{}{}",
                " ".repeat(INDENT),
                " ".repeat(gap),
                paint.text(&painted, style)
            )));
        }
        text
    }
}

/// Lines of a row of numbers: what stands before the remark, cell by cell as `paint` makes it, and the remark.
fn numbers(
    cells: &[String],
    remarks: &str,
    widths: &Widths,
    paint: &dyn Fn(usize, &str) -> String,
) -> Vec<(String, String)> {
    let kept = cells.iter().zip(&widths.cells).enumerate();
    let padded =
        kept.filter_map(|(at, (cell, columns))| Some((at, pad_left(cell, GAP + (*columns)?))));
    let padded: Vec<(usize, String)> = padded.collect();
    let columns: usize = padded.iter().map(|(_, cell)| width(cell)).sum();
    let first: String = padded.iter().map(|(at, cell)| paint(*at, cell)).collect();
    wrap(remarks, widths.remarks)
        .into_iter()
        .enumerate()
        .map(|(i, remark)| {
            let before = if i == 0 {
                first.clone()
            } else {
                " ".repeat(columns)
            };
            (before, remark)
        })
        .collect()
}

/// `text` without spaces at its end, with a line feed.
fn line(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// `text` wrapped to the terminal, every line but the first `indent` columns in.
pub(super) fn wrapped(text: &str, available: Option<usize>, indent: usize) -> Vec<String> {
    let room = available.map_or(usize::MAX, |all| all.saturating_sub(indent).max(MIN_LABEL));
    wrap(text, room)
        .into_iter()
        .enumerate()
        .map(|(i, line)| {
            if i == 0 {
                line
            } else {
                format!("{}{line}", " ".repeat(indent))
            }
        })
        .collect()
}
