//! Text by columns of a terminal, not by characters: a wide character takes two.

use unicode_width::UnicodeWidthStr as _;

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` with spaces after it up to `columns`.
pub(crate) fn pad_right(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// `text` with spaces before it up to `columns`.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(missing))
}

/// Lines of at most `columns`, broken at white space, and inside a word only when it is longer than a line. Never
/// empty.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let open = lines.len() - 1;
        let joined = width(&lines[open]) + usize::from(!lines[open].is_empty()) + width(word);
        if joined <= columns {
            if !lines[open].is_empty() {
                lines[open].push(' ');
            }
            lines[open].push_str(word);
            continue;
        }
        let mut pieces = pieces(word, columns).into_iter();
        if lines[open].is_empty() {
            lines[open] = pieces.next().unwrap_or_default();
        }
        lines.extend(pieces);
    }
    lines
}

/// `word` in pieces of at most `columns`.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let open = pieces.len() - 1;
        let mut bytes = [0; 4];
        if !pieces[open].is_empty()
            && width(&pieces[open]) + width(c.encode_utf8(&mut bytes)) > columns
        {
            pieces.push(c.to_string());
        } else {
            pieces[open].push(c);
        }
    }
    pieces
}

/// `text` without what could drive the terminal: no escape sequences, no control characters; tabs and line
/// feeds become spaces.
pub fn harmless(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.next_if_eq(&'[').is_some() {
            // A control sequence ends with its first byte from `@` to `~` (ECMA-48, 5.4).
            let _ = rest.find(|c| ('@'..='~').contains(c));
        } else if matches!(c, '\t' | '\n') {
            kept.push(' ');
        } else if !(c.is_control() || turns_text(c)) {
            kept.push(c);
        }
    }
    kept
}

/// Whether a character is not seen and changes how others are: marks and embeddings of direction, line separators, a byte
/// order mark.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` for a terminal that knows nothing but ASCII, in as many columns.
pub(crate) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let instead = match c {
            _ if c.is_ascii() => c,
            '─' | '–' | '—' | '−' | '·' => '-',
            '±' => '~',
            '…' => '.',
            '✓' => '+',
            'µ' | 'μ' => 'u',
            '×' | '✗' => 'x',
            '▲' => '^',
            '▼' => 'v',
            'σ' => 's',
            'κ' => 'k',
            '²' => '2',
            '→' => '>',
            '≤' => '<',
            _ => {
                let mut bytes = [0; 4];
                plain.push_str(&"?".repeat(width(c.encode_utf8(&mut bytes))));
                continue;
            }
        };
        plain.push(instead);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_spaces_and_breaks_only_what_is_too_long() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh b", 4), ["a", "abcd", "efgh", "b"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("数据 数据", 5), ["数据", "数据"]);
    }

    #[test]
    fn padding_counts_columns() {
        assert_eq!(pad_left("µs", 4), "  µs");
        assert_eq!(pad_right("数", 4), "数  ");
    }

    #[test]
    fn escape_sequences_of_a_plugin_do_not_reach_the_terminal() {
        assert_eq!(harmless("a\u{1b}[31mb\tc\u{7}\nd"), "ab c d");
        assert_eq!(harmless("a\u{202e}b\u{2066}c\u{200f}\u{feff}d"), "abcd");
    }

    #[test]
    fn text_for_old_terminals_keeps_its_columns() {
        let text = "── 3.1 µs ±2 % · ▲ ▼ ✗ … σ 数据 é";

        let plain = ascii(text);

        assert_eq!(plain, "-- 3.1 us ~2 % - ^ v x . s ???? ?");
        assert_eq!(width(&plain), width(text));
    }
}
