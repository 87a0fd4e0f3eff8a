//! Tells whether a plugin file is still the one that was looked at.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where a file lies on disk and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last modification, in ns since 1970.
    pub mtime_ns: i64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
}

impl Identity {
    /// Identity of the file at `path`, which is read completely.
    ///
    /// # Errors
    /// Whatever opening or reading reports.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::of_bytes(path, &fs::read(path)?)
    }

    /// As [`of`](Self::of), for a file whose content has been read already.
    pub(super) fn of_bytes(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        Ok(Self {
            dev: meta.dev(),
            inode: meta.ino(),
            size: bytes.len() as u64,
            mtime_ns: meta.mtime() * 1_000_000_000 + meta.mtime_nsec(),
            sha256: sha256(bytes),
        })
    }

    /// A sentence when the file at `path` has another content now, or is gone. A file that was copied or touched
    /// but has the same content has not changed; only then is the content read again.
    #[must_use]
    pub fn changed(&self, path: &Path) -> Option<String> {
        let name = path.display();
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) => return Some(format!("`{name}` cannot be read any more: {error}")),
        };
        let mtime_ns = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
        if (meta.dev(), meta.ino(), meta.size(), mtime_ns)
            == (self.dev, self.inode, self.size, self.mtime_ns)
        {
            return None;
        }
        match fs::read(path) {
            Ok(bytes) if sha256(&bytes) == self.sha256 => None,
            Ok(bytes) => Some(format!(
                "`{name}` had sha256 {}…, now it has {}…",
                &self.sha256[..12],
                &sha256(&bytes)[..12]
            )),
            Err(error) => Some(format!("`{name}` cannot be read any more: {error}")),
        }
    }
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touched_file_is_the_same_and_a_replaced_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libx.so");
        fs::write(&path, "one").unwrap();
        let identity = Identity::of(&path).unwrap();

        fs::remove_file(&path).unwrap();
        fs::write(&path, "one").unwrap();
        assert_eq!(identity.changed(&path), None);

        fs::write(&path, "two!").unwrap();
        assert!(identity.changed(&path).unwrap().contains("sha256"));

        fs::remove_file(&path).unwrap();
        assert!(identity.changed(&path).unwrap().contains("any more"));
    }

    #[test]
    fn the_hash_is_sha256() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
