//! Reading the small text files of `/proc` and `/sys`.

use std::{fs, path::Path, str::FromStr};

/// Content of the file without the white space around it; `None` when it cannot be read or is empty.
pub(super) fn read(path: impl AsRef<Path>) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Content of the file as a value.
pub(super) fn read_as<T: FromStr>(path: impl AsRef<Path>) -> Option<T> {
    read(path)?.parse().ok()
}

/// Value of `key` in lines like `VmHWM:     1234 kB` or `model name : X`, without the unit's column removed.
pub(super) fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim())
    })
}

/// Sizes as the kernel writes them: `32K`, `1M`, `123 kB`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.trim().parse().ok()?;
    let factor = match text[digits.len()..].trim().chars().next() {
        None => 1,
        Some('k' | 'K') => 1 << 10,
        Some('M') => 1 << 20,
        Some('G') => 1 << 30,
        Some(_) => return None,
    };
    Some(number * factor)
}

/// CPUs as the kernel lists them: `0-3,8`; `None` for anything else.
pub(super) fn cpu_list(text: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?);
    }
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_fields_are_read_as_the_kernel_writes_them() {
        assert_eq!(bytes("32K"), Some(32 << 10));
        assert_eq!(bytes("4 kB"), Some(4096));
        assert_eq!(bytes("7"), Some(7));
        assert_eq!(bytes("7 apples"), None);
        assert_eq!(field("Name:\tx\nVmHWM:\t  12 kB\n", "VmHWM"), Some("12 kB"));
        assert_eq!(
            field("model name\t: AMD EPYC\n", "model name"),
            Some("AMD EPYC")
        );
    }

    #[test]
    fn lists_of_cpus_are_read_as_the_kernel_writes_them() {
        assert_eq!(cpu_list("0-2,8"), Some(vec![0, 1, 2, 8]));
        assert_eq!(cpu_list("5"), Some(vec![5]));
        assert_eq!(cpu_list("0-"), None);
        assert_eq!(cpu_list(""), None);
    }
}
