//! Names of cases as labels: harmless, without what all of them share, and short.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use benchhost_record::CaseResult;
use benchhost_report::harmless;

/// Longest unit that is written in full; a plugin may call anything a unit.
const UNIT_CHARS: usize = 16;

/// `text` without control characters, marks that turn the direction of writing, and characters that XML forbids.
pub(crate) fn clean(text: &str) -> String {
    let is_mark = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    harmless(text).chars().filter(|c| !is_mark(*c)).collect()
}

/// Where a text that is too long loses letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    End,
    Start,
    Middle,
}

impl Cut {
    /// Every way, the one that is best to read first.
    pub(crate) const ALL: [Self; 3] = [Self::End, Self::Start, Self::Middle];

    /// `text` with at most `most` characters, of which one says that there were more.
    pub(crate) fn of(self, text: &str, most: usize) -> String {
        let all = text.chars().count();
        if all <= most {
            return text.to_owned();
        }
        let kept = most.saturating_sub(1);
        let letters = || text.chars();
        match self {
            Self::End => letters().take(kept).chain(['…']).collect(),
            Self::Start => ['…']
                .into_iter()
                .chain(letters().skip(all - kept))
                .collect(),
            Self::Middle => short(text, most),
        }
    }
}

/// `names` without the words that all of them begin with.
pub(crate) fn without_head(names: &[&str]) -> Vec<String> {
    let first = names.first().copied().unwrap_or_default();
    let shared = |name: &str| {
        let same = first.chars().zip(name.chars()).take_while(|(a, b)| a == b);
        same.map(|(c, _)| c.len_utf8()).sum::<usize>()
    };
    let shared = names.iter().map(|name| shared(name)).min().unwrap_or(0);
    let word = first[..shared].rfind([' ', '/']).map_or(0, |end| end + 1);
    let rest = names.iter().map(|name| match (word, &name[word..]) {
        (0, name) => name.to_owned(),
        (_, "") => (*name).to_owned(),
        (_, rest) => format!("…{rest}"),
    });
    rest.collect()
}

/// `text` with at most `most` characters: of a longer one both ends are left.
pub(crate) fn short(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= most {
        return text.to_owned();
    }
    let head = most.saturating_sub(1).div_ceil(2);
    let tail = most.saturating_sub(1) - head;
    let ends = chars[..head].iter().chain(['…'].iter());
    ends.chain(&chars[chars.len() - tail..]).collect()
}

/// Fewest and most characters of keys that [`with_short_keys`] is tried with.
pub(crate) const KEEPS: RangeInclusive<usize> = 3..=24;

/// `text` with every key cut to `keep` characters, and everything else whole: `contention batch=8` as `contention bat…=8`.
pub(crate) fn with_short_keys(text: &str, keep: usize) -> String {
    let words = text.split(' ').map(|word| match word.split_once('=') {
        Some((key, value)) => format!("{}={value}", begun(key, keep)),
        None => word.to_owned(),
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The beginning of `text`; keys are told apart by it.
fn begun(text: &str, keep: usize) -> String {
    match text.char_indices().nth(keep + 1) {
        Some(_) => text.chars().take(keep).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// A unit, cleaned and cut.
pub(crate) fn unit(text: &str) -> String {
    let text = clean(text);
    match text.char_indices().nth(UNIT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whether a unit is short enough, and known well enough, to stand beside every number of an axis.
pub(crate) fn is_on_axis(unit: &str) -> bool {
    matches!(
        unit,
        "ns" | "B" | "B/s" | "J" | "W" | "g" | "°C" | "MHz" | "1" | "" | "%" | "×"
    )
}

/// The unit in brackets, for titles; nothing where each number of the axis has it, or for a plain number.
pub(crate) fn in_brackets(text: &str) -> String {
    if is_on_axis(text) {
        return String::new();
    }
    format!(" [{}]", unit(text))
}

/// A label for each case, and what all of them share.
pub(crate) fn of_cases(cases: &[&CaseResult]) -> (Vec<String>, String) {
    let ids: Vec<&str> = cases.iter().map(|case| case.case.id.as_str()).collect();
    let (labels, shared) = of_ids(&ids);
    let twice = |one: &String| labels.iter().filter(|other| *other == one).count() > 1;
    let named = labels
        .iter()
        .zip(cases)
        .map(|(label, case)| match twice(label) {
            true => format!("{}: {label}", clean(&case.case.benchmark)),
            false => label.clone(),
        });
    (named.collect(), shared)
}

/// A label for the name of each case, and what all of them share.
pub(crate) fn of_ids(ids: &[&str]) -> (Vec<String>, String) {
    let parts: Vec<(String, BTreeMap<String, String>)> = ids.iter().map(|id| split(id)).collect();
    let mut values: BTreeMap<&str, BTreeMap<&str, BTreeSet<Option<&str>>>> = BTreeMap::new();
    for (workload, params) in &parts {
        values
            .entry(workload)
            .or_default()
            .extend(params.keys().map(|key| (key.as_str(), BTreeSet::new())));
    }
    for (workload, params) in &parts {
        for (key, seen) in values.entry(workload).or_default() {
            seen.insert(params.get(*key).map(String::as_str));
        }
    }
    let is_alone = values.len() == 1;
    let varies = |workload: &str, key: &str| values[workload][key].len() > 1;
    let label = |(workload, params): &(String, BTreeMap<String, String>)| {
        let own = params.iter().filter(|(key, _)| varies(workload, key));
        let own: Vec<String> = own.map(|(key, value)| format!("{key}={value}")).collect();
        match (is_alone, own.is_empty()) {
            (true, false) => own.join(" "),
            (false, false) => format!("{workload} {}", own.join(" ")),
            (_, true) => workload.clone(),
        }
    };
    let shared = match parts.first() {
        Some((workload, params)) if is_alone && ids.len() > 1 => {
            let same = params.iter().filter(|(key, _)| !varies(workload, key));
            let same: Vec<String> = same.map(|(key, value)| format!("{key}={value}")).collect();
            format!("{workload}  {}", same.join(" "))
                .trim_end()
                .to_owned()
        }
        _ => String::new(),
    };
    (parts.iter().map(label).collect(), shared)
}

/// As [`of_ids`], with the workload in each.
pub(crate) fn full(ids: &[&str]) -> Vec<String> {
    let (labels, _) = of_ids(ids);
    let named = labels.into_iter().zip(ids).map(|(label, id)| {
        let (workload, _) = split(id);
        match label.starts_with(&workload) {
            true => label,
            false => format!("{workload} {label}"),
        }
    });
    named.collect()
}

/// Workload and parameters of the name of a case.
fn split(id: &str) -> (String, BTreeMap<String, String>) {
    let id = clean(id);
    let (workload, query) = id.split_once('?').unwrap_or((&id, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let params = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    (workload.to_owned(), params.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_or_break_is_gone_and_long_text_keeps_both_ends() {
        assert_eq!(clean("a\u{202e}b\u{7}c\nd\u{fffe}"), "abc d");
        assert_eq!(short("abcdefghij", 5), "ab…ij");
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(
            with_short_keys("system/contention instances-mode=copies batch=128", 5),
            "system/contention insta…=copies batch=128"
        );
        assert_eq!(unit("furlongs per fortnight"), "furlongs per for…");
        assert_eq!(in_brackets("ns") + &in_brackets("nat"), " [nat]");
    }
}
