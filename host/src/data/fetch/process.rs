//! Runs another program to its end, watching for Ctrl-C.

use std::{
    io::{self, Read},
    os::{fd::AsFd as _, unix::process::CommandExt as _},
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};

use super::{DataError, Observer};

/// How long nothing happens before Ctrl-C is looked for.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Most that is kept of what a program says on standard error: its end is what matters.
const MOST_SAID: usize = 64 << 10;

/// How a program ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The end of its standard error.
    pub(super) said: String,
}

impl Ended {
    /// `exit code 1`, or the signal.
    pub(super) fn how(&self) -> String {
        match self.status.code() {
            Some(code) => format!("exit code {code}"),
            None => self.status.to_string(),
        }
    }
}

/// What is done with standard output.
pub(super) type Sink<'a> = dyn FnMut(&[u8], &mut dyn Observer) -> Result<(), DataError> + 'a;

/// Runs `command`, called `program` in sentences, in a process group of its own; its output goes to `sink` as it comes.
pub(super) fn run(
    command: &mut Command,
    program: &'static str,
    sink: &mut Sink<'_>,
    observer: &mut dyn Observer,
) -> Result<Ended, DataError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let failed = |source: io::Error| DataError::ClientFailed {
        program,
        what: "anything".to_owned(),
        status: "it cannot be run".to_owned(),
        said: source.to_string(),
    };
    let mut child = Ending(command.spawn().map_err(failed)?);
    let mut said = Vec::new();
    follow(&mut child.0, &mut said, sink, observer, &failed)?;
    let status = child.0.wait().map_err(failed)?;
    Ok(Ended {
        status,
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

/// Reads both outputs until both have ended.
fn follow(
    child: &mut Child,
    said: &mut Vec<u8>,
    sink: &mut Sink<'_>,
    observer: &mut dyn Observer,
    failed: &dyn Fn(io::Error) -> DataError,
) -> Result<(), DataError> {
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let mut block = vec![0; 64 << 10];
    while out.is_some() || err.is_some() {
        if observer.is_interrupted() {
            return Err(DataError::Interrupted);
        }
        let (ready_out, ready_err) = {
            let mut fds = Vec::with_capacity(2);
            fds.extend(
                out.as_ref()
                    .map(|out| PollFd::from_borrowed_fd(out.as_fd(), PollFlags::IN)),
            );
            fds.extend(
                err.as_ref()
                    .map(|err| PollFd::from_borrowed_fd(err.as_fd(), PollFlags::IN)),
            );
            match poll(&mut fds, Some(&LOOK_EVERY)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {
                    observer.ticks();
                    continue;
                }
                Ok(_) => {}
                Err(error) => return Err(failed(error.into())),
            }
            let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
            (
                out.is_some() && ready.next().unwrap_or(false),
                err.is_some() && ready.next().unwrap_or(false),
            )
        };
        if ready_out {
            match read(&mut out, &mut block).map_err(failed)? {
                0 => out = None,
                count => sink(&block[..count], observer)?,
            }
        }
        if ready_err {
            match read(&mut err, &mut block).map_err(failed)? {
                0 => err = None,
                count => said.extend_from_slice(&block[..count]),
            }
            let surplus = said.len().saturating_sub(MOST_SAID);
            said.drain(..surplus);
        }
    }
    Ok(())
}

fn read(from: &mut Option<impl Read>, block: &mut [u8]) -> io::Result<usize> {
    from.as_mut().map_or(Ok(0), |from| from.read(block))
}

/// A child that does not outlive our interest in it.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.0.try_wait() {
            return;
        }
        // SIGTERM, so that clients remove their temporary files; they may have children of their own.
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}
