//! JSON that can stand inside a script element: nothing in it can end the element or begin a comment.

use std::fmt::Write as _;

use serde::Serialize;

/// `value` as JSON without the characters that mean something to HTML, nor the two line ends that JavaScript once did not
/// take in text.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value)
        .expect("numbers, text and maps with text for keys are always JSON");
    harmless(&text)
}

/// In JSON these characters occur within text only, where they may be written by their number.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len() + json.len() / 64);
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            // Controls are errors in HTML, and marks of direction turn the source around, whatever stands around them.
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}'
            | '\u{7f}'..='\u{9f}' => {
                let _ = write!(safe, "\\u{:04x}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_text_can_end_the_element_and_it_reads_back() {
        let hostile = "</script><!--<script>]]>&amp;\u{2028}\u{2029}\0\u{7f}\u{202e}\"\\";

        let text = json(&hostile);

        assert!(!text.contains([
            '<', '>', '&', '\u{2028}', '\u{2029}', '\0', '\u{7f}', '\u{202e}'
        ]));
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
