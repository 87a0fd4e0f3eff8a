//! Puts labels, numbers and remarks side by side. A row that has no numbers carries a sentence across instead, which
//! is why this is not left to a table package.

use super::{
    mark::legend,
    paint::{Paint, Style},
    quantity::NOTHING,
};
use crate::text::{pad_left, pad_right, width, wrap};

/// Columns left free before every row of a block.
pub(super) const INDENT: usize = 2;

/// Columns between two cells.
const GAP: usize = 2;

/// A label gets at least this many columns, and at most two fifths of the terminal, before numbers must go.
const MIN_LABEL: usize = 16;

/// Where not everything has room a label is broken down to so many columns.
const LEAST_LABEL: usize = 10;

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
        if available.is_some_and(|all| widths.total() > all) {
            return (self.stacked(available, paint), Vec::new());
        }
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
        (text, self.left_out(&widths))
    }

    fn left_out(&self, widths: &Widths) -> Vec<usize> {
        let all = 0..self.headers.len();
        all.filter(|i| widths.cells[*i].is_none()).collect()
    }

    /// Each row as a list of all it has, where not even the columns that must stay have room side by side.
    fn stacked(&self, available: Option<usize>, paint: Paint) -> String {
        let mut text = String::new();
        let mut put = |indent: usize, said: &str, style: Style| {
            let room = available.map_or(usize::MAX, |all| all.saturating_sub(indent));
            for one in wrap(said, room) {
                text.push_str(&line(&format!(
                    "{}{}",
                    " ".repeat(indent),
                    paint.text(&one, style)
                )));
            }
        };
        for row in &self.rows {
            put(INDENT, &row.label, Style::Plain);
            let (mark, style) = match &row.body {
                Body::Judged { mark, style, .. } => (Some(*mark), *style),
                Body::Sentence { text, style } => {
                    put(2 * INDENT, text, *style);
                    continue;
                }
                Body::Numbers { .. } => (None, Style::Plain),
            };
            let (cells, remarks) = row.body.numbers().unwrap_or_default();
            for at in (0..cells.len()).filter(|i| cells[*i] != NOTHING) {
                let style = if mark == Some(at) {
                    style
                } else {
                    Style::Plain
                };
                put(
                    2 * INDENT,
                    &format!("{} {}", self.headers[at], cells[at]),
                    style,
                );
            }
            if !remarks.is_empty() {
                put(
                    2 * INDENT,
                    &format!("{} {remarks}", self.remarks),
                    Style::Caution,
                );
            }
        }
        text
    }

    /// A line that says what marks in the column of this header mean, where some have no word.
    pub(super) fn legend(&self, header: &str, available: Option<usize>, paint: Paint) -> String {
        let Some(column) = self.headers.iter().position(|one| one == header) else {
            return String::new();
        };
        let rows = self.rows.iter().filter_map(|row| row.body.numbers());
        let cells = rows.filter_map(|(cells, _)| Some(cells.get(column)?.as_str()));
        let lines = legend(cells).map_or_else(Vec::new, |said| {
            let room = available.map(|all| all.saturating_sub(INDENT));
            wrapped(said, room, INDENT)
        });
        let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
        paint.lines(&lines, Style::Dim)
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
        // Then the label is broken, and then the remarks are.
        let too_much = fitted.total().saturating_sub(available);
        let least = fitted.label.min(LEAST_LABEL);
        fitted.label -= too_much.min(fitted.label - least);
        let too_much = fitted.total().saturating_sub(available);
        let least = fitted.remarks.min(width(&self.remarks));
        fitted.remarks -= too_much.min(fitted.remarks - least);
        let spare = available.saturating_sub(fitted.total());
        let has_sentence = self.rows.iter().any(|row| row.body.numbers().is_none());
        let widest = match has_sentence {
            // A sentence stands beside the label.
            true => available
                .saturating_sub(INDENT + GAP + MIN_LABEL)
                .max(fitted.label),
            false => natural.label,
        };
        let more_label = spare.min(natural.label.min(widest).saturating_sub(fitted.label));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Pseudo-random numbers below `n`.
    fn below(state: &mut u64, n: usize) -> usize {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 33) as usize % n
    }

    fn words(state: &mut u64, most: usize) -> String {
        let number = below(state, most + 1);
        let words: Vec<String> = (0..number)
            .map(|_| "µx数".repeat(1 + below(state, 7)))
            .collect();
        words.join(" ")
    }

    #[test]
    fn no_table_is_wider_than_its_terminal_down_to_forty_columns() {
        for seed in 0..400_u64 {
            let state = &mut (seed * 7919 + 1);
            let columns = 1 + below(state, 8);
            let headers: Vec<String> = (0..columns).map(|i| format!("h{i}")).collect();
            let rows = (0..=below(state, 4)).map(|_| Row {
                label: words(state, 4),
                body: match below(state, 4) {
                    0 => Body::Sentence {
                        text: words(state, 9),
                        style: Style::Bad,
                    },
                    _ => Body::Judged {
                        cells: (0..columns).map(|_| words(state, 2)).collect(),
                        remarks: words(state, 3),
                        mark: 0,
                        style: Style::Good,
                    },
                },
            });
            let rows: Vec<Row> = rows.collect();
            let dispensability = (0..columns).map(|_| below(state, 3) as u8).collect();
            let table = Table {
                headers,
                dispensability,
                remarks: "flags".to_owned(),
                rows,
            };
            for available in 40..=120 {
                let (text, left_out) = table.render(Some(available), Paint::new(false));
                for line in text.lines() {
                    assert!(width(line) <= available, "seed {seed}, {available}\n{text}");
                }
                // What must stay is there, in pieces where it has to be.
                for (i, dispensable) in table.dispensability.iter().enumerate() {
                    assert!(
                        *dispensable > 0 || !left_out.contains(&i),
                        "seed {seed}\n{text}"
                    );
                }
            }
        }
    }
}
