//! A number with a unit, as people write it, and the same number in another unit of its kind.

/// Units of one kind: name and size in the smallest. The first is what a value is kept in.
const KINDS: &[&[(&str, f64)]] = &[
    &[
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("μs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("sec", 1e9),
        ("second", 1e9),
        ("seconds", 1e9),
        ("m", 60e9),
        ("min", 60e9),
        ("h", 3600e9),
        ("d", 86_400e9),
    ],
    &[
        ("B", 1.0),
        ("bytes", 1.0),
        ("kB", 1e3),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TiB", 1_099_511_627_776.0),
    ],
    &[("1", 1.0), ("", 1.0), ("%", 0.01)],
    &[
        ("J", 1.0),
        ("mJ", 1e-3),
        ("kJ", 1e3),
        ("Wh", 3600.0),
        ("kWh", 3.6e6),
    ],
];

/// Prefixes of units of counting.
const PREFIXES: [(&str, f64); 4] = [("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];

/// A number with a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The number as it was written.
    pub value: f64,
    /// Its unit; empty when there was none.
    pub unit: String,
}

impl Quantity {
    /// Reads `250 ms`, `1.5GiB`, `70%`, `50 samples/s`, `-3`; `None` for anything that is no finite number with at most
    /// one word after it.
    ///
    /// ```
    /// use benchhost_record::Quantity;
    ///
    /// let budget = Quantity::parse("250 ms").unwrap();
    /// assert_eq!(budget.in_unit("ns"), Some(250e6));
    /// assert_eq!(budget.in_unit("B"), None);
    /// assert_eq!(Quantity::parse("25%").unwrap().in_unit("1"), Some(0.25));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(value) = compound_ns(text) {
            let unit = "ns".to_owned();
            return Some(Self { value, unit });
        }
        let end = text
            .char_indices()
            .find(|(i, c)| {
                let in_exponent = matches!(c, '+' | '-')
                    && (*i == 0 || matches!(text.as_bytes()[i - 1], b'e' | b'E'));
                let exponent = matches!(c, 'e' | 'E')
                    && text[i + 1..]
                        .starts_with(|d: char| d.is_ascii_digit() || d == '-' || d == '+')
                    && text[..*i].ends_with(|d: char| d.is_ascii_digit() || d == '.');
                !(c.is_ascii_digit() || *c == '.' || in_exponent || exponent)
            })
            .map_or(text.len(), |(i, _)| i);
        let value: f64 = text[..end].parse().ok()?;
        let unit = text[end..].trim();
        let is_unit = !unit.contains(char::is_whitespace)
            && !unit.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
        (value.is_finite() && is_unit).then(|| Self {
            value,
            unit: unit.to_owned(),
        })
    }

    /// The number in `unit`; `None` when the two units do not measure the same thing. A rate (`samples/s`) converts by its
    /// first part when what follows the `/` is the same.
    #[must_use]
    pub fn in_unit(&self, unit: &str) -> Option<f64> {
        Some(self.value * conversion(&self.unit, unit)?)
    }
}

/// A duration of several parts, like `1m30s`, in ns; `None` for anything else.
fn compound_ns(text: &str) -> Option<f64> {
    let (mut rest, mut sum, mut parts) = (text, 0.0, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, more) = after.split_at(letters.unwrap_or(after.len()));
        sum += number.parse::<f64>().ok()? * conversion(unit.trim(), "ns")?;
        (rest, parts) = (more, parts + 1);
    }
    (parts > 1).then_some(sum)
}

/// What a number in `from` is multiplied by to be in `to`; `None` when they do not measure the same thing.
#[must_use]
pub fn conversion(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    let size = |unit: &str| {
        KINDS.iter().enumerate().find_map(|(kind, units)| {
            let (_, size) = units.iter().find(|(name, _)| *name == unit)?;
            Some((kind, *size))
        })
    };
    if let (Some((one, from)), Some((other, to))) = (size(from), size(to)) {
        return (one == other).then_some(from / to);
    }
    // Units of counting take prefixes: 500 Msteps/s, 2 kitems.
    let prefixed = |one: &str, other: &str| {
        PREFIXES
            .iter()
            .find(|(prefix, _)| one.strip_prefix(prefix) == Some(other) && other.len() > 1)
            .map(|(_, factor)| *factor)
    };
    if let Some(factor) = prefixed(from, to) {
        return Some(factor);
    }
    if let Some(factor) = prefixed(to, from) {
        return Some(1.0 / factor);
    }
    let (from, per_from) = from.split_once('/')?;
    let (to, per_to) = to.split_once('/')?;
    let above = conversion(from, to)?;
    let below = conversion(per_from, per_to)?;
    Some(above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_people_write_them() {
        for (text, value, unit) in [
            ("250ms", 250.0, "ms"),
            (" 512 MiB ", 512.0, "MiB"),
            ("70 %", 70.0, "%"),
            ("1.5e3 B/s", 1500.0, "B/s"),
            ("-0.5", -0.5, ""),
            ("2e", 2.0, "e"),
            ("50 samples/s", 50.0, "samples/s"),
            ("1m30s", 90e9, "ns"),
            ("2h5min", 7.5e12, "ns"),
        ] {
            let found = Quantity::parse(text).unwrap();
            assert_eq!((found.value, found.unit.as_str()), (value, unit), "{text}");
        }
        for text in [
            "", "ms", "1 2", "1 a b", "1.2.3 s", "inf", "NaN", "1.2.3s4s",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn units_convert_within_their_kind_only() {
        assert_eq!(conversion("ms", "ns"), Some(1e6));
        assert_eq!(conversion("GiB", "MiB"), Some(1024.0));
        assert_eq!(conversion("MB/s", "B/s"), Some(1e6));
        assert_eq!(conversion("samples/min", "samples/s"), Some(1.0 / 60.0));
        assert_eq!(conversion("ms", "B"), None);
        assert_eq!(conversion("samples", "tokens"), None);
        assert_eq!(conversion("%", "1"), Some(0.01));
        assert_eq!(conversion("Msteps/s", "steps/s"), Some(1e6));
        assert_eq!(conversion("steps", "ksteps"), Some(1e-3));
        assert_eq!(conversion("Mms", "s"), None);
    }
}
