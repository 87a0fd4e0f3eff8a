//! What makes numbers doubtful: each kind of flag once, with the cases that have it.

use std::collections::BTreeMap;

use benchhost_record::{CaseResult, FlagKind};

use super::count;

/// The flags of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flagged<'a> {
    /// Of the first case; of one that has a speed, if there is one.
    pub(crate) message: &'a str,
    /// Cases that have it and a speed.
    pub(crate) measured: usize,
    /// Cases that have it and failed, or were wrong or skipped.
    pub(crate) without: usize,
}

impl Flagged<'_> {
    /// ` (the first of 11 cases, 7 of them without a speed)`: recommendations speak of the others alone. Empty for one case.
    pub(crate) fn how_many(&self) -> String {
        let all = self.measured + self.without;
        match (all, self.without) {
            (1, _) => String::new(),
            (_, 0) => format!(" (the first of {})", count(all, "case")),
            (_, without) if without == all => {
                format!(" (the first of {}, none with a speed)", count(all, "case"))
            }
            (_, without) => format!(
                " (the first of {}, {without} of them without a speed)",
                count(all, "case")
            ),
        }
    }
}

/// The flags of cases by kind.
pub(crate) fn flagged<'a>(
    cases: impl IntoIterator<Item = &'a CaseResult>,
) -> BTreeMap<FlagKind, Flagged<'a>> {
    let mut kinds: BTreeMap<FlagKind, Flagged<'a>> = BTreeMap::new();
    for result in cases {
        let is_measured = result.outcome.is_ok();
        let mut counted = Vec::new();
        for flag in &result.flags {
            if counted.contains(&flag.kind) {
                continue;
            }
            counted.push(flag.kind);
            let known = kinds.entry(flag.kind).or_insert(Flagged {
                message: &flag.message,
                measured: 0,
                without: 0,
            });
            if is_measured && known.measured == 0 {
                known.message = &flag.message;
            }
            match is_measured {
                true => known.measured += 1,
                false => known.without += 1,
            }
        }
    }
    kinds
}
