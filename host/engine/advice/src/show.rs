//! Numbers with their units as people read them, and the text of a rule with its names filled in.

use benchhost_record::format_quantity;

/// Unit of a share of 0–1, shown in per cent.
pub(crate) const SHARE: &str = "%";

/// Unit of a change as a share of what was before: in per cent, from a tenfold value on as a factor, as tables have it.
pub(crate) const CHANGE: &str = "% of the value before";

/// What stands where a text asks for something that is not known.
const NOTHING: &str = "–";

/// Longer times than this many ns are shown in a larger unit than seconds.
const TIMES: [(f64, f64, &str); 3] = [
    (2.0 * 86_400e9, 86_400e9, "d"),
    (2.0 * 3600e9, 3600e9, "h"),
    (120e9, 60e9, "min"),
];

/// `value` with its unit.
pub(crate) fn number(value: f64, unit: &str) -> String {
    if unit == CHANGE && value >= 9.0 {
        return format!("×{}", format_quantity(1.0 + value, "1"));
    }
    if unit == CHANGE {
        return number(value, SHARE);
    }
    // Nobody reads thousands of per cent.
    if unit == SHARE && value.abs() >= 10.0 {
        return format!("{} times", format_quantity(value, "1"));
    }
    if unit == SHARE {
        return format!(
            "{} %",
            format_quantity((1000.0 * value).round() / 10.0, "1")
        );
    }
    if unit == "ns"
        && let Some((_, size, name)) = TIMES.iter().find(|(from, ..)| value >= *from)
    {
        return format!(
            "{} {name}",
            format_quantity((10.0 * value / size).round() / 10.0, "1")
        );
    }
    // `1 case`, `2 cases`: units that are words of their own.
    let is_word = unit.len() > 2 && unit.ends_with('s') && !unit.contains('/');
    let singular = unit.strip_suffix('s').filter(|_| is_word && value == 1.0);
    format_quantity(value, singular.unwrap_or(unit))
}

/// A number in a sentence: worse by a factor of 12.5, not by ×12.5.
pub(crate) fn in_sentence(number: &str) -> String {
    match number.strip_prefix('×') {
        Some(factor) => format!("a factor of {factor}"),
        None => number.to_owned(),
    }
}

/// Names in braces.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    parts
        .map(|part| part.split('}').next().unwrap_or_default())
        .collect()
}

/// Whether every brace is closed and holds a name.
pub(crate) fn is_well_formed(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && name.chars().all(is_part)
    };
    let mut parts = text.split('{');
    let before = parts.next().unwrap_or_default();
    let is_closed = |part: &str| {
        part.split_once('}')
            .is_some_and(|(name, after)| is_name(name) && !after.contains('}'))
    };
    !before.contains('}') && parts.all(is_closed)
}

/// `text` with what `word` knows in the place of each name.
pub(crate) fn filled(text: &str, word: &dyn Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(&word(name).unwrap_or_else(|| NOTHING.to_owned()));
        filled.push_str(after);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_people_say_them() {
        for (value, unit, expected) in [
            (0.6128, SHARE, "61.3 %"),
            (612e6, "ns", "612 ms"),
            (117.0, SHARE, "117 times"),
            (121.5, CHANGE, "×122.5"),
            (9.0, CHANGE, "×10"),
            (0.2, CHANGE, "20 %"),
            (9.2 * 86_400e9, "ns", "9.2 d"),
            (1920e9, "ns", "32 min"),
            (1.0, "cases", "1 case"),
            (3.0, "cases", "3 cases"),
            (0.0, "baselines", "0 baselines"),
            (1.0, "1", "1"),
        ] {
            assert_eq!(number(value, unit), expected);
        }
    }

    #[test]
    fn names_in_braces_are_filled_in_and_nothing_else() {
        let word = |name: &str| (name == "value").then(|| "5 {x} ms".to_owned());

        assert_eq!(filled("a {value} b {other}", &word), "a 5 {x} ms b –");
        assert_eq!(placeholders("a {value} b {other}"), ["value", "other"]);
        for text in ["{", "}", "{a b}", "{}", "a } b", "{a}}"] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert!(is_well_formed("a {cpu-time} and {share.prepare}"));
    }
}
