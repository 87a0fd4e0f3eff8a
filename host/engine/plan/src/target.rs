//! Bounds of metrics: `<= 200ms`, `>= 50 samples/s`.

use crate::{
    plan::{Comparison, Target},
    quantity,
};

/// What a target looks like, for error sentences.
pub(crate) const A_TARGET: &str =
    r#"a comparison (<, <=, >, >=) and a bound with its unit, like "<= 200ms""#;

/// Signs; the longer ones first, because the shorter ones begin them.
const SIGNS: [Comparison; 4] = [
    Comparison::AtMost,
    Comparison::AtLeast,
    Comparison::Below,
    Comparison::Above,
];

/// Decimal prefixes of `FLOP/s`.
const DECIMAL: &[(&str, f64)] = &[("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];

/// Reads a bound. `None` without a comparison or a finite number.
pub(crate) fn parse(text: &str, line: usize) -> Option<Target> {
    let trimmed = text.trim();
    let op = SIGNS
        .into_iter()
        .find(|op| trimmed.starts_with(op.sign()))?;
    let (value, unit) = bound(trimmed[op.sign().len()..].trim())?;
    Some(Target {
        text: text.to_owned(),
        op,
        value,
        unit,
        line,
    })
}

/// A number and its unit, in the units of the records: `ns`, `B`, `B/s`, `FLOP/s`, `1`, or as written.
fn bound(text: &str) -> Option<(f64, String)> {
    if let Some(ns) = quantity::nanoseconds(text) {
        return Some((ns as f64, "ns".to_owned()));
    }
    if let Some(bytes) = quantity::parse_size(text) {
        return Some((bytes as f64, "B".to_owned()));
    }
    if let Some(rate) = text.strip_suffix("/s").and_then(quantity::parse_size) {
        return Some((rate as f64, "B/s".to_owned()));
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    let (number, unit) = scientific(digits);
    let value: f64 = sign * number.parse::<f64>().ok().filter(|n| n.is_finite())?;
    match unit.trim() {
        "" | "1" => Some((value, "1".to_owned())),
        "%" => Some((value / 100.0, "1".to_owned())),
        unit if unit.starts_with(|c: char| c.is_alphabetic()) => Some(match flops(unit) {
            Some(factor) => (value * factor, "FLOP/s".to_owned()),
            None => (value, unit.to_owned()),
        }),
        _ => None,
    }
}

/// The number with an exponent, if there is one, and the unit after it.
fn scientific(text: &str) -> (&str, &str) {
    let (mantissa, rest) = quantity::split_number(text);
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return (mantissa, rest);
    };
    let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = signed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(signed.len());
    if digits == 0 {
        return (mantissa, rest);
    }
    text.split_at(text.len() - signed.len() + digits)
}

fn flops(unit: &str) -> Option<f64> {
    let prefix = unit.strip_suffix("FLOP/s")?;
    DECIMAL
        .iter()
        .find(|(name, _)| *name == prefix)
        .map(|(_, factor)| *factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_come_in_the_units_of_the_records() {
        for (text, op, value, unit) in [
            ("<= 200ms", Comparison::AtMost, 2e8, "ns"),
            ("<2 GiB", Comparison::Below, 2_147_483_648.0, "B"),
            (">= 100 MB/s", Comparison::AtLeast, 1e8, "B/s"),
            (">= 50 samples/s", Comparison::AtLeast, 50.0, "samples/s"),
            ("> 1.5 GFLOP/s", Comparison::Above, 1.5e9, "FLOP/s"),
            (">= 80%", Comparison::AtLeast, 0.8, "1"),
            ("<= 2.5 nat", Comparison::AtMost, 2.5, "nat"),
            ("<= 1e-3", Comparison::AtMost, 1e-3, "1"),
            (">= -1", Comparison::AtLeast, -1.0, "1"),
        ] {
            let target = parse(text, 7).unwrap();

            assert_eq!(
                (target.op, target.value, target.unit.as_str()),
                (op, value, unit)
            );
            assert_eq!((target.text.as_str(), target.line), (text, 7));
        }
    }

    #[test]
    fn a_bound_without_comparison_or_number_is_none() {
        for text in [
            "200ms",
            "= 5",
            "<=",
            "<= fast",
            "<= 1..2 s",
            "<= 5 ?",
            "",
            ">= inf",
            "<= 1e999",
        ] {
            assert_eq!(parse(text, 1), None, "{text:?}");
        }
    }

    #[test]
    fn no_comparison_holds_for_nan() {
        for op in SIGNS {
            assert!(!op.holds(f64::NAN, 1.0));
        }
        assert!(Comparison::AtMost.holds(1.0, 1.0) && !Comparison::Below.holds(1.0, 1.0));
    }
}
