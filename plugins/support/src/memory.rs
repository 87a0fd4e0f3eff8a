//! How much memory this process has, as the kernel counts it.

use std::fs;

/// Resident bytes of this process (pages that are in memory, those of libraries and files included), or `None` where
/// `/proc` cannot be read. About 10 µs.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_written_becomes_resident() {
        let before = resident_bytes().unwrap();

        let block = std::hint::black_box(vec![1u8; 64 << 20]);

        let after = resident_bytes().unwrap();
        assert!(after >= before + (48 << 20), "{before} {after}");
        drop(block);
    }
}
