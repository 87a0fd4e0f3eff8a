//! A bar for the step of a fetch, on standard error; sentences where that is no terminal.

use std::{
    io::{self, IsTerminal as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{data::Observer, progress::plain, terminal};

/// Shows where a fetch is.
pub(super) struct Progress {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Progress {
    pub(super) fn new(interrupted: Arc<AtomicBool>) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            interrupted,
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn starts(&mut self, what: &str, bytes: Option<u64>) {
        let template = match bytes {
            Some(_) => "{bar:24} {bytes}/{total_bytes}  {eta} left  {wide_msg}",
            None => "{spinner} {elapsed}  {wide_msg}",
        };
        let style = ProgressStyle::with_template(template);
        self.bar.set_style(plain(
            style.expect("both templates are constants that are right"),
        ));
        self.bar.reset();
        match bytes {
            Some(bytes) => self.bar.set_length(bytes),
            None => self.bar.unset_length(),
        }
        if self.bar.is_hidden() {
            terminal::remark(what);
        }
        self.bar.set_message(what.to_owned());
        self.bar.tick();
    }

    fn at(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    fn ticks(&mut self) {
        self.bar.tick();
    }

    fn remark(&mut self, text: &str) {
        self.bar.suspend(|| terminal::remark(text));
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
