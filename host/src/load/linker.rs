//! Makes sense of what the dynamic linker says when it refuses a library.

use std::{error::Error, path::Path};

use super::LoadError;

/// The error for a library at `path` that could not be opened because of `error`.
pub(super) fn refused(path: &Path, error: &libloading::Error) -> LoadError {
    sorted(path, &innermost(error))
}

/// The text of the last cause, where libloading keeps the linker's words.
fn innermost(error: &dyn Error) -> String {
    let cause = error.source().map(innermost);
    cause.unwrap_or_else(|| error.to_string())
}

/// Sorts the words of the dynamic linker.
fn sorted(path: &Path, text: &str) -> LoadError {
    let own = path.to_string_lossy();
    let reason = text.strip_prefix(&*own).unwrap_or(text);
    let reason = reason.trim_start_matches(": ").to_owned();
    let path = path.to_owned();
    if reason.contains("cannot dynamically load position-independent executable") {
        let found = "a program".to_owned();
        return LoadError::NotSharedObject { path, found };
    }
    let library = missing_library(&reason).or_else(|| missing_version(&reason));
    match library {
        Some(library) => LoadError::MissingDependency {
            path,
            library,
            reason,
        },
        None => LoadError::OpenFailed { path, reason },
    }
}

fn missing_library(reason: &str) -> Option<String> {
    let (library, _) = reason.split_once(": cannot open shared object file")?;
    Some(library.to_owned())
}

/// From "/lib/libc.so.6: version `GLIBC_2.99' not found (required by …)".
fn missing_version(reason: &str) -> Option<String> {
    let (_, version) = reason.split_once("version `")?;
    let (version, _) = version.split_once("' not found")?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_linker_says_is_sorted() {
        let path = Path::new("/p/libx.so");
        for (text, expected) in [
            (
                "libcuda.so.1: cannot open shared object file: No such file or directory",
                "needs libcuda.so.1",
            ),
            (
                "/lib/libc.so.6: version `GLIBC_2.99' not found (required by /p/libx.so)",
                "needs GLIBC_2.99",
            ),
            (
                "/p/libx.so: undefined symbol: foo",
                "refused `/p/libx.so`: undefined symbol: foo",
            ),
            (
                "/p/libx.so: cannot dynamically load position-independent executable",
                "is a program",
            ),
        ] {
            let message = sorted(path, text).to_string();

            assert!(message.contains(expected), "{message}");
        }
    }
}
