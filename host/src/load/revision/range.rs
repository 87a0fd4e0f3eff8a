//! Two revisions as they are typed after `--rev`.

/// Baseline and candidate of a comparison of two revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRange {
    /// Revision of the baseline, in any form that git understands.
    pub base: String,
    /// Revision of the candidate; `None` means the work tree as it is.
    pub candidate: Option<String>,
}

impl RevisionRange {
    /// Reads `BASE..CANDIDATE` or `BASE..`. Whether git knows the revisions is not looked at.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to type instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("expected two revisions, like `main..HEAD`".to_owned());
        }
        if let Some((base, candidate)) = text.split_once("...") {
            return Err(format!(
                "three dots mean a common ancestor; type two: `{base}..{candidate}`"
            ));
        }
        let Some((base, candidate)) = text.split_once("..") else {
            return Err(format!(
                "`{text}` is one revision, expected two: `{text}..HEAD`, or `{text}..` for the work tree as it is"
            ));
        };
        if base.is_empty() {
            return Err(format!(
                "`{text}` has no baseline; name one before the dots, like `main{text}`"
            ));
        }
        if candidate.contains("..") {
            return Err(format!(
                "`{text}` has more than two revisions, expected two, like `main..HEAD`"
            ));
        }
        Ok(Self {
            base: base.to_owned(),
            candidate: (!candidate.is_empty()).then(|| candidate.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_dots_separate_baseline_and_candidate() {
        let range = |base: &str, candidate: Option<&str>| RevisionRange {
            base: base.to_owned(),
            candidate: candidate.map(str::to_owned),
        };

        assert_eq!(
            RevisionRange::parse("main..HEAD"),
            Ok(range("main", Some("HEAD")))
        );
        assert_eq!(
            RevisionRange::parse("v1.2.3..HEAD~2"),
            Ok(range("v1.2.3", Some("HEAD~2")))
        );
        assert_eq!(RevisionRange::parse("main.."), Ok(range("main", None)));
    }

    #[test]
    fn everything_else_is_refused_with_a_way_out() {
        for (text, way_out) in [
            ("", "`main..HEAD`"),
            (" ", "`main..HEAD`"),
            ("main", "`main..`"),
            ("..HEAD", "`main..HEAD`"),
            ("..", "`main..`"),
            ("main...HEAD", "`main..HEAD`"),
            ("a..b..c", "`main..HEAD`"),
        ] {
            let error = RevisionRange::parse(text).unwrap_err();

            assert!(error.contains(way_out), "`{text}`: {error}");
        }
    }
}
