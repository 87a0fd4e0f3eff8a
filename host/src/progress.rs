//! How far a run is: a bar on standard error when that is a terminal, and a line for each finished case when that is asked for.

mod left;

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use benchhost_plan::Plan;
use benchhost_record::Outcome;
use benchhost_report::harmless;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::left::Left;
use crate::{compare::Watcher, run::Observer, terminal};

/// How much is said while measuring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Nothing.
    Nothing,
    /// A bar, on a terminal.
    Bar,
    /// A line for each finished case as well, wherever it goes.
    Cases,
}

/// Shows where a run is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    left: Left,
    began: Instant,
    talk: Talk,
    /// Cases of the plan, and how many of them are finished.
    cases: (usize, usize),
}

impl Progress {
    /// A bar for `total` steps that take about as long as each other; hidden when `quiet` or not a terminal.
    pub(crate) fn new(total: usize, quiet: bool) -> Self {
        let talk = if quiet { Talk::Nothing } else { Talk::Bar };
        let template = "{bar:24} {pos}/{len}  {eta} left  {wide_msg}";
        Self::with(total, template, Left::default(), talk)
    }

    /// A bar for the workers of a plan, whose time is known beforehand, more or less.
    pub(crate) fn of_plan(plan: &Plan, talk: Talk) -> Self {
        let benchmarks = plan.benchmarks.iter();
        let workers = benchmarks.map(|one| one.cases.len() * one.turns_of_a_case() as usize);
        let template = "{bar:24} {pos}/{len}  {prefix}{wide_msg}";
        let mut progress = Self::with(workers.sum(), template, Left::of(plan), talk);
        progress.cases = (plan.case_count(), 0);
        progress
    }

    fn with(total: usize, template: &str, left: Left, talk: Talk) -> Self {
        // Drawn at 5 Hz at most and never from a thread of its own: the host stays idle while measuring.
        let target = if talk == Talk::Nothing || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(5)
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let style = ProgressStyle::with_template(template);
        bar.set_style(plain(
            style.expect("the template is a constant that is right"),
        ));
        Self {
            bar,
            left,
            began: Instant::now(),
            talk,
            cases: (0, 0),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// The time left, said as roughly as it is known.
    fn time_left(&self) -> String {
        let left = self.left.left(self.began.elapsed());
        format!("{} left", roughly(left))
    }
}

/// A style for the terminal: not every one knows more than ASCII.
pub(crate) fn plain(style: ProgressStyle) -> ProgressStyle {
    in_letters(style, terminal::ascii())
}

fn in_letters(style: ProgressStyle, is_ascii: bool) -> ProgressStyle {
    if is_ascii {
        style.progress_chars("#>-").tick_chars("-\\|/ ")
    } else {
        style
    }
}

/// A duration as people say it while they wait.
fn roughly(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    match seconds {
        0..60 => format!("{} s", seconds.max(1)),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

impl Observer for Progress {
    fn starts(&mut self, label: &str, done: usize, _total: usize) {
        self.left.starts(label, self.began.elapsed());
        self.bar.set_position(done as u64);
        self.bar.set_prefix(format!("{}  ", self.time_left()));
        self.bar.set_message(harmless(label));
        self.bar.tick();
    }

    fn ended(&mut self, label: &str, outcome: &Outcome) {
        let finished = self.left.ended(label, self.began.elapsed());
        if let (Talk::Cases, Some(took)) = (self.talk, finished) {
            self.cases.1 += 1;
            let (all, done) = self.cases;
            let end = match outcome {
                Outcome::Ok => "ok".to_owned(),
                other => other.sentence(),
            };
            let left = if done < all {
                format!(", {}", self.time_left())
            } else {
                String::new()
            };
            let took = benchhost_record::Nanos(took.as_nanos() as u64);
            let line = format!("[{done}/{all}] {label}: {end}, {took}{left}");
            self.remark(&harmless(&line));
        } else if outcome.is_failure() {
            self.bar
                .println(harmless(&format!("{label}: {}", outcome.sentence())));
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// Keeps what is drawn.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("nobody panics").push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_is_drawn_in_ascii_where_the_locale_asks_for_it() {
        let drawn = |is_ascii: bool| {
            let paper = Paper::default();
            let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
            let bar = ProgressBar::with_draw_target(Some(4), target);
            let style = ProgressStyle::with_template("{spinner} {bar:8} {pos}/{len}");
            bar.set_style(in_letters(style.expect("it is right"), is_ascii));
            bar.set_position(2);
            bar.tick();
            paper.0.lock().expect("nobody panics").clone()
        };

        let old = drawn(true);
        assert!(old.is_ascii() && old.contains("####>--- 2/4"), "{old}");
        assert!(drawn(false).contains('█'));
    }

    #[test]
    fn waiting_is_told_in_two_units_at_most() {
        for (seconds, text) in [
            (0.0, "1 s"),
            (12.3, "13 s"),
            (95.0, "1 min 35 s"),
            (4000.0, "1 h 6 min"),
        ] {
            assert_eq!(roughly(Duration::from_secs_f64(seconds)), text);
        }
    }
}
