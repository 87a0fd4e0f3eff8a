//! A file without a name: when its last descriptor is closed, by whatever end of the process, its blocks are free.

use std::{
    fs::{self, File},
    path::Path,
};

use benchhost_plugin_api::Error;
use rustix::{
    fs::{Mode, OFlags, fstatfs, open},
    io::Errno,
};

/// What `statfs` says of a file system that is memory. Source: Linux, include/uapi/linux/magic.h.
const TMPFS_MAGIC: i64 = 0x0102_1994;

/// A fresh file in `folder`, open for reading and writing, that no folder lists.
///
/// # Errors
/// The folder does not exist or cannot be written to.
pub(super) fn nameless(folder: &Path) -> Result<File, Error> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match open(folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(file.into()),
        // Some file systems (overlayfs of old kernels, NFS, FUSE) have no such files, and old kernels know no such flag.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => unlinked(folder),
        Err(error) => Err(cannot_make(folder, &error.into())),
    }
}

/// The same by hand: a name that is taken away at once. Only a death between the two calls leaves it behind.
fn unlinked(folder: &Path) -> Result<File, Error> {
    let path = folder.join(format!(".benchhost-disk-{}", std::process::id()));
    let mut options = File::options();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| cannot_make(folder, &error))?;
    fs::remove_file(&path)?;
    Ok(file)
}

fn cannot_make(folder: &Path, error: &std::io::Error) -> Error {
    Error::failed(format!(
        "cannot make a file in {}: {error}; set folder to one that can be written to",
        folder.display()
    ))
}

/// Whether the file lies in memory and not on a device.
pub(super) fn is_in_memory(file: &File) -> Result<bool, Error> {
    Ok(fstatfs(file)?.f_type == TMPFS_MAGIC)
}

#[cfg(test)]
mod tests {
    use std::{io::Read, io::Seek, io::Write};

    use super::*;

    #[test]
    fn both_ways_make_a_file_that_works_and_that_no_folder_lists() {
        let dir = tempfile::tempdir().unwrap();
        for make in [nameless, unlinked] {
            let mut file = make(dir.path()).unwrap();

            file.write_all(b"here").unwrap();
            file.rewind().unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();

            assert_eq!(text, "here");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = nameless(Path::new("no/such/folder")).unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with("cannot make a file in no/such/folder: No such file"),
            "{error}"
        );
    }
}
