//! One fetch at a time for each cache.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use super::{DataError, Observer};

/// How often somebody who waits looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Waits until nobody else fetches into `cache`. The lock goes with the file that is returned, also when the process is killed.
pub(super) fn take(cache: &Path, observer: &mut dyn Observer) -> Result<File, DataError> {
    let path = cache.join(".lock");
    let refused = |error| DataError::file("write", &path, error);
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(refused)?;
    let mut has_said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if !has_said {
            observer.remark("another `benchhost data fetch` is at work; waiting for its end");
            has_said = true;
        }
        if observer.is_interrupted() {
            return Err(DataError::Interrupted);
        }
        thread::sleep(LOOK_AGAIN);
    }
}
