//! Getting a file out of the page cache, so that the next read is a cold one.
//!
//! No privilege is needed: the kernel drops clean pages of a file on request. It may also refuse (tmpfs keeps
//! its pages, a mapping pins them), therefore the answer says what became of the file.

use std::{fs::File, io::IoSliceMut, path::Path};

use benchhost_plugin_api::Error;
use rustix::{
    fs::{Advice, fadvise},
    io::{Errno, ReadWriteFlags, preadv2},
};

/// What became of the cached pages of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eviction {
    /// The probed pages are gone: the next read comes from the device.
    Cold,
    /// Pages are still in memory: a "cold" read would in truth be a warm one.
    StillCached,
    /// This file system does not tell.
    Unknown,
}

/// Pages that are probed after the eviction, spread over the file.
const PROBES: u64 = 8;

/// Writes back the file at `path`, asks the kernel to drop its pages, and looks whether it did.
///
/// # Errors
/// The file cannot be opened, synchronised or advised on.
pub fn evict(path: &Path) -> Result<Eviction, Error> {
    let opened = File::open(path)
        .map_err(|error| Error::failed(format!("cannot open {}: {error}", path.display())))?;
    // Dirty pages are never dropped.
    opened.sync_all()?;
    fadvise(&opened, 0, None, Advice::DontNeed)?;
    Ok(probe(&opened, opened.metadata()?.len()))
}

/// Reads single bytes, refusing to wait for a device: only a cached page answers. A page that is read in this
/// way is not brought into the cache.
fn probe(file: &File, length: u64) -> Eviction {
    for index in 0..PROBES.min(length) {
        let mut byte = [0];
        let offset = index * length / PROBES.min(length);
        match preadv2(
            file,
            &mut [IoSliceMut::new(&mut byte)],
            offset,
            ReadWriteFlags::NOWAIT,
        ) {
            Err(Errno::AGAIN) => {}
            Ok(_) => return Eviction::StillCached,
            Err(_) => return Eviction::Unknown,
        }
    }
    Eviction::Cold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_cache_is_seen_there_or_the_file_system_says_it_cannot_tell() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, vec![1; 1 << 16]).unwrap();

        let file = File::open(&path).unwrap();

        assert_ne!(probe(&file, 1 << 16), Eviction::Cold);
    }

    #[test]
    fn evicting_keeps_the_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let content: Vec<u8> = (0..1 << 16).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();

        evict(&path).unwrap();

        assert_eq!(std::fs::read(&path).unwrap(), content);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = evict(Path::new("no/such/file")).unwrap_err();

        assert!(
            error.to_string().starts_with("cannot open no/such/file"),
            "{error}"
        );
    }
}
