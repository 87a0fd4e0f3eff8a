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
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
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
    fn numbers_read_back() {
        for value in [0.0, 1.0, -0.1, 1e-7, 123_456_789.25, 1e300, -2.5e-20] {
            assert_eq!(number(value).parse::<f64>(), Ok(value));
        }
        assert_eq!(number(f64::NAN), "");
        assert_eq!(number(f64::INFINITY), "");
    }
}
