//! What is in the file: every block says which it is and how often it was written, the rest is seeded noise that no
//! device can compress.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::random::stream;
use rand::Rng;

/// Bytes at the head of a block: its number and how often it was written, 8 each, little-endian.
pub(super) const STAMP_BYTES: usize = 16;

/// The block about to be written, and how often each one was.
#[derive(Debug)]
pub(super) struct Content {
    block: Vec<u8>,
    written: Vec<u64>,
}

impl Content {
    /// For a file of `blocks` blocks of `bytes` bytes.
    pub(super) fn new(bytes: usize, blocks: u64, seed: u64) -> Self {
        let mut block = vec![0; bytes];
        stream(seed, "disk-content").fill_bytes(&mut block);
        Self {
            block,
            written: vec![0; blocks as usize],
        }
    }

    /// The bytes of block `number` as they must now be written.
    pub(super) fn write(&mut self, number: u64) -> &[u8] {
        let written = &mut self.written[number as usize];
        *written += 1;
        self.block[..8].copy_from_slice(&number.to_le_bytes());
        self.block[8..STAMP_BYTES].copy_from_slice(&written.to_le_bytes());
        &self.block
    }

    /// Holds `found` against what was last written to block `number`.
    pub(super) fn check(&self, number: u64, found: &[u8]) -> Result<(), Error> {
        let stamp = (self::number(found), word(found, 8));
        let expected = (number, self.written[number as usize]);
        ensure_right(stamp == expected, || {
            format!(
                "block {number} says it is number {} in version {}, expected version {}",
                stamp.0, stamp.1, expected.1
            )
        })?;
        ensure_right(found[STAMP_BYTES..] == self.block[STAMP_BYTES..], || {
            format!("block {number} does not hold the bytes that were written")
        })
    }
}

/// Number of the block in `bytes`.
pub(super) fn number(bytes: &[u8]) -> u64 {
    word(bytes, 0)
}

fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_misplaced_and_damaged_writes_are_seen() {
        let mut content = Content::new(64, 4, 9);
        let first = content.write(2).to_vec();
        content.check(2, &first).unwrap();
        let second = content.write(2).to_vec();
        let mut damaged = second.clone();
        damaged[40] ^= 1;
        let wrong = |number, bytes: &[u8]| content.check(number, bytes).unwrap_err().to_string();

        content.check(2, &second).unwrap();
        assert_eq!(
            wrong(2, &first),
            "block 2 says it is number 2 in version 1, expected version 2"
        );
        assert_eq!(
            wrong(3, &second),
            "block 3 says it is number 2 in version 2, expected version 0"
        );
        assert_eq!(
            wrong(2, &damaged),
            "block 2 does not hold the bytes that were written"
        );
    }
}
