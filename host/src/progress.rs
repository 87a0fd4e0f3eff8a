//! The progress bar on standard error; nothing when that is not a terminal.

use std::io::{self, IsTerminal as _};

use benchhost_record::Outcome;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{compare::Watcher, run::Observer, terminal};

/// Shows where a run is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `total` workers; hidden when `quiet` or not a terminal.
    pub(crate) fn new(total: usize, quiet: bool) -> Self {
        // Drawn at 5 Hz at most and never from a thread of its own: the host stays idle while measuring.
        let target = if quiet || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(5)
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {eta} left  {wide_msg}");
        bar.set_style(style.expect("the template is a constant that is right"));
        Self { bar }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn starts(&mut self, label: &str, done: usize, _total: usize) {
        self.bar.set_position(done as u64);
        self.bar.set_message(label.to_owned());
        self.bar.tick();
    }

    fn ended(&mut self, label: &str, outcome: &Outcome) {
        if outcome.is_failure() {
            self.bar.println(format!("{label}: {}", outcome.sentence()));
        }
        self.bar.inc(1);
    }

    fn remark(&mut self, text: &str) {
        self.bar.suspend(|| terminal::remark(text));
    }
}

impl Watcher for Progress {
    fn round(&mut self, label: &str, round: u64, decided: usize, all: usize) {
        self.bar.set_length(all as u64);
        self.bar.set_position(decided as u64);
        self.bar.set_message(format!("{label} · round {round}"));
        self.bar.tick();
    }
}
