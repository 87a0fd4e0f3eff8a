//! How a file gets its name: written beside it as `.part`, checked, made durable, renamed in one step.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write as _},
    path::{Path, PathBuf},
};

use super::{DataError, Observer, WantedFile, checksum::Running};

/// Bytes copied at once.
const BLOCK: usize = 128 << 10;

/// Puts what `from` gives at `folder`/`wanted.file`. `fault` makes an error of what reading reports. Nothing is left of content
/// that is not what is wanted, nor of a file that could not be written to its end.
///
/// # Errors
/// [`DataError::Wrong`], those of reading and writing, and [`DataError::Interrupted`].
pub(super) fn install(
    from: &mut dyn Read,
    folder: &Path,
    wanted: &WantedFile,
    fault: &dyn Fn(std::io::Error) -> DataError,
    observer: &mut dyn Observer,
) -> Result<(), DataError> {
    let target = folder.join(&wanted.file);
    let parent = target.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .map_err(|error| DataError::file("make the folder", parent, error))?;
    let part = Part(part_of(&target));
    let mut file = new(&part.0).map_err(|error| DataError::file("write", &part.0, error))?;
    copy(from, &mut file, wanted, &part.0, fault, observer)?;
    file.sync_all()
        .and_then(|()| fs::rename(&part.0, &target))
        .and_then(|()| File::open(parent)?.sync_all())
        .map_err(|error| DataError::file("write", &target, error))
}

/// A new file at `path`, in place of one that is left over there. What a link there points to is left alone.
fn new(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => File::create_new(path),
    }
}

/// `path` with `.part` after it.
pub(super) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// A file on its way; gone when it was not renamed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing of this name; before it, what is left would be of no use.
        let _ = fs::remove_file(&self.0);
    }
}

fn copy(
    from: &mut dyn Read,
    to: &mut File,
    wanted: &WantedFile,
    part: &Path,
    fault: &dyn Fn(std::io::Error) -> DataError,
    observer: &mut dyn Observer,
) -> Result<(), DataError> {
    let wrong_length = |found: String| DataError::Wrong {
        what: wanted.file.clone(),
        expected: format!("{} bytes", wanted.bytes),
        found,
    };
    let mut sum = Running::default();
    let mut written = 0;
    let mut block = vec![0; BLOCK];
    loop {
        if observer.is_interrupted() {
            return Err(DataError::Interrupted);
        }
        let count = match from.read(&mut block) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(fault(error)),
        };
        written += count as u64;
        if written > wanted.bytes {
            return Err(wrong_length("more".to_owned()));
        }
        sum.add(&block[..count]);
        to.write_all(&block[..count])
            .map_err(|error| DataError::file("write", part, error))?;
        observer.at(written);
    }
    if written < wanted.bytes {
        return Err(wrong_length(written.to_string()));
    }
    let found = sum.finish();
    if found != wanted.sha256 {
        return Err(DataError::checksum(&wanted.file, &wanted.sha256, &found));
    }
    Ok(())
}
