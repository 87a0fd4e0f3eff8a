//! Units as OpenTelemetry writes them: the Unified Code for Units of Measure (UCUM), with words in braces.
//!
//! <https://opentelemetry.io/docs/specs/semconv/general/metrics/#instrument-units>

use benchhost_record::conversion;

/// Base units, as we write them and as UCUM does.
const BASES: [(&str, &str); 4] = [("s", "s"), ("B", "By"), ("J", "J"), ("1", "1")];

/// Units that UCUM knows; those with another name there.
const KNOWN: [(&str, &str); 12] = [
    ("W", "W"),
    ("mW", "mW"),
    ("g", "g"),
    ("kg", "kg"),
    ("V", "V"),
    ("A", "A"),
    ("Hz", "Hz"),
    ("kHz", "kHz"),
    ("MHz", "MHz"),
    ("GHz", "GHz"),
    ("bit", "bit"),
    ("°C", "Cel"),
];

/// The unit of UCUM for `unit`, and what a value is multiplied by to be in it.
pub(super) fn ucum(unit: &str) -> (String, f64) {
    for (ours, theirs) in BASES {
        if let Some(factor) = conversion(unit, ours) {
            return (theirs.to_owned(), factor);
        }
    }
    if let Some((_, theirs)) = KNOWN.iter().find(|(ours, _)| *ours == unit) {
        return ((*theirs).to_owned(), 1.0);
    }
    if let Some((above, below)) = unit.split_once('/')
        && !below.is_empty()
    {
        let (above, times) = ucum(above);
        let (below, by) = ucum(below);
        return (format!("{above}/{below}"), times / by);
    }
    (format!("{{{}}}", word(unit)), 1.0)
}

/// What may stand in braces: ASCII without braces.
fn word(unit: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_graphic() && !matches!(c, '{' | '}') {
            c
        } else {
            '_'
        }
    };
    unit.chars().take(60).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_ucum_and_values_follow() {
        for (unit, expected, factor) in [
            ("ns", "s", 1e-9),
            ("ms", "s", 1e-3),
            ("B", "By", 1.0),
            ("MiB", "By", 1_048_576.0),
            ("bytes", "By", 1.0),
            ("B/s", "By/s", 1.0),
            ("J", "J", 1.0),
            ("kWh", "J", 3.6e6),
            ("J/item", "J/{item}", 1.0),
            ("1", "1", 1.0),
            ("", "1", 1.0),
            ("%", "1", 0.01),
            ("1/s", "1/s", 1.0),
            ("samples/s", "{samples}/s", 1.0),
            ("samples/ms", "{samples}/s", 1e3),
            ("FLOP/s", "{FLOP}/s", 1.0),
            ("°C", "Cel", 1.0),
            ("nat", "{nat}", 1.0),
            ("a{b}\n\u{202e}", "{a_b___}", 1.0),
        ] {
            let (found, times) = ucum(unit);
            assert_eq!(found, expected, "{unit:?}");
            assert!((times / factor - 1.0).abs() < 1e-12, "{unit:?}: {times}");
        }
    }
}
