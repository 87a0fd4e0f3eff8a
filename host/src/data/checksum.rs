//! The sha256 of a file, written in hexadecimal.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// Bytes read at once; large enough that system calls cost nothing.
const BLOCK: usize = 128 << 10;

/// 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum(String);

impl Checksum {
    /// The checksum that is written as `text`; upper case is accepted. `None` for anything but 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const DIGITS: usize = 64;
        let is_one = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The checksum of the file at `path`.
    ///
    /// # Errors
    /// Whatever opening or reading reports.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        Self::of(&mut File::open(path)?)
    }

    /// The checksum of everything that `from` gives.
    pub(super) fn of(from: &mut impl Read) -> io::Result<Self> {
        let mut sum = Running::default();
        let mut block = vec![0; BLOCK];
        loop {
            match from.read(&mut block)? {
                0 => return Ok(sum.finish()),
                count => sum.add(&block[..count]),
            }
        }
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A checksum in the making.
#[derive(Debug, Default)]
pub(super) struct Running(Sha256);

impl Running {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Checksum {
        use std::fmt::Write as _;
        let mut text = String::new();
        for byte in self.0.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        Checksum(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_answer_for_abc() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();

        // FIPS 180-4, example B.1.
        let known = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        assert_eq!(
            Checksum::of_file(&path).unwrap(),
            Checksum::parse(known).unwrap()
        );
        assert_eq!(Checksum::parse(&known[1..]), None);
        assert_eq!(Checksum::parse(&known.replace('B', "G")), None);
    }
}
