//! The host's side: starts the child, listens with a deadline, and says what became of it.

use std::{
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::{
    Answer, Message, Phase,
    pipe::{Pipe, wait},
};
use crate::load::LoadError;

/// How long a plugin may take to open and describe itself, in s.
pub(in crate::load) const PROBE_SECONDS: u64 = 10;

/// Set when the user wants to stop.
static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on, no probe is waited for once `interrupted` is set.
pub fn heed(interrupted: &Arc<AtomicBool>) {
    let _ = INTERRUPTED.set(Arc::clone(interrupted));
}

fn is_interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Relaxed))
}

/// Longest answer, in bytes; a description has some kilobytes.
const ANSWER_LIMIT: usize = 8 << 20;

/// How much of stderr is kept, in bytes.
const STDERR_TAIL: usize = 4 << 10;

/// Opens the plugin at `path` in a child started as `exe __probe PATH`. Returns what it said.
///
/// # Errors
/// [`LoadError::ProbeFailed`], [`LoadError::ProbeCrashed`], [`LoadError::ProbeExited`],
/// [`LoadError::ProbeTimeout`], or what the child found.
pub(in crate::load) fn probe(path: &Path, exe: &Path, seconds: u64) -> Result<Answer, LoadError> {
    let failed = |error: io::Error| LoadError::ProbeFailed {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut child = Command::new(exe)
        .arg("__probe")
        .arg(path)
        // The message of a panic is wanted; a backtrace would push it out of what is kept.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let heard = listen(&mut child, Duration::from_secs(seconds));
    let status = end(&mut child).map_err(failed)?;
    verdict(path, seconds, status, heard.map_err(failed)?)
}

/// What came from the child until it had answered, ended, or run out of time.
struct Heard {
    phase: Phase,
    answer: Option<Result<Answer, LoadError>>,
    stderr: String,
    timed_out: bool,
    too_long: bool,
}

fn listen(child: &mut Child, limit: Duration) -> io::Result<Heard> {
    let deadline = Instant::now() + limit;
    let mut stdout = Pipe::new(child.stdout.take())?;
    let mut stderr = Pipe::new(child.stderr.take())?;
    let mut timed_out;
    loop {
        // Asked before reading, so that what was written before the end is read.
        let ended = has_ended(child)?;
        stdout.read_some()?;
        stderr.read_some()?;
        stderr.keep_last(STDERR_TAIL);
        let complete = is_answered(&stdout.bytes) || stdout.bytes.len() > ANSWER_LIMIT;
        timed_out = Instant::now() >= deadline;
        if ended || complete || timed_out || is_interrupted() {
            break;
        }
        wait(&stdout, &stderr, deadline)?;
    }
    let (phase, answer) = parse(&stdout.bytes);
    Ok(Heard {
        phase,
        timed_out: timed_out && answer.is_none(),
        answer,
        stderr: String::from_utf8_lossy(&stderr.bytes).trim().to_owned(),
        too_long: stdout.bytes.len() > ANSWER_LIMIT,
    })
}

fn pid_of(child: &Child) -> io::Result<Pid> {
    let id = i32::try_from(child.id()).map_err(io::Error::other)?;
    Pid::from_raw(id).ok_or_else(|| io::Error::other("the child has no process id"))
}

/// Whether the child has ended. It stays a zombie, so its process group can still be named.
fn has_ended(child: &Child) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(pid_of(child)?), options) {
        Ok(status) => Ok(status.is_some()),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Kills whatever is left of the child and its children, and collects its status.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    // It may have ended by itself, which is no error.
    let _ = kill_process_group(pid_of(child)?, Signal::KILL);
    child.wait()
}

/// Whether the last complete line looks like the answer.
fn is_answered(bytes: &[u8]) -> bool {
    let mut lines = bytes.rsplit(|byte| *byte == b'\n').skip(1);
    lines
        .next()
        .is_some_and(|line| line.starts_with(b"{\"Done\""))
}

/// The last phase entered and the answer, from the complete lines in `bytes`.
fn parse(bytes: &[u8]) -> (Phase, Option<Result<Answer, LoadError>>) {
    let mut phase = Phase::Start;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(Message::Enter(next)) => phase = next,
            Ok(Message::Done(answer)) => return (phase, Some(*answer)),
            // Half a line, or a plugin that found the descriptor.
            Err(_) => {}
        }
    }
    (phase, None)
}

