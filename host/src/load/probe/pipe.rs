//! Reads from a child that may write too much, nothing, or for ever.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, OwnedFd},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::ioctl_fionbio,
};

/// Longest time in ms between two looks at whether the child has ended: it may have left its pipes to a grandchild.
const LOOK_MS: i64 = 20;

/// One end of a pipe that does not block.
pub(super) struct Pipe {
    file: Option<File>,
    /// What was read and not dropped.
    pub(super) bytes: Vec<u8>,
}

impl Pipe {
    /// The reading end `end`, if there is one.
    pub(super) fn new(end: Option<impl Into<OwnedFd>>) -> io::Result<Self> {
        let file = end.map(|end| File::from(end.into()));
        if let Some(file) = &file {
            ioctl_fionbio(file, true)?;
        }
        Ok(Self {
            file,
            bytes: Vec::new(),
        })
    }

    /// Reads what is there, but not for ever from somebody who never stops.
    pub(super) fn read_some(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        for _ in 0..64 {
            let Some(file) = &mut self.file else { break };
            match file.read(&mut chunk) {
                Ok(0) => self.file = None,
                Ok(size) => self.bytes.extend_from_slice(&chunk[..size]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Drops all but the last `size` bytes.
    pub(super) fn keep_last(&mut self, size: usize) {
        let surplus = self.bytes.len().saturating_sub(size);
        self.bytes.drain(..surplus);
    }
}

/// Sleeps until a pipe has something, it is time to look again, or the deadline.
pub(super) fn wait(stdout: &Pipe, stderr: &Pipe, deadline: Instant) -> io::Result<()> {
    let mut open: Vec<PollFd<'_>> = [stdout, stderr]
        .into_iter()
        .filter_map(|pipe| pipe.file.as_ref())
        .map(|file| PollFd::from_borrowed_fd(file.as_fd(), PollFlags::IN))
        .collect();
    // With both pipes closed the child is about to end.
    let look_ms = if open.is_empty() { 1 } else { LOOK_MS };
    let left = deadline.saturating_duration_since(Instant::now());
    let pause = left.min(Duration::from_millis(look_ms.unsigned_abs()));
    let pause = Timespec {
        tv_sec: 0,
        tv_nsec: pause.subsec_nanos().into(),
    };
    match poll(&mut open, Some(&pause)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
