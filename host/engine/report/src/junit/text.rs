//! Text that XML can hold and that people can read.

use crate::markdown::escape::visible;

/// `text` on one line, without characters that XML 1.0 does not know; marks of direction are shown by their number.
pub(super) fn xml(text: &str) -> String {
    let shown = visible(text);
    let shown = shown.trim();
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    allowed(shown)
}

/// Several lines.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| allowed(&visible(line))).collect();
    lines.join("\n")
}

/// Two characters that Unicode has and XML has not; controls are gone already.
fn allowed(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
