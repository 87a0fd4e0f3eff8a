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

/// Width of the terminal in columns, when standard output is one.
pub(crate) fn width() -> Option<u16> {
    let stdout = io::stdout();
    stdout
        .is_terminal()
        .then(|| rustix::termios::tcgetwinsize(&stdout).ok())?
        .map(|s| s.ws_col)
}

/// Whether to use colour: a terminal, and <https://no-color.org> not asked for.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
