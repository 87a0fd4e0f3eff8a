//! The host's end of the protocol: starts the process, asks, listens.
//!
//! Blocks: it is used in the probe's child and in workers, which are watched from outside. The process does not outlive
//! whoever started it.

#![allow(
    unsafe_code,
    reason = "what a process is told between fork and exec cannot be checked by the compiler"
)]

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::{
        fd::AsRawFd,
        unix::{
            net::UnixStream,
            process::{CommandExt as _, ExitStatusExt},
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use benchhost_plugin_api::meta::PluginMeta;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd},
    process::{
        Pid, PidfdFlags, Signal, getpgid, getpgrp, kill_process, pidfd_open,
        set_parent_process_death_signal,
    },
};

use super::wire::{Answer, Line, PROTOCOL, Request, SOCKET_VARIABLE};

/// The inherited socket is moved up here, away from the numbers that programs expect to be free.
const FIRST_INHERITED_FD: i32 = 20;

/// Longest line accepted, in bytes.
const LONGEST_LINE: u64 = 16 << 20;

/// How long a process that has closed its socket may take to end.
const GRACE: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// Time between two looks at whether the plugin should stop.
const LOOK: Duration = Duration::from_millis(50);

/// How much of a line that cannot be read is shown, in characters.
const SHOWN: usize = 80;

/// A plugin process and the socket to it.
#[derive(Debug)]
pub(crate) struct Client {
    child: Child,
    socket: BufReader<UnixStream>,
    command: String,
    /// The process that does the work, when a launcher was started.
    worker: Option<u32>,
}

/// What happens besides while an answer is waited for.
pub(crate) struct Remarks<'a> {
    /// Is told level and text of a line of the plugin's log.
    pub(crate) log: &'a mut dyn FnMut(&str, &str),
    /// Is told of a sign of life.
    pub(crate) alive: &'a mut dyn FnMut(),
    /// Whether the plugin should come to an end.
    pub(crate) should_stop: &'a dyn Fn() -> bool,
}

/// How a process ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The process cannot be started.
    NotStarted(String),
    /// The plugin said that it went wrong: kind, message, detail.
    Error(String, String, String),
    /// It wrote something else, or cannot be written to.
    Protocol(String),
    /// It is no more.
    Ended(End),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Protocol(error.to_string())
    }
}

impl Client {
    /// Starts the process of the folder `dir`. Each word that names a file of the folder stands for that file; the
    /// process starts where this one is.
    ///
    /// # Errors
    /// [`Trouble::NotStarted`].
    pub(crate) fn start(dir: &Path, words: &[String]) -> Result<Self, Trouble> {
        let not_started = |error: io::Error| Trouble::NotStarted(error.to_string());
        let (ours, theirs) = UnixStream::pair().map_err(not_started)?;
        ours.set_read_timeout(Some(LOOK)).map_err(not_started)?;
        let theirs = fcntl_dupfd_cloexec(&theirs, FIRST_INHERITED_FD)
            .map_err(|error| not_started(error.into()))?;
        let words: Vec<PathBuf> = words.iter().map(|word| resolved(dir, word)).collect();
        let [program, arguments @ ..] = &words[..] else {
            return Err(Trouble::NotStarted("there is no command".to_owned()));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env(SOCKET_VARIABLE, theirs.as_raw_fd().to_string())
            .stdin(Stdio::null());
        // Only for the moment of starting: nothing else is started by this process.
        fcntl_setfd(&theirs, FdFlags::empty()).map_err(|error| not_started(error.into()))?;
        // SAFETY: runs between fork and exec; one system call, without allocation or locks.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        let child = command.spawn().map_err(not_started)?;
        drop(theirs);
        Ok(Self {
            child,
            socket: BufReader::new(ours),
            command: words
                .iter()
                .map(|word| word.display().to_string())
                .collect::<Vec<_>>()
                .join(" "),
            worker: None,
        })
    }

    /// What was started, in words.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// Number of the process that does the work.
    pub(crate) fn id(&self) -> u32 {
        self.worker.unwrap_or_else(|| self.child.id())
    }

    /// Asks who it is.
    ///
    /// # Errors
    /// [`Trouble`]; [`Trouble::Protocol`] also for another version of the protocol.
    pub(crate) fn describe(&mut self) -> Result<PluginMeta, Trouble> {
        let request = Request::Describe { protocol: PROTOCOL };
        let mut remarks = Remarks {
            log: &mut |_, _| (),
            alive: &mut || (),
            should_stop: &|| false,
        };
        let answer = self.ask(&request, &mut remarks)?;
        if answer.protocol != PROTOCOL {
            return Err(Trouble::Protocol(format!(
                "it speaks protocol {}, this host speaks {PROTOCOL}",
                answer.protocol
            )));
        }
        self.worker = answer.pid.filter(|pid| is_of_our_group(*pid));
        let meta = answer.meta.ok_or_else(|| {
            Trouble::Protocol("its answer to `describe` has no `meta`".to_owned())
        })?;
        meta.plugin()
            .map_err(|reason| Trouble::Protocol(format!("its `meta` cannot be used: {reason}")))
    }

    /// Sends `request` and waits for its answer.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) fn ask(
        &mut self,
        request: &Request,
        remarks: &mut Remarks<'_>,
    ) -> Result<Answer, Trouble> {
        self.say(request)?;
        let mut told = false;
        loop {
            match self.line(&mut || {
                !told && (remarks.should_stop)() && {
                    told = true;
                    true
                }
            })? {
                Line::Done(answer) => return Ok(*answer),
                Line::Error {
                    kind,
                    message,
                    detail,
                } => return Err(Trouble::Error(kind, message, detail)),
                Line::Log { level, message } => (remarks.log)(&level, &message),
                Line::Progress => (remarks.alive)(),
            }
        }
    }

