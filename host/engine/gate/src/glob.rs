//! Globs on cases, benchmarks and metrics.
//!
//! A case id holds letters that globs use: `plugin/workload?shape=[8,16]`. Hence every glob with such letters is matched
//! twice: as a glob, and with only the stars as wildcards, so that an id that was copied names its case.

use globset::{GlobBuilder, GlobMatcher};

/// Matchers of one glob: as it is, and letter by letter but for its stars where that is something else.
///
/// # Errors
/// Why it is no glob.
pub fn matchers(text: &str) -> Result<Vec<GlobMatcher>, String> {
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    let matcher = |text: &str, escapes: bool| {
        let glob = GlobBuilder::new(text)
            .literal_separator(false)
            .backslash_escape(escapes)
            .build();
        glob.map(|glob| glob.compile_matcher())
            .map_err(|error| error.kind().to_string())
    };
    let as_written = matcher(text, true);
    let parts: Vec<String> = text.split('*').map(globset::escape).collect();
    let with_stars = parts.join("*");
    if with_stars == text && !text.contains('\\') {
        return Ok(vec![as_written?]);
    }
    // A whole id may hold brackets that are no glob.
    let is_id = text.contains('/') && text.contains('?') && text.contains('=');
    match as_written {
        Err(why) if !is_id => Err(why),
        first => Ok(first
            .into_iter()
            .chain([matcher(&with_stars, false)?])
            .collect()),
    }
}

/// Letters that are no wildcards: the more, the more specific is the rule.
pub(crate) fn letters(text: &str) -> usize {
    let is_wildcard = |c: &char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}');
    text.chars().filter(|c| !is_wildcard(c)).count()
}