fn verdict(
    path: &Path,
    seconds: u64,
    status: ExitStatus,
    heard: Heard,
) -> Result<Answer, LoadError> {
    let (phase, stderr) = (heard.phase.phrase().to_owned(), heard.stderr);
    let path = path.to_owned();
    match heard.answer {
        Some(Err(mut error)) => {
            error.quote(stderr);
            return Err(error);
        }
        Some(answer) => return answer,
        None => {}
    }
    if is_interrupted() {
        return Err(LoadError::Interrupted { path });
    }
    if heard.too_long {
        let reason = format!("its answer is longer than {ANSWER_LIMIT} bytes");
        return Err(LoadError::ProbeFailed { path, reason });
    }
    if heard.timed_out {
        return Err(LoadError::ProbeTimeout {
            path,
            seconds,
            phase,
            stderr,
        });
    }
    Err(match status.signal() {
        Some(signal) => LoadError::ProbeCrashed {
            path,
            signal: signal_name(signal),
            phase,
            stderr,
        },
        None => LoadError::ProbeExited {
            path,
            code: status.code().unwrap_or_default(),
            phase,
            stderr,
        },
    })
}

/// Name of a signal as people write it.
pub(in crate::load) fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGKILL => "SIGKILL",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGSYS => "SIGSYS",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a child that runs the shell commands `body` is said to have done, with a limit of `seconds`.
    fn outcome_of(body: &str, seconds: u64) -> Result<Answer, LoadError> {
        let folder = tempfile::tempdir().unwrap();
        let exe = folder.path().join("child");
        // Written by another process: a descriptor of ours would leak into children that other tests start, and
        // a file that is open for writing cannot be run.
        let written = Command::new("sh")
            .args([
                "-c",
                "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod +x \"$0\"",
            ])
            .arg(&exe)
            .arg(body)
            .status();
        assert!(written.unwrap().success());
        probe(Path::new("libx.so"), &exe, seconds)
    }

    #[test]
    fn the_end_of_a_child_without_an_answer_is_classified() {
        for (body, expected) in [
            ("kill -SEGV $$", "crashed with SIGSEGV before it was opened"),
            (
                "echo '{\"Enter\":\"Open\"}'; kill -BUS $$",
                "SIGBUS while it was opened",
            ),
            ("exit 0", "ended the process with exit code 0"),
            ("exit 127", "ended the process with exit code 127"),
            ("echo garbage; exit 3", "exit code 3"),
        ] {
            let error = outcome_of(body, 60).unwrap_err();

            assert!(error.to_string().contains(expected), "{body}: {error}");
        }
    }

    #[test]
    fn a_child_that_hangs_is_killed_at_the_deadline() {
        for body in [
            "sleep 1000",
            "while :; do :; done",
            "exec >&- 2>&-; sleep 1000",
        ] {
            let error = outcome_of(body, 0).unwrap_err();

            assert!(
                matches!(error, LoadError::ProbeTimeout { .. }),
                "{body}: {error}"
            );
        }
    }

    #[test]
    fn a_grandchild_that_holds_the_pipes_does_not_delay_the_verdict() {
        let error = outcome_of("sleep 1000 & exit 4", 500).unwrap_err();

        assert!(
            matches!(error, LoadError::ProbeExited { code: 4, .. }),
            "{error}"
        );
    }

    #[test]
    fn floods_are_bounded() {
        let stdout = outcome_of("yes", 500).map(drop).unwrap_err();
        let stderr = outcome_of("yes | head -c 4000000 >&2; echo last words >&2", 500);

        assert!(stdout.to_string().contains("longer than"), "{stdout}");
        let stderr = stderr.map(drop).unwrap_err();
        assert!(stderr.stderr().ends_with("last words"), "{stderr}");
        assert!(stderr.stderr().len() <= STDERR_TAIL);
    }

    #[test]
    fn an_answer_counts_even_when_the_child_then_crashes() {
        let answer =
            r#"{"Done":{"Ok":{"meta":"x","timings":{"dlopen_ns":1,"layout_ns":2,"total_ns":3}}}}"#;

        let answer = outcome_of(&format!("echo '{answer}'; kill -SEGV $$"), 60).unwrap();

        assert_eq!((answer.meta.as_str(), answer.timings.total_ns), ("x", 3));
    }
}
