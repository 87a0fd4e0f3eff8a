//! Names of files for cases: readable, safe on any file system, and different for different cases.

use sha2::{Digest as _, Sha256};

/// Longest name without its ending; file systems allow 255 bytes.
const LONGEST: usize = 160;

/// The name for a case of a benchmark. What is no plain letter, digit or `.=-_` becomes `_`; a piece of a hash of everything
/// keeps names apart that differ in that only.
pub(super) fn of_case(benchmark: &str, id: &str) -> String {
    let hash = Sha256::new()
        .chain_update(benchmark)
        .chain_update([0])
        .chain_update(id)
        .finalize();
    let hash: String = hash
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let plain = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '=' | '-' | '_' => c,
        _ => '_',
    };
    let name: String = id.chars().map(plain).take(LONGEST).collect();
    // A dot in front would hide it, a dash would make it an option.
    let name = name.trim_start_matches(['.', '-']);
    format!("{name}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_short_and_different() {
        let hostile = [
            ("b", "a/b?x=1&y=2"),
            ("b", "a/b?x=1&y=3"),
            ("c", "a/b?x=1&y=2"),
            ("b", "a_b?x=1&y=2"),
            ("b", "../../etc/passwd"),
            ("b", "-rf \u{202e}\u{0}\n"),
            ("b", ""),
            ("b", &"x".repeat(300)),
            ("b", &format!("{}y", "x".repeat(299))),
        ];

        let names: Vec<String> = hostile
            .iter()
            .map(|(benchmark, id)| of_case(benchmark, id))
            .collect();

        for (index, name) in names.iter().enumerate() {
            assert!(
                name.len() <= 200 - ".folded".len() && !name.starts_with(['.', '-'])
                    || name.len() == 9,
                "{name}"
            );
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_alphanumeric() || ".=-_".contains(c)),
                "{name}"
            );
            assert!(!names[..index].contains(name), "{name} twice");
        }
        assert!(names[0].starts_with("a_b_x=1_y=2-"));
    }
}
