//! `customSmallerIsBetter` and `customBiggerIsBetter` of github-action-benchmark: an array of
//! `{name, unit, value, range?, extra?}`.
//!
//! The file does not say which of the two it is; the format asked for does. One bench is also what `data.js` holds.

use benchhost_record::Direction;

use crate::{
    Entry, Error, Format, Import,
    json::{Json, Node},
    unit,
};

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let direction = match into.format {
        Format::BiggerIsBetter => Direction::Higher,
        _ => Direction::Lower,
    };
    for node in root.items()? {
        let entry = bench(&node, direction, into)?;
        into.entries.push(entry);
    }
    Ok(())
}

/// One bench: metric `value`, the unit normalised, the interval from `± range`.
pub(super) fn bench(
    node: &Node<'_>,
    direction: Direction,
    into: &mut Import,
) -> Result<Entry, Error> {
    let name = node.field("name")?.text()?;
    let unit = unit::read(node.find("unit").map_or(Ok(""), |unit| unit.text())?);
    let raw = node.field("value")?;
    let value = raw.value()?.map(|value| unit.convert(value));
    if value.is_none() {
        into.skip(raw.place(), "no number");
    }
    let mut entry = Entry::new(name, "value", value).of(&unit.name, direction, unit.kind);
    let range = node.find("range").and_then(|range| range.scalar());
    if let (Json::Number(middle), Some(range)) = (raw.json(), &range) {
        entry.interval = half_width(range, *middle)
            .map(|half| (unit.convert(middle - half), unit.convert(middle + half)));
    }
    entry.label("range", range);
    entry.label("extra", node.find("extra").and_then(|extra| extra.scalar()));
    Ok(entry)
}

/// `± 329`, `+/- 1,234` and `±2.5%` as a half width in the unit of `middle`.
fn half_width(range: &str, middle: f64) -> Option<f64> {
    let text = range.trim();
    let text = text
        .strip_prefix('±')
        .or_else(|| text.strip_prefix("+/-"))?
        .trim();
    let (digits, share) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text, false),
    };
    let half: f64 = digits.replace(',', "").parse().ok()?;
    let half = if share {
        middle.abs() * half / 100.0
    } else {
        half
    };
    Some(half).filter(|half| half.is_finite() && *half >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_in_each_form_the_action_writes() {
        for (range, expected) in [
            ("± 329", Some(329.0)),
            ("+/- 1,234", Some(1234.0)),
            ("±2.5%", Some(5.0)),
            ("stddev: 0.1", None),
            ("± NaN", None),
        ] {
            assert_eq!(half_width(range, 200.0), expected, "{range}");
        }
    }
}
