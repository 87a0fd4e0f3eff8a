//! Plain tables of text.

use std::fmt::Write as _;

/// Columns padded to their widest cell; two spaces between, none at the end. Control characters of cells, names of series
/// may have any, are shown as `�`: none breaks a row or commands the terminal.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| harmless(cell)))
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn harmless(cell: &str) -> String {
    cell.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn control_characters_of_cells_break_no_row() {
        let rows = [
            ["case", "points"].map(str::to_owned),
            ["a\nb\u{1b}[2J\tc", "1"].map(str::to_owned),
        ];

        assert_eq!(table(&rows), "case       points\na�b�[2J�c  1\n");
    }
}
