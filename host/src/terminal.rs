//! Everything that is printed goes through here; the rest of the host calculates text.

#![expect(clippy::print_stderr, reason = "this is the one place that prints")]

use std::io::{self, IsTerminal as _, Write as _};

use crate::command::Failure;

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

/// Writes a remark to standard error.
pub(crate) fn remark(text: &str) {
    eprintln!("{text}");
}

/// Writes a failure: what, why, and the way out.
pub(crate) fn complain(failure: &Failure) {
    eprintln!("error: {}", failure.message);
    for hint in &failure.hints {
        eprintln!(" hint: {hint}");
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
