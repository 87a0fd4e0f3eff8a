//! Texts of any length, cut to what helps: of what workers printed and logged the end, where the reason of a failure
//! stands, of what is said about them the beginning.

use std::borrow::Cow;

/// Characters that are shown of what a worker printed that failed, and of one that did not.
const FAILED: usize = 6_000;
const FINE: usize = 600;

/// Lines of a log that are shown.
const LINES: usize = 40;

/// Bytes that are shown of an output.
pub(super) fn room(has_failed: bool) -> usize {
    if has_failed { FAILED } else { FINE }
}

/// The end of `text`, at most `room` bytes, and how many bytes were cut off.
pub(super) fn end(text: &str, room: usize) -> (&str, u64) {
    let mut from = text.len().saturating_sub(room);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    (&text[from..], from as u64)
}

/// Bytes that are shown of what is said: a message of a plugin, a sentence, a flag.
const SAID: usize = 4_000;

/// The beginning of `text`, and how much was cut off.
pub(super) fn beginning(text: &str) -> Cow<'_, str> {
    if text.len() <= SAID {
        return Cow::Borrowed(text);
    }
    let to = text.floor_char_boundary(SAID);
    Cow::Owned(format!(
        "{} … ({} bytes more: see the run's JSON)",
        &text[..to],
        text.len() - to
    ))
}

/// The last lines of a log.
pub(super) fn last(log: &[String]) -> &[String] {
    &log[log.len().saturating_sub(LINES)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept_and_what_is_cut_off_is_counted() {
        assert_eq!(beginning("é"), "é");
        let long = format!("a{}", "é".repeat(40_000));
        let cut = beginning(&long);
        assert!(
            cut.starts_with("aé") && cut.ends_with("é … (76002 bytes more: see the run's JSON)"),
            "{}",
            &cut[cut.len() - 60..]
        );
    }

    #[test]
    fn the_end_is_kept_and_no_character_is_cut_in_two() {
        assert_eq!(end("abc", 10), ("abc", 0));
        assert_eq!(end("aéé", 3), ("é", 3));
        assert_eq!(end("", 0), ("", 0));
    }
}
