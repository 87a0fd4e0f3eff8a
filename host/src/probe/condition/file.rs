//! Reading one small file of `/proc` or `/sys`, with the reason when that fails.

use std::{fs, io::ErrorKind, path::Path, str::FromStr};

use super::Known;

/// Content of `root/below` without the white space around it; it may be empty.
pub(super) fn read(root: &Path, below: &str) -> Known<String> {
    match fs::read_to_string(root.join(below)) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => format!("there is no /{below}"),
            ErrorKind::PermissionDenied => format!("/{below} may not be read by this user"),
            _ => format!("/{below} cannot be read: {error}"),
        }),
    }
}

/// Content of `root/below` as a value.
pub(super) fn read_as<T: FromStr>(root: &Path, below: &str) -> Known<T> {
    let text = read(root, below)?;
    text.parse()
        .map_err(|_| format!("/{below} holds \"{text}\", which is not understood"))
}

/// The numbers of a list like `0-2,5`, as the kernel writes sets of CPUs. Empty text is the empty list.
pub(super) fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (first, last) = part.trim().split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        all.extend(first..=last);
    }
    Some(all)
}

/// The word in brackets of a file like `always [madvise] never`.
pub(super) fn chosen(text: &str) -> Option<&str> {
    let (_, after) = text.split_once('[')?;
    Some(after.split_once(']')?.0)
}

/// Names in the folder `root/below`, sorted.
pub(super) fn names(root: &Path, below: &str) -> Known<Vec<String>> {
    let entries =
        fs::read_dir(root.join(below)).map_err(|_| format!("there is no folder /{below}"))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus_are_read_as_the_kernel_writes_them() {
        assert_eq!(numbers("0-2,5").unwrap(), [0, 1, 2, 5]);
        assert_eq!(numbers("").unwrap(), Vec::<u32>::new());
        assert_eq!(numbers("a"), None);
        assert_eq!(chosen("always [madvise] never"), Some("madvise"));
        assert_eq!(chosen("always"), None);
    }

    #[test]
    fn what_is_absent_and_what_is_nonsense_have_different_reasons() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("x"), "seven\n").unwrap();

        assert_eq!(
            read_as::<u32>(root.path(), "proc/x").unwrap_err(),
            "there is no /proc/x"
        );
        assert_eq!(
            read_as::<u32>(root.path(), "x").unwrap_err(),
            "/x holds \"seven\", which is not understood"
        );
    }
}
