//! Tells whether a plugin file is still the one that was looked at.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::folder::{self, is_folder_file};

/// Where a file lies on disk and what is in it. A plugin that is a process has several: `benchhost.toml`, the files that its
/// command names, and those beside them with the same ending; it is then the first file, all sizes, the last change.
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
    /// Identity of the plugin at `path`, which is read completely.
    ///
    /// # Errors
    /// Whatever opening or reading reports.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut identity = Self::seen(path)?;
        identity.sha256 = content(path)?;
        Ok(identity)
    }

    /// As [`of`](Self::of), for a library whose content has been read already.
    pub(super) fn of_bytes(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mut identity = Self::seen(path)?;
        identity.sha256 = sha256(bytes);
        Ok(identity)
    }

    /// As [`of`](Self::of), without looking into the files.
    fn seen(path: &Path) -> io::Result<Self> {
        let first = fs::metadata(path)?;
        let mut identity = Self {
            dev: first.dev(),
            inode: first.ino(),
            size: 0,
            mtime_ns: i64::MIN,
            sha256: String::new(),
        };
        for file in files(path)? {
            let meta = fs::metadata(file)?;
            identity.size += meta.len();
            let mtime_ns = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
            identity.mtime_ns = identity.mtime_ns.max(mtime_ns);
        }
        Ok(identity)
    }

    /// A sentence when the file at `path` has another content now, or is gone. A file that was copied or touched
    /// but has the same content has not changed; only then is the content read again.
    #[must_use]
    pub fn changed(&self, path: &Path) -> Option<String> {
        let name = path.display();
        let mut now = match Self::seen(path) {
            Ok(now) => now,
            Err(error) => return Some(format!("`{name}` cannot be read any more: {error}")),
        };
        now.sha256.clone_from(&self.sha256);
        if now == *self {
            return None;
        }
        match content(path) {
            Ok(sha256) if sha256 == self.sha256 => None,
            Ok(sha256) => Some(format!(
                "`{name}` had sha256 {}…, now it has {}…",
                &self.sha256[..12],
                &sha256[..12]
            )),
            Err(error) => Some(format!("`{name}` cannot be read any more: {error}")),
        }
    }
}

/// SHA-256 of the one file of a library, or of the names and contents of all files of a process.
fn content(path: &Path) -> io::Result<String> {
    if !is_folder_file(path) {
        return Ok(sha256(&fs::read(path)?));
    }
    let mut list = String::new();
    for file in files(path)? {
        let name = file.file_name().unwrap_or_default().display().to_string();
        list.push_str(&format!("{} {name}\n", sha256(&fs::read(file)?)));
    }
    Ok(sha256(list.as_bytes()))
}

/// The files that make the plugin at `path`.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = vec![path.to_owned()];
    let (true, Some(dir)) = (is_folder_file(path), path.parent()) else {
        return Ok(files);
    };
    let words = folder::read(path).ok().and_then(|folder| folder.command);
    let named: Vec<PathBuf> = words
        .unwrap_or_default()
        .iter()
        .map(|word| dir.join(word))
        .filter(|file| file.is_file())
        .collect();
    for file in named {
        let (Some(folder), ending) = (file.parent(), file.extension()) else {
            continue;
        };
        for entry in fs::read_dir(folder)? {
            let beside = entry?.path();
            if ending.is_some() && beside.extension() == ending && beside.is_file() {
                files.push(beside);
            }
        }
        files.push(file);
    }
    files[1..].sort();
    files.dedup();
    Ok(files)
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
    fn a_process_is_all_its_sources_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let path = folder.path().join("benchhost.toml");
        write("benchhost.toml", "command = ['python3', 'bench.py']");
        write("bench.py", "import helper");
        write("helper.py", "one");
        write("notes.txt", "one");
        let identity = Identity::of(&path).unwrap();

        write("notes.txt", "two!");
        assert_eq!(identity.changed(&path), None);

        write("helper.py", "two!");
        assert!(identity.changed(&path).unwrap().contains("sha256"));
    }

    #[test]
    fn the_hash_is_sha256() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
