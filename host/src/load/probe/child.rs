//! The child's side: `benchhost __probe PATH`.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use rustix::{
    io::fcntl_dupfd_cloexec,
    process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit},
    stdio::{dup2_stdout, stderr, stdout},
};

use super::{Answer, Message, Phase};
use crate::load::{LoadError, open::open_with};

/// Lowest number for the descriptor that replaces stdout: above the three standard ones.
const FIRST_FREE: i32 = 3;

/// Opens the plugin at `path` and tells the parent what it says. Returns the exit code, which means nothing.
#[must_use]
pub fn probe_main(path: &Path) -> i32 {
    match tell_parent(path) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

fn tell_parent(path: &Path) -> io::Result<()> {
    let mut parent = take_stdout()?;
    confine()?;
    // A parent that has gone away does not hold up the plugin; it kills this process anyway.
    let mut enter = |phase: Phase| drop(send(&mut parent, &Message::Enter(phase)));
    let answer: Result<Answer, LoadError> = open_with(path, &mut enter).map(|opened| Answer {
        meta: opened.meta_text,
        timings: opened.timings,
    });
    send(&mut parent, &Message::Done(Box::new(answer)))
}

/// The pipe to the parent; afterwards whatever is printed to stdout goes to stderr.
fn take_stdout() -> io::Result<File> {
    let pipe = fcntl_dupfd_cloexec(stdout(), FIRST_FREE)?;
    dup2_stdout(stderr())?;
    Ok(File::from(pipe))
}

/// A crash leaves no core file, and a host that is killed leaves no child.
fn confine() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(())
}

fn send(parent: &mut File, message: &Message) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    parent.write_all(&line)
}
