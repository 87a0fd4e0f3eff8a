//! Whether a plugin can have a name.

use std::path::Path;

use super::super::Failure;

/// Longest name, in characters.
const LONGEST: usize = 64;

/// Names that would get in the way of something: the language's own words and crates, and what plugins are built with.
const TAKEN: [&str; 70] = [
    "abi_stable",
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "benchhost",
    "benchhost-plugin-api",
    "benchhost-testkit",
    "box",
    "break",
    "build",
    "candle",
    "candle-core",
    "candle-nn",
    "cdylib",
    "con",
    "const",
    "continue",
    "core",
    "crate",
    "default",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "nul",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "sdk",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "use",
    "where",
    "yield",
];

/// The name of a plugin in the folder `path`.
///
/// # Errors
/// When the last part of `path` is none.
pub(super) fn of(path: &Path) -> Result<String, Failure> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let problem = problem(name);
    match problem {
        None => Ok(name.to_owned()),
        Some(problem) => {
            let failure = Failure::usage(format!(
                "`{}` cannot be the name of a plugin: {problem}",
                path.display().to_string().escape_debug()
            ));
            Err(match suggestion(name) {
                Some(name) => failure.hint(format!("`{name}` can")),
                None => failure,
            })
        }
    }
}

fn problem(name: &str) -> Option<String> {
    let is_fine =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.is_empty() {
        return Some("it has no last part, or one that is no UTF-8".to_owned());
    }
    if name.len() > LONGEST {
        return Some(format!("it has more than {LONGEST} letters"));
    }
    if let Some(letter) = name.chars().find(|letter| !is_fine(*letter)) {
        return Some(format!(
            "`{}` is none of a–z, 0–9 and `-`",
            letter.escape_debug()
        ));
    }
    if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return Some("it must begin with a letter".to_owned());
    }
    if name.ends_with('-') || name.contains("--") {
        return Some("a `-` stands between two letters".to_owned());
    }
    TAKEN.contains(&name).then(|| {
        "the name is taken, by a word of Rust or by what plugins are built with".to_owned()
    })
}

/// The same name, as it could be.
fn suggestion(name: &str) -> Option<String> {
    let mut words: Vec<String> = name
        .to_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.len() == 1 && TAKEN.contains(&words[0].as_str()) {
        words.insert(0, "my".to_owned());
    }
    let name = words.join("-");
    problem(&name).is_none().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_is_explained_and_another_one_is_offered() {
        for (typed, words, hint) in [
            ("Hello", "`H` is none of a–z", Some("`hello` can")),
            ("my_plugin", "`_` is none of", Some("`my-plugin` can")),
            ("my plugin!", "` ` is none of", Some("`my-plugin` can")),
            ("test", "is taken", Some("`my-test` can")),
            ("3d", "begin with a letter", None),
            ("a--b", "between two letters", Some("`a-b` can")),
            ("..", "no last part", None),
            ("", "no last part", None),
            ("wärme", "`ä` is none of", Some("`w-rme` can")),
            ("a\u{7}b", "`\\u{7}` is none of", Some("`a-b` can")),
        ] {
            let failure = of(Path::new(typed)).unwrap_err();

            assert!(
                failure.message.contains(words),
                "{typed}: {}",
                failure.message
            );
            assert_eq!(failure.hints.first().map(String::as_str), hint, "{typed}");
        }
        assert_eq!(
            of(Path::new("some/where/my-plugin2")).unwrap(),
            "my-plugin2"
        );
        assert!(of(Path::new(&"a".repeat(65))).is_err());
    }
}
