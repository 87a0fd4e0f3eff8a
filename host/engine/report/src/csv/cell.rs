//! Cells: text that no spreadsheet runs, numbers that every reader takes for numbers.

/// Text that no spreadsheet takes for a formula (CWE-1236). A `'` that is there already is doubled, so that one can be taken
/// away again, as the imports do.
pub(super) fn text(text: &str) -> String {
    // Some readers take white space and full-width signs away before they look.
    let first = text
        .trim_start_matches('\'')
        .trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\t' | '\r'))
        .chars()
        .next();
    let is_formula = first.is_some_and(|c| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠' | '\0'
        )
    });
    let shown: String = text.chars().map(seen).take(MOST).collect();
    let more = text.chars().skip(MOST).count();
    let sign = if is_formula { "'" } else { "" };
    match more {
        0 => format!("{sign}{shown}"),
        more => format!("{sign}{shown}… {more} more characters"),
    }
}

/// Characters of a cell, at most.
const MOST: usize = 4000;

/// What stands for a character that is not seen, or that turns the direction of the others: the sign that one is missing.
/// Tabs and ends of lines stay.
fn seen(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => c,
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fffe}'
        | '\u{ffff}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

/// The shortest number that reads back; nothing for what is not finite.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_text_stays_as_it_is() {
        for formula in [
            "=cmd()", "+1", "-1", "@x", "\tx", "\rx", " =x", "'=x", "\n=x", "＝x",
        ] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        for plain in ["", "a=b", "5", "'quoted'", " a"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn controls_are_seen_and_text_without_end_has_one() {
        assert_eq!(
            text("a\u{1b}\0\u{9b}\u{202e}b\tc"),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b\tc"
        );
        assert!(text(&"x".repeat(MOST + 7)).ends_with("x… 7 more characters"));
    }

    #[test]
    fn numbers_read_back() {
        for value in [0.0, 1.0, -0.1, 1e-7, 123_456_789.25, 1e300, -2.5e-20] {
            assert_eq!(number(value).parse::<f64>(), Ok(value));
        }
        assert_eq!(number(f64::NAN), "");
        assert_eq!(number(f64::INFINITY), "");
    }
}
