//! Runs another program to its end, watching for Ctrl-C.

use std::{
    io::{self, Read},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::process::CommandExt as _,
    },
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, ioctl_fionread},
    process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open},
};

use super::{DataError, Observer};

/// How long nothing happens before Ctrl-C is looked for.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// How long a program may go on after it was asked to end; clients that clean up need a fraction of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often is looked whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
    let status = follow(&mut child.0, &mut said, sink, observer, &failed)?;
    Ok(Ended {
        status,
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

/// Reads both outputs until the program has ended. Their own ends do not matter: what it leaves behind may hold them open.
fn follow(
    child: &mut Child,
    said: &mut Vec<u8>,
    sink: &mut Sink<'_>,
    observer: &mut dyn Observer,
    failed: &dyn Fn(io::Error) -> DataError,
) -> Result<ExitStatus, DataError> {
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    // Wakes at the very end of the program; a kernel without it lets the next look see that.
    let end = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok();
    let mut block = vec![0; 64 << 10];
    loop {
        if observer.is_interrupted() {
            return Err(DataError::Interrupted);
        }
        if let Some(status) = child.try_wait().map_err(failed)? {
            sink(&rest(out).map_err(failed)?, observer)?;
            keep(said, &rest(err).map_err(failed)?);
            return Ok(status);
        }
        let fds = [
            out.as_ref().map(AsFd::as_fd),
            err.as_ref().map(AsFd::as_fd),
            end.as_ref().map(AsFd::as_fd),
        ];
        let [has_out, has_err, has_ended] = ready(fds).map_err(failed)?;
        if has_out {
            match read(&mut out, &mut block).map_err(failed)? {
                0 => out = None,
                count => sink(&block[..count], observer)?,
            }
        }
        if has_err {
            match read(&mut err, &mut block).map_err(failed)? {
                0 => err = None,
                count => keep(said, &block[..count]),
            }
        }
        if !(has_out || has_err || has_ended) {
            observer.ticks();
        }
    }
}

/// Which of `fds` have something to say; none when nothing happened for a while.
fn ready(fds: [Option<BorrowedFd<'_>>; 3]) -> io::Result<[bool; 3]> {
    let there = fds.iter().flatten();
    let mut polled: Vec<PollFd<'_>> = there
        .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
        .collect();
    match poll(&mut polled, Some(&LOOK_EVERY)) {
        Ok(_) => {}
        Err(Errno::INTR) => return Ok([false; 3]),
        Err(error) => return Err(error.into()),
    }
    let mut answers = polled.iter().map(|fd| !fd.revents().is_empty());
    Ok(fds.map(|fd| fd.is_some() && answers.next().unwrap_or(false)))
}

fn read(from: &mut Option<impl Read>, block: &mut [u8]) -> io::Result<usize> {
    from.as_mut().map_or(Ok(0), |from| from.read(block))
}

/// What waits in a pipe, without waiting for its end.
fn rest(from: Option<impl Read + AsFd>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let waiting = ioctl_fionread(&from)?;
        from.take(waiting).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Adds `bytes` to `said`, and lets go of its beginning where it grows too long.
fn keep(said: &mut Vec<u8>, bytes: &[u8]) {
    said.extend_from_slice(bytes);
    let surplus = said.len().saturating_sub(MOST_SAID);
    said.drain(..surplus);
}

/// A child that does not outlive our interest in it.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        end(&mut self.0, PATIENCE);
    }
}

/// Ends `child` and what it started: by SIGTERM, so that clients remove their temporary files, and by SIGKILL when that does
/// not help for as long as `patience`.
fn end(child: &mut Child, patience: Duration) {
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Signal::TERM);
    let asked = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if asked.elapsed() >= patience {
            let _ = kill_process_group(group, Signal::KILL);
            break;
        }
        thread::sleep(LOOK_AGAIN);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{BufRead as _, BufReader},
        os::unix::process::ExitStatusExt as _,
    };

    use super::*;

    /// Nobody interrupts.
    struct Patient;

    impl Observer for Patient {
        fn starts(&mut self, _: &str, _: Option<u64>) {}
        fn at(&mut self, _: u64) {}
        fn ticks(&mut self) {}
        fn remark(&mut self, _: &str) {}
        fn is_interrupted(&self) -> bool {
            false
        }
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    /// Which signal ends a shell that has run `script`, with so much patience.
    fn signal(script: &str, patience: Duration) -> Option<i32> {
        let mut child = shell(&format!("{script}; echo ready; exec sleep 300"))
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();

        end(&mut child, patience);

        child.wait().unwrap().signal()
    }

    #[test]
    fn who_does_not_listen_is_killed_and_everybody_else_is_asked() {
        let deaf = signal("trap '' TERM INT", Duration::ZERO);
        let ordinary = signal(":", Duration::from_secs(600));

        assert_eq!(deaf, Some(Signal::KILL.as_raw()));
        assert_eq!(ordinary, Some(Signal::TERM.as_raw()));
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (fifo, long) = (folder.path().join("fifo"), 40_000);
        assert!(
            shell("mkfifo \"$0\"")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        // `cat` holds both outputs until somebody has opened the other end.
        let script = format!("cat \"$0\" & printf '%{long}d' 0; echo last words >&2; exit 3");
        let mut came = Vec::new();

        let ended = run(
            shell(&script).arg(&fifo),
            "sh",
            &mut |bytes, _| {
                came.extend_from_slice(bytes);
                Ok(())
            },
            &mut Patient,
        );

        drop(File::options().write(true).open(&fifo).unwrap());
        let ended = ended.unwrap();
        assert_eq!(ended.how(), "exit code 3");
        assert_eq!(ended.said, "last words\n");
        assert_eq!(came.len(), long);
    }
}
