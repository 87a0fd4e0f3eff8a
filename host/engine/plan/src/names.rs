//! Names: which are allowed, which was probably meant, and what a plugin is called.

/// What a name looks like, for error sentences.
pub(crate) const A_NAME: &str = r#"a name of letters, digits, `-`, `_` or `.`, like "training""#;

/// Likeness (Jaro–Winkler, 0–1) from which a name is suggested; clap uses 0.7, where `device` and `defaults` meet.
const LIKE: f64 = 0.8;

/// Whether `name` may be part of a case's id, which must split again at `? & =`.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The name among `known` that `name` was probably meant to be.
#[must_use]
pub fn closest<S: AsRef<str>>(name: &str, known: &[S]) -> Option<String> {
    known
        .iter()
        .map(|k| (likeness(name, k.as_ref()), k.as_ref()))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// Owned copies, for errors.
pub(crate) fn owned<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names.iter().map(|n| n.as_ref().to_owned()).collect()
}

/// Jaro–Winkler, except that two letters in the wrong order are a slip in short words too: `rnu`, `f61`.
fn likeness(name: &str, known: &str) -> f64 {
    let likeness = strsim::jaro_winkler(name, known);
    let is_slip = || name.len() == known.len() && strsim::osa_distance(name, known) == 1;
    let is_swap = || is_slip() && strsim::hamming(name, known) == Ok(2);
    if likeness < LIKE && is_swap() {
        return LIKE;
    }
    likeness
}

/// ` (did you mean …?)`, or nothing; what is suggested is shown by `quoted`.
pub(crate) fn suggestion<S: AsRef<str>>(
    name: &str,
    known: &[S],
    quoted: fn(&str) -> String,
) -> String {
    closest(name, known).map_or_else(String::new, |name| {
        format!(" (did you mean {}?)", quoted(&name))
    })
}

/// Names in quotes, with commas.
pub(crate) fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The name of a plugin given by a reference alone: the last part of the path, without `lib`, `.so` and the like,
/// with `-` for `_`.
///
/// ```
/// use benchhost_plan::plugin_name;
///
/// assert_eq!(plugin_name("target/release/libmy_plugin.so"), "my-plugin");
/// assert_eq!(plugin_name("../plugins/contrastive/"), "contrastive");
/// assert_eq!(plugin_name("library"), "library");
/// ```
#[must_use]
pub fn plugin_name(reference: &str) -> String {
    let trimmed = reference.trim_end_matches(['/', '\\']);
    let last = trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed);
    let stem = [".so", ".dylib", ".dll"]
        .iter()
        .find_map(|ending| last.strip_suffix(ending));
    let name = match stem {
        Some(stem) => stem.strip_prefix("lib").unwrap_or(stem),
        None => last,
    };
    name.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likely_name_is_suggested_and_an_unlikely_one_is_not() {
        let known = ["batch", "window", "max-time"];

        assert_eq!(closest("bach", &known).as_deref(), Some("batch"));
        assert_eq!(closest("max_time", &known).as_deref(), Some("max-time"));
        assert_eq!(closest("colour", &known), None);
        assert_eq!(closest("rnu", &["fun", "run"]).as_deref(), Some("run"));
        assert_eq!(closest("f61", &["f16", "bf16"]).as_deref(), Some("f16"));
        assert_eq!(closest("cat", &["cow"]), None);
    }

    #[test]
    fn names_keep_a_case_id_splittable() {
        assert!(is_name("data-2.x_y"));
        for bad in ["", "a b", "a?b", "a=b", "a&b", "a#b", "a/b"] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
