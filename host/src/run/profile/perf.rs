//! `perf`, as a program: attached to a worker, stopped, asked what it saw. Why it is not there or not allowed is a sentence.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use benchhost_report::harmless;
use rustix::process::{Pid, Signal, kill_process};

/// Samples in a second and thread: a prime, so that it does not fall in step with anything.
const RATE_HZ: &str = "997";
/// The timer of the kernel: there on every machine, also where a virtual one hides the counters.
const EVENT: &str = "cpu-clock";
/// Unwound from a copy of the stack: Rust keeps no frame pointers unless asked to. 16 KiB hold some hundred frames.
const CALL_GRAPH: &str = "dwarf,16384";
/// Between two looks whether it has ended.
const TICK: Duration = Duration::from_millis(20);
/// Time to write down what was seen, and to read it again.
const WRITING: Duration = Duration::from_secs(60);
const READING: Duration = Duration::from_secs(300);
/// Words of a complaint that are passed on.
const COMPLAINT_CHARS: usize = 300;

/// Why there is no profile.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The user wants to stop.
    Stopped,
    /// Of this case.
    OfCase(String),
    /// Of this machine: no other case can have one.
    OfAll(String),
}

/// `perf record`, looking at a process.
#[derive(Debug)]
pub(super) struct Perf {
    child: Child,
    folder: PathBuf,
}

/// What it saw.
#[derive(Debug)]
pub(super) struct Recording {
    folder: PathBuf,
}

impl Perf {
    /// Attaches to process `pid`; what it writes goes below `folder`.
    ///
    /// # Errors
    /// That there is no `perf`.
    pub(super) fn attach(pid: u32, folder: &Path) -> Result<Self, Trouble> {
        let mut command = Command::new("perf");
        command
            .args([
                "record",
                "-F",
                RATE_HZ,
                "-e",
                EVENT,
                "--call-graph",
                CALL_GRAPH,
            ])
            // Neither a cache below the home folder nor a progress line.
            .args([
                "--no-buildid-cache",
                "--quiet",
                "-p",
                &pid.to_string(),
                "-o",
            ])
            .arg(data(folder));
        let child = started(command, folder, "record")?;
        Ok(Self {
            child,
            folder: folder.to_owned(),
        })
    }

    /// Whether it has begun: its file has a head.
    pub(super) fn is_looking(&self) -> bool {
        fs::metadata(data(&self.folder)).is_ok_and(|file| file.len() > 0)
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops it.
    ///
    /// # Errors
    /// What it complains about.
    pub(super) fn finish(mut self, interrupted: &AtomicBool) -> Result<Recording, Trouble> {
        if !self.has_ended() {
            let _ = kill_process(Pid::from_child(&self.child), Signal::INT);
        }
        let status = waited(&mut self.child, WRITING, interrupted)?;
        let has_data = self.is_looking();
        // Stopped by a signal it may say so in its exit code, and has written everything down.
        if has_data || status.success() {
            return Ok(Recording {
                folder: self.folder,
            });
        }
        let complaint = complaint(&self.folder, "record");
        let level = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
        Err(Trouble::OfAll(refusal(&complaint, level.trim())))
    }
}

impl Recording {
    /// Every sample with its stack, as text.
    ///
    /// # Errors
    /// What it complains about.
    pub(super) fn script(&self, interrupted: &AtomicBool) -> Result<Vec<u8>, Trouble> {
        let mut command = Command::new("perf");
        // Inlined functions would take minutes to look up.
        command
            .args(["script", "--no-inline", "--force", "-i"])
            .arg(data(&self.folder));
        let mut child = started(command, &self.folder, "script")?;
        let status = waited(&mut child, READING, interrupted)?;
        if !status.success() {
            let complaint = complaint(&self.folder, "script");
            return Err(Trouble::OfCase(format!(
                "`perf script` failed ({status}): {complaint}"
            )));
        }
        let told = fs::read(self.folder.join("script.out"));
        told.map_err(|error| {
            Trouble::OfCase(format!("cannot read what `perf script` wrote: {error}"))
        })
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("perf.data")
}

/// Starts `perf` with its words in files of `folder`: nobody has to read them meanwhile. Ctrl-C does not reach it, so that it
/// writes down what it saw when it is asked to.
fn started(mut command: Command, folder: &Path, step: &str) -> Result<Child, Trouble> {
    let file = |ending: &str| File::create(folder.join(format!("{step}.{ending}")));
    let begin = || {
        command
            .stdin(Stdio::null())
            .stdout(file("out")?)
            .stderr(file("err")?)
            .env("PERF_BUILDID_DIR", folder)
            .process_group(0)
            .spawn()
    };
    let mut begin = begin;
    begin().map_err(|error| {
        Trouble::OfAll(match error.kind() {
            io::ErrorKind::NotFound => {
                "there is no `perf` in PATH: install it, for example with `apt install \
                                        linux-perf` (Ubuntu: linux-tools-generic)"
                    .to_owned()
            }
            _ => format!("`perf` cannot be started: {error}"),
        })
    })
}

/// Waits for its end; it is ended when that takes too long, or the user wants to stop.
fn waited(
    child: &mut Child,
    longest: Duration,
    interrupted: &AtomicBool,
) -> Result<ExitStatus, Trouble> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {}
            Err(error) => return Err(Trouble::OfCase(format!("cannot wait for `perf`: {error}"))),
        }
        let is_stopped = interrupted.load(Ordering::Relaxed);
        if is_stopped || began.elapsed() > longest {
            let _ = child.kill();
            let _ = child.wait();
            return Err(match is_stopped {
                true => Trouble::Stopped,
                false => {
                    Trouble::OfCase(format!("`perf` did not end within {} s", longest.as_secs()))
                }
            });
        }
        thread::sleep(TICK);
    }
}

/// What it said, in one line.
fn complaint(folder: &Path, step: &str) -> String {
    let words = fs::read(folder.join(format!("{step}.err"))).unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = harmless(&lines.collect::<Vec<_>>().join(" "));
    line.chars().take(COMPLAINT_CHARS).collect()
}

/// Why `perf` did not look, and the way out. `level`: what the kernel allows, as it says.
fn refusal(complaint: &str, level: &str) -> String {
    let is_level = level.parse::<i32>().is_ok_and(|level| level > 1);
    let said = if complaint.is_empty() {
        "it did not say why"
    } else {
        complaint
    };
    if is_level {
        format!(
            "`perf record` was refused (perf_event_paranoid is {level}): set it to 1 with `sysctl \
             kernel.perf_event_paranoid=1`, or give perf CAP_PERFMON: {said}"
        )
    } else {
        format!("`perf record` failed: {said}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_level_and_the_way_out() {
        let refused = refusal("Access to performance monitoring is limited", "4");

        for part in [
            "perf_event_paranoid is 4",
            "sysctl",
            "CAP_PERFMON",
            "is limited",
        ] {
            assert!(refused.contains(part), "{refused}");
        }
        assert_eq!(
            refusal("", "-1"),
            "`perf record` failed: it did not say why"
        );
    }
}
