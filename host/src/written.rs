//! Text files that people write: settings, rules, templates, tokens.
//!
//! What is no plain file is not opened: a device has no end, and a pipe may have no beginning. What is too long to have been
//! written by somebody is not read to its end.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

/// Bytes of a file, at most.
const LONGEST: u64 = 1 << 20;

/// The text of a file of at most a mebibyte.
///
/// # Errors
/// Those of the system, and a sentence for what is no such file.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    String::from_utf8(read_bytes(path, LONGEST)?).map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )
    })
}

/// What is in a file of at most `longest` bytes.
///
/// # Errors
/// Those of the system, and a sentence for what is no such file.
pub(crate) fn read_bytes(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    is_plain(path)?;
    let mut bytes = Vec::new();
    // One more than there may be tells that there is more.
    File::open(path)?
        .take(longest + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(too_long(longest));
    }
    Ok(bytes)
}

/// Refuses what cannot be read from its beginning to its end.
pub(crate) fn is_plain(path: &Path) -> io::Result<()> {
    let about = fs::metadata(path)?;
    if about.is_file() {
        return Ok(());
    }
    let found = if about.is_dir() {
        "a folder"
    } else {
        "a device, a pipe or a socket"
    };
    Err(io::Error::other(format!(
        "it is {found}, expected a plain file"
    )))
}

fn too_long(longest: u64) -> io::Error {
    io::Error::other(format!("it is longer than {} KiB", longest >> 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_a_sensible_length_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let refused = |path: &Path| read(path).unwrap_err().to_string();

        fs::write(&file, "a = 1").unwrap();
        assert_eq!(read(&file).unwrap(), "a = 1");
        assert_eq!(
            refused(folder.path()),
            "it is a folder, expected a plain file"
        );
        let device = "it is a device, a pipe or a socket, expected a plain file";
        assert_eq!(refused(Path::new("/dev/zero")), device);
        for long in ["x", "x\u{20ac}"] {
            fs::write(&file, long.repeat((1 << 20) + 1)).unwrap();
            assert_eq!(refused(&file), "it is longer than 1024 KiB");
        }
        let absent = read(&folder.path().join("absent")).unwrap_err();
        assert_eq!(absent.kind(), io::ErrorKind::NotFound);
    }
}
