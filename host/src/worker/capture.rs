//! What a plugin prints, kept to a bound: the beginning, the end, and how much is missing between.

use std::{io, os::fd::OwnedFd};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::{Errno, read},
};

const HEAD_BYTES: usize = 16 << 10;
const TAIL_BYTES: usize = 48 << 10;

/// Most bytes read in one go, so that a plugin that prints without end cannot keep the host from its other duties.
const MAX_READ_BYTES: usize = 1 << 20;

/// One captured stream.
#[derive(Debug)]
pub(super) struct Stream {
    fd: Option<OwnedFd>,
    text: Bounded,
}

impl Stream {
    /// Captures from the reading end of a pipe.
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        fcntl_setfl(&fd, fcntl_getfl(&fd)? | OFlags::NONBLOCK)?;
        Ok(Self {
            fd: Some(fd),
            text: Bounded::default(),
        })
    }

    /// The descriptor to poll, until the stream has ended.
    pub(super) fn fd(&self) -> Option<&OwnedFd> {
        self.fd.as_ref()
    }

    /// Takes what is there, without waiting.
    pub(super) fn drain(&mut self) {
        let mut chunk = [0; 16 << 10];
        let mut total = 0;
        while let Some(fd) = &self.fd {
            match read(fd, &mut chunk) {
                Ok(0) => self.fd = None,
                Ok(n) => {
                    self.text.push(&chunk[..n]);
                    total += n;
                    if total >= MAX_READ_BYTES {
                        return;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => self.fd = None,
            }
        }
    }

    /// Text kept and bytes dropped.
    pub(super) fn text(&self) -> (String, u64) {
        self.text.text()
    }
}

#[derive(Debug, Default)]
struct Bounded {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    dropped: u64,
}

impl Bounded {
    fn push(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        let rest = &bytes[room..];
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..excess);
        self.dropped += excess as u64;
    }

    fn text(&self) -> (String, u64) {
        let mut bytes = self.head.clone();
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n… {} bytes left out …\n", self.dropped).as_bytes());
        }
        bytes.extend(&self.tail);
        (String::from_utf8_lossy(&bytes).into_owned(), self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_kept_whole_and_long_text_at_both_ends() {
        let mut short = Bounded::default();
        short.push(b"hello ");
        short.push(b"world");
        assert_eq!(short.text(), ("hello world".to_owned(), 0));

        let mut long = Bounded::default();
        long.push(b"begin");
        for _ in 0..1000 {
            long.push(&[b'x'; 1000]);
        }
        long.push(b"end");

        let (text, dropped) = long.text();
        assert!(text.starts_with("begin") && text.ends_with("end"));
        assert_eq!(dropped as usize, 1_000_008 - HEAD_BYTES - TAIL_BYTES);
        assert!(text.len() < HEAD_BYTES + TAIL_BYTES + 100);
    }
}
