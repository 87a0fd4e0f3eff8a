//! Tells what an error says from the backtrace that its library prints after it, as candle does with `RUST_BACKTRACE=1`.
//!
//! A message is one of a table's cells and part of the history; a backtrace is a hundred lines of this machine's paths.

/// First frame, as the standard library prints it: the number in four columns.
const FIRST_FRAME: &str = "   0: ";

/// `text` without the frames of backtraces, and the frames; as it is where there are none.
pub(super) fn split(text: &str) -> (String, String) {
    let (mut said, mut frames) = (Vec::new(), Vec::new());
    let mut lines = text.lines().peekable();
    let mut is_inside = false;
    while let Some(line) = lines.next() {
        let is_first = line.starts_with(FIRST_FRAME)
            && lines
                .peek()
                .is_some_and(|next| is_place(next) || next.starts_with("   1: "));
        is_inside = is_first || is_inside && is_frame(line);
        if is_inside {
            frames.push(line);
        } else {
            said.push(line);
        }
    }
    if frames.is_empty() || said.iter().all(|line| line.trim().is_empty()) {
        return (text.to_owned(), String::new());
    }
    (said.join("\n").trim_end().to_owned(), frames.join("\n"))
}

/// `  12: function` or the line below it.
fn is_frame(line: &str) -> bool {
    let number = line.trim_start().split_once(": ").map(|(number, _)| number);
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.is_some_and(is_number) || is_place(line)
}

/// `             at file.rs:1:2`.
fn is_place(line: &str) -> bool {
    line.starts_with("    ") && line.trim_start().starts_with("at ")
}

#[cfg(test)]
mod tests {
    use std::backtrace::Backtrace;

    use super::*;

    #[test]
    fn the_frames_of_a_real_backtrace_are_taken_away() {
        let backtrace = Backtrace::force_capture().to_string();
        assert!(backtrace.lines().count() > 5, "{backtrace}");

        let (said, frames) = split(&format!(
            "reading x: shape mismatch\nin matmul\n{backtrace}"
        ));

        assert_eq!(said, "reading x: shape mismatch\nin matmul");
        assert_eq!(frames, backtrace.trim_end());
    }

    #[test]
    fn what_is_said_after_a_backtrace_is_kept() {
        let frame = "   0: f\n             at a.rs:1:2\n   1: g::{{closure}}";

        let (said, frames) = split(&format!("one\n{frame}\ntwo\n{frame}\n"));

        assert_eq!(said, "one\ntwo");
        assert_eq!(frames, format!("{frame}\n{frame}"));
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "",
            "one\n",
            "counts by class:\n   0: 12 of 50",
            "0: no\n1: yes",
            "   0: f\n             at a.rs:1:2",
        ] {
            assert_eq!(split(text), (text.to_owned(), String::new()), "{text}");
        }
    }
}
