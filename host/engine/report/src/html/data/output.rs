//! What workers printed and logged, cut to what helps: the end, where the reason of a failure stands.

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

/// The last lines of a log.
pub(super) fn last(log: &[String]) -> &[String] {
    &log[log.len().saturating_sub(LINES)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_and_no_character_is_cut_in_two() {
        assert_eq!(end("abc", 10), ("abc", 0));
        assert_eq!(end("aéé", 3), ("é", 3));
        assert_eq!(end("", 0), ("", 0));
    }
}
