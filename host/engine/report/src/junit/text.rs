//! Text that XML can hold and that people can read.

use crate::markdown::escape::visible;

/// `text` on one line, without characters that XML 1.0 does not know; marks of direction are shown by their number.
pub(super) fn xml(text: &str) -> String {
    let shown = visible(text);
    let shown = shown.trim();
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    shortened(&allowed(shown))
}

/// Several lines.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| allowed(&visible(line))).collect();
    shortened(&lines.join("\n"))
}

/// Characters of a text, at most.
const MOST: usize = 4000;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}… {more} more characters", &text[..end])
        }
        None => text.to_owned(),
    }
}

/// Two characters that Unicode has and XML has not; controls are gone already.
fn allowed(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_end_has_one() {
        assert!(xml(&"x".repeat(MOST + 7)).ends_with("x… 7 more characters"));
        assert_eq!(lines("a\nb"), "a\nb");
    }
}
