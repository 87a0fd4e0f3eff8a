//! Which glob was probably meant by one that matches nothing.
//!
//! A glob is taken for words between signs. Words that none of the known names has are replaced by those that look most like
//! them; the result is suggested when it matches something. Nothing is suggested otherwise: a way out must be one.

use std::collections::BTreeSet;

use globset::Glob;

use crate::names::closest;

/// Signs that no word of a name has: those of globs, and those that part the id of a case.
const SIGNS: [char; 12] = ['*', '?', '[', ']', '{', '}', '!', ',', '/', '&', '=', '\\'];

/// What was probably meant by `glob`, which matches none of `known`.
///
/// ```
/// use benchhost_plan::closest_glob;
///
/// let known = ["contrastive/training", "contrastive/training?batch=16"];
/// assert_eq!(closest_glob("*trainng*", &known).as_deref(), Some("*training*"));
/// assert_eq!(closest_glob("training", &known).as_deref(), Some("*training*"));
/// assert_eq!(closest_glob("*settling*", &known), None);
/// ```
#[must_use]
pub fn closest_glob<S: AsRef<str>>(glob: &str, known: &[S]) -> Option<String> {
    let names = || known.iter().map(AsRef::as_ref);
    let words: BTreeSet<&str> = names().flat_map(|name| name.split(SIGNS)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_part = |word: &str| names().any(|name| name.contains(word));
    // A part of a word may be meant as one; where that leads nowhere, it is a word that was cut off.
    let lenient = mended(glob, &words, is_part);
    let strict = mended(glob, &words, |word| words.contains(&word));
    let tried = [lenient, strict].into_iter().flatten();
    tried
        .flat_map(|one| {
            let around = format!("*{}*", one.trim_matches('*'));
            [one, around]
        })
        .find(|one| one != glob && matches_any(one, names()))
}

/// `glob` with the words that are not `known` replaced by those of `words` that look most like them, if there are such.
fn mended(glob: &str, words: &[&str], known: impl Fn(&str) -> bool) -> Option<String> {
    let mut mended = String::new();
    for part in glob.split_inclusive(SIGNS) {
        let word = part.trim_end_matches(SIGNS);
        if word.is_empty() || known(word) {
            mended.push_str(word);
        } else {
            mended.push_str(&closest(word, words)?);
        }
        mended.push_str(&part[word.len()..]);
    }
    Some(mended)
}

fn matches_any<'a>(glob: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    let matcher = Glob::new(glob).map(|glob| glob.compile_matcher());
    matcher.is_ok_and(|matcher| names.any(|name| matcher.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = [
        "step",
        "contrastive/training",
        "contrastive/training?batch=16&threads=1",
        "contrastive/data",
        "contrastive/data?batch=32&threads=1",
    ];

    #[test]
    fn words_that_nobody_has_are_replaced_and_signs_stay() {
        for (glob, meant) in [
            ("contrastiv/*", "contrastive/*"),
            ("contrastive/traning*", "contrastive/training*"),
            ("*/daat?bach=32*", "*/data?batch=32*"),
            ("stpe", "step"),
            ("{trainng,dta}", "*{training,data}*"),
        ] {
            assert_eq!(closest_glob(glob, &KNOWN).as_deref(), Some(meant), "{glob}");
        }
    }

    #[test]
    fn a_whole_name_is_asked_for_where_a_part_was_typed() {
        let meant = closest_glob("data", &KNOWN);
        assert_eq!(meant.as_deref(), Some("*data*"));
    }

    #[test]
    fn nothing_is_suggested_that_would_match_nothing() {
        for glob in [
            "zebra*",
            "step*batch=16",
            "",
            "*",
            "[",
            "contrastive/training?batch=64",
        ] {
            let meant = closest_glob(glob, &KNOWN);
            let matches = |one: &String| matches_any(one, KNOWN.into_iter());
            assert!(meant.as_ref().is_none_or(matches), "{glob}: {meant:?}");
        }
        assert_eq!(closest_glob("zebra*", &KNOWN), None);
        assert_eq!(closest_glob("x", &[""; 0]), None);
    }
}
