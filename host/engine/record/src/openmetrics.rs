//! Words that OpenMetrics allows in names, for metrics and units of ours. What a family is called as a whole, and in which unit
//! its values are, is decided by those who write such text.
//!
//! Source: OpenMetrics 1.0, sections "Metric Naming and Namespaces" and "Units and Base Units".

/// Letters, digits and single underscores; never empty.
///
/// ```
/// assert_eq!(benchhost_record::openmetrics::word("time.forward"), "time_forward");
/// ```
#[must_use]
pub fn word(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c);
        } else if !word.is_empty() && !word.ends_with('_') {
            word.push('_');
        }
    }
    let word = word.trim_end_matches('_');
    if word.is_empty() {
        "unnamed".to_owned()
    } else {
        word.to_owned()
    }
}

/// A base unit in the words of the format, `samples/s` as `samples_per_second`; empty for plain numbers.
///
/// ```
/// assert_eq!(benchhost_record::openmetrics::unit("s"), "seconds");
/// assert_eq!(benchhost_record::openmetrics::unit("1"), "");
/// ```
#[must_use]
pub fn unit(base: &str) -> String {
    let known = match base {
        "" | "1" => "",
        "s" => "seconds",
        "B" => "bytes",
        "J" => "joules",
        "W" => "watts",
        "%" => "percent",
        "B/s" => "bytes_per_second",
        _ => return rate(base),
    };
    known.to_owned()
}

fn rate(unit: &str) -> String {
    match unit.rsplit_once('/') {
        Some((what, "s" | "sec" | "second")) => format!("{}_per_second", word(what)),
        Some((what, per)) => format!("{}_per_{}", word(what), word(per)),
        None => word(unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_there_is_becomes_a_word() {
        for (text, expected) in [
            ("peak-memory", "peak_memory"),
            ("__a--b..", "a_b"),
            ("=cmd()", "cmd"),
            ("数据", "unnamed"),
            ("", "unnamed"),
        ] {
            assert_eq!(word(text), expected);
        }
        for (base, expected) in [
            ("B/s", "bytes_per_second"),
            ("tokens/sec", "tokens_per_second"),
            ("allocs/op", "allocs_per_op"),
            ("a/b/s", "a_b_per_second"),
            ("nat", "nat"),
            ("/", "unnamed_per_unnamed"),
        ] {
            assert_eq!(unit(base), expected);
        }
    }
}
