//! Everything that is printed goes through here; the rest of the host calculates text.

#![expect(clippy::print_stderr, reason = "this is the one place that prints")]

use std::io::{self, IsTerminal as _, Write as _};

use benchhost_report::harmless;

use crate::command::Failure;

/// Characters of a remark. What is longer came out of a file that is not ours.
const LONGEST: usize = 600;

/// Writes `text` to standard output. A reader that has gone away (`| head`) is no error.
///
/// # Errors
/// Anything else that stands in the way, a full disk for example.
pub(crate) fn show(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a remark to standard error, on one line.
pub(crate) fn remark(text: &str) {
    eprintln!("{}", clean(text));
}

/// Writes lines to standard error, all of them.
pub(crate) fn remark_lines(text: &str) {
    for line in text.lines() {
        eprintln!("{}", harmless(line));
    }
}

/// Writes a failure: what, why, and the way out.
pub(crate) fn complain(failure: &Failure) {
    // What a plugin wrote itself stands below, a line each.
    let mut lines = failure.message.split(SAID);
    eprintln!("error: {}", clean(lines.next().unwrap_or_default()));
    for line in lines {
        eprintln!("  | {}", clean(line));
    }
    for hint in &failure.hints {
        eprintln!(" hint: {}", clean(hint));
    }
}

/// Begins each line that is quoted below a message.
pub(crate) const SAID: &str = "\n  | ";

/// `text` on one line, without what drives a terminal, and cut: messages repeat what is written in files.
fn clean(text: &str) -> String {
    let text = harmless(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Width of the terminal in columns, when standard output is one; else what `COLUMNS` asks for.
pub(crate) fn width() -> Option<u16> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return rustix::termios::tcgetwinsize(&stdout)
            .ok()
            .map(|s| s.ws_col);
    }
    let asked = std::env::var("COLUMNS").ok()?.trim().parse().ok()?;
    (asked > 0).then_some(asked)
}

/// Whether to use colour: a terminal that knows it, or `CLICOLOR_FORCE`; never when <https://no-color.org> is asked for.
pub(crate) fn colour() -> bool {
    let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_forced = is_set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let is_dumb = is_set("TERM").is_some_and(|value| value == "dumb");
    is_set("NO_COLOR").is_none() && (is_forced || (io::stdout().is_terminal() && !is_dumb))
}

/// Whether the locale says in so many words that it is not UTF-8. One that says nothing is common, in containers, and its
/// terminals know UTF-8.
pub(crate) fn ascii() -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let mut named = named.filter_map(|name| std::env::var(name).ok());
    let locale = named.find(|value| !value.is_empty());
    locale.is_some_and(|locale| !is_utf8(&locale))
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_repeats_neither_drives_the_terminal_nor_fills_it() {
        let hostile = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}b\nerror: c\r\u{9b}1m";
        assert_eq!(clean(hostile), "a]0;titleb error: c1m");

        let long = clean(&"é".repeat(5000));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