    /// Gives the process a moment to end after its last word. One that does not is ended when this is dropped.
    pub(crate) fn finish(&mut self) {
        let _ = self.ended();
    }

    fn say(&mut self, request: &Request) -> Result<(), Trouble> {
        let mut line = serde_json::to_vec(request).map_err(io::Error::from)?;
        line.push(b'\n');
        self.socket
            .get_mut()
            .write_all(&line)
            .map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => self.ended(),
                _ => error.into(),
            })
    }

    /// The next line. `stops` is asked now and then while nothing comes; once it says yes, the plugin gets SIGTERM, on which it
    /// may end its iteration and answer.
    fn line(&mut self, stops: &mut dyn FnMut() -> bool) -> Result<Line, Trouble> {
        let (mut line, mut gone) = (Vec::new(), false);
        loop {
            let room = LONGEST_LINE.saturating_sub(line.len() as u64);
            let mut limited = (&mut self.socket).take(room);
            match limited.read_until(b'\n', &mut line) {
                Ok(_) => break,
                // It ended while something that was sent to it was still unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Err(self.ended());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if stops() {
                        let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
                        // One that is gone is noticed by the next look.
                        let _ = pid.map(|pid| kill_process(pid, Signal::TERM));
                    }
                    // A child of it that holds the socket would hide its end. What it wrote before is read first.
                    if gone {
                        return Err(self.ended());
                    }
                    gone = matches!(self.child.try_wait(), Ok(Some(_)));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        if line.is_empty() {
            return Err(self.ended());
        }
        if line.last() != Some(&b'\n') && line.len() as u64 == LONGEST_LINE {
            return Err(Trouble::Protocol(format!(
                "it wrote a line of more than {LONGEST_LINE} bytes"
            )));
        }
        serde_json::from_slice(&line).map_err(|error| {
            let text = String::from_utf8_lossy(&line);
            let mut shown = String::new();
            for c in text.trim_end().chars().take(SHOWN) {
                match c {
                    '"' | '\'' => shown.push(c),
                    _ => shown.extend(c.escape_debug()),
                }
            }
            Trouble::Protocol(format!(
                "it wrote `{shown}`, which is no line of the protocol: {error}"
            ))
        })
    }

    /// The process has hung up: how it ended. One that lives on without its socket is ended.
    fn ended(&mut self) -> Trouble {
        if let Ok(process) = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()) {
            let mut ends = [PollFd::new(&process, PollFlags::IN)];
            let _ = poll(&mut ends, Some(&GRACE));
        }
        match self.child.try_wait() {
            Ok(Some(status)) => Trouble::Ended(end_of(status)),
            Ok(None) => {
                let _ = self.child.kill();
                let _ = self.child.wait();
                Trouble::Protocol("it closed its socket and went on".to_owned())
            }
            Err(error) => error.into(),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Whether `pid` is a process of the group that is ended with this one.
fn is_of_our_group(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| getpgid(Some(pid)).is_ok_and(|group| group == getpgrp()))
}

fn end_of(status: ExitStatus) -> End {
    match status.signal() {
        Some(signal) => End::Signal(signal),
        None => End::Code(status.code().unwrap_or_default()),
    }
}

/// The file that `word` names in `dir`, or the word itself.
fn resolved(dir: &Path, word: &str) -> PathBuf {
    let file = dir.join(word);
    if file.is_file() { file } else { word.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client of a shell that runs `body` with the socket as descriptor `$F`.
    fn shell(body: &str) -> Client {
        let body = format!("F=$BENCHHOST_FD; {body}");
        let words = ["bash", "-c", &body].map(str::to_owned);
        Client::start(Path::new("/nowhere"), &words).unwrap()
    }

    #[test]
    fn remarks_come_before_the_answer() {
        let mut client = shell(
            r#"read line <&$F; echo '{"say":"log","level":"warn","message":"slow"}' >&$F
               echo '{"say":"progress"}' >&$F; echo '{"say":"done","iterations":2,"elapsed_ns":7}' >&$F; read x <&$F"#,
        );
        let (mut log, mut beats) = (Vec::new(), 0);

        let answer = client
            .ask(
                &Request::Run { iterations: 2 },
                &mut Remarks {
                    log: &mut |level, message| log.push(format!("{level}: {message}")),
                    alive: &mut || beats += 1,
                    should_stop: &|| false,
                },
            )
            .unwrap();

        assert_eq!((answer.iterations, answer.elapsed_ns), (Some(2), Some(7)));
        assert_eq!((log, beats), (vec!["warn: slow".to_owned()], 1));
    }

    #[test]
    fn a_plugin_that_should_stop_is_told_once_and_answers() {
        let mut client = shell(
            r#"trap 'stopped=1' TERM; read run <&$F; until [ "$stopped" ]; do :; done
               echo '{"say":"done","iterations":1,"stopped":true}' >&$F; read x <&$F"#,
        );
        let mut remarks = Remarks {
            log: &mut |_, _| (),
            alive: &mut || (),
            should_stop: &|| true,
        };

        let answer = client.ask(&Request::Run { iterations: 5 }, &mut remarks);

        assert_eq!(answer.map(|answer| answer.iterations), Ok(Some(1)));
    }

    #[test]
    fn every_other_end_is_told_apart() {
        let trouble = |body: &str| {
            let mut remarks = Remarks {
                log: &mut |_, _| (),
                alive: &mut || (),
                should_stop: &|| false,
            };
            shell(body).ask(&Request::Setup, &mut remarks).unwrap_err()
        };

        assert_eq!(trouble("read x <&$F; exit 3"), Trouble::Ended(End::Code(3)));
        assert_eq!(trouble("exit 0"), Trouble::Ended(End::Code(0)));
        assert_eq!(
            trouble("read x <&$F; kill -SEGV $$"),
            Trouble::Ended(End::Signal(libc::SIGSEGV))
        );
        let Trouble::Protocol(reason) = trouble(r#"echo 'hello, "world"' >&$F; read x <&$F"#)
        else {
            panic!("no protocol error");
        };
        assert!(
            reason.starts_with(r#"it wrote `hello, "world"`, which is no line of the protocol"#),
            "{reason}"
        );
        assert_eq!(
            trouble(r#"echo '{"say":"error","kind":"wrong","message":"7 is not 8"}' >&$F"#),
            Trouble::Error("wrong".into(), "7 is not 8".into(), String::new())
        );
        let missing = Client::start(Path::new("/"), &["no-such-program".to_owned()]);
        assert!(matches!(missing, Err(Trouble::NotStarted(_))));
    }
}
