//! Numbers that carry their unit, and one way of showing them to people.

use std::fmt;

/// A duration in nanoseconds; shows itself with a fitting unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nanos(pub u64);

/// An amount of memory in bytes; shows itself with a binary prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_quantity(self.0 as f64, "ns"))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_quantity(self.0 as f64, "B"))
    }
}

/// `value` with its unit for people: four significant figures at most, times scaled from ps to s, `B` and `B/s` with binary
/// prefixes, rates per second with decimal ones, the unit `1` left out.
///
/// ```
/// use benchhost_record::format_quantity;
///
/// assert_eq!(format_quantity(1_234_567.0, "ns"), "1.235 ms");
/// assert_eq!(format_quantity(3.0 * 1024.0 * 1024.0, "B"), "3 MiB");
/// assert_eq!(format_quantity(25_300.0, "samples/s"), "25.3 ksamples/s");
/// assert_eq!(format_quantity(0.5, "1"), "0.5");
/// assert_eq!(format_quantity(0.000_25, "s"), "250 µs");
/// ```
#[must_use]
pub fn format_quantity(value: f64, unit: &str) -> String {
    // Other tools write times in other units: they are read as ours are.
    let (value, unit) = match unit {
        "s" => (value * 1e9, "ns"),
        "ms" => (value * 1e6, "ns"),
        "us" | "µs" => (value * 1e3, "ns"),
        _ => (value, unit),
    };
    const TIME: &[(f64, &str)] = &[
        (1e9, "s"),
        (1e6, "ms"),
        (1e3, "µs"),
        (1.0, "ns"),
        (1e-3, "ps"),
    ];
    const BINARY: &[(f64, &str)] = &[
        (1_099_511_627_776.0, "Ti"),
        (1_073_741_824.0, "Gi"),
        (1_048_576.0, "Mi"),
        (1024.0, "Ki"),
        (1.0, ""),
    ];
    const DECIMAL: &[(f64, &str)] = &[(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
    const SMALL: &[(f64, &str)] = &[
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
        (1e-9, "n"),
        (1e-12, "p"),
    ];
    if !value.is_finite() {
        return format!("{value} {unit}").trim_end().to_owned();
    }
    match unit {
        "ns" => {
            let (number, prefix) = scaled(value, TIME);
            format!("{number} {prefix}")
        }
        "B" | "B/s" => {
            let (number, prefix) = scaled(value, BINARY);
            format!("{number} {prefix}{unit}")
        }
        "J" | "W" | "g" => {
            let (number, prefix) = scaled(value, SMALL);
            format!("{number} {prefix}{unit}")
        }
        "1" | "" => significant(value),
        "1/s" => format!("{}/s", significant(value)),
        _ if unit.ends_with("/s") => {
            let (number, prefix) = scaled(value, DECIMAL);
            format!("{number} {prefix}{unit}")
        }
        _ => format!("{} {unit}", significant(value)),
    }
}

fn scaled<'a>(value: f64, scale: &[(f64, &'a str)]) -> (String, &'a str) {
    let smallest = if value == 0.0 {
        (1.0, unit_of_one(scale))
    } else {
        scale[scale.len() - 1]
    };
    let (factor, prefix) = scale
        .iter()
        .find(|(factor, _)| value.abs() >= *factor)
        .copied()
        .unwrap_or(smallest);
    (significant(value / factor), prefix)
}

fn unit_of_one<'a>(scale: &[(f64, &'a str)]) -> &'a str {
    scale
        .iter()
        .find(|(factor, _)| *factor == 1.0)
        .map_or("", |(_, prefix)| prefix)
}

/// Four significant figures, without trailing zeros.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..=8).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (3 - magnitude).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_show_a_fitting_unit() {
        for (value, unit, expected) in [
            (0.0, "ns", "0 ns"),
            (0.25, "ns", "250 ps"),
            (999.0, "ns", "999 ns"),
            (60e9, "ns", "60 s"),
            (1536.0, "B", "1.5 KiB"),
            (-2048.0, "B", "-2 KiB"),
            (1e9, "FLOP/s", "1 GFLOP/s"),
            (0.0042, "J", "4.2 mJ"),
            (2.5e-7, "g", "250 ng"),
            (1200.0, "W", "1.2 kW"),
            (0.8125, "1", "0.8125"),
            (2.7726, "nat", "2.773 nat"),
            (f64::NAN, "B", "NaN B"),
        ] {
            assert_eq!(format_quantity(value, unit), expected);
        }
    }
}
