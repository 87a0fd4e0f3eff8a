//! Axes written as a range: `{ from = 1, to = 64, factor = 2 }` or `{ from = 0, to = 1, step = 0.25 }`.

use benchhost_record::ParamValue;

use crate::{
    error::Error,
    expand::MOST_CASES,
    read::{
        fields::{Fields, Item},
        sweep::AN_AXIS,
    },
};

const A_RANGE: &str = "a range with `from`, `to` and either `factor` or `step`";
pub(crate) const PARTS: &[&str] = &["from", "to", "factor", "step"];

/// Values from `from` to `to`, both included, each `factor` times or `step` more than the one before. They are whole
/// if all that is written is.
pub(crate) fn range(item: &Item<'_>, key: &str) -> Result<Vec<ParamValue>, Error> {
    if matches!(key, "device" | "dtype" | "instances-mode") {
        return Err(item.unexpected("a list of names"));
    }
    let name = format!("axis `{key}`");
    let fields = Fields::of(item, &name, &format!("{}.", item.path), AN_AXIS)?.only(PARTS)?;
    let from = above(&fields, "from", f64::NEG_INFINITY)?;
    let to = above(&fields, "to", f64::NEG_INFINITY)?;
    let factor = above(&fields, "factor", 1.0)?;
    let step = above(&fields, "step", 0.0)?;
    let (Some(from), Some(to)) = (from, to) else {
        return Err(item.unexpected(A_RANGE));
    };
    let whole = fields.iter().all(|(_, _, part)| part.value.is_integer());
    if let Some(most) = Item::most(key)
        && (!whole || from < 1.0 || to > f64::from(most))
    {
        return Err(item.unexpected(&format!("a range of whole numbers from 1 to {most}")));
    }
    let terms = match (factor, step) {
        (Some(factor), None) if from > 0.0 => series(from, to, |_, x| x * factor),
        (Some(_), None) => {
            let start = fields.require("from", A_RANGE)?;
            return Err(start.unexpected("a number above 0, because `factor` multiplies"));
        }
        (None, Some(step)) => series(from, to, |i, _| from + i as f64 * step),
        _ => return Err(item.unexpected(A_RANGE)),
    };
    let value = |x: f64| match whole && key != "offered-load" {
        true => ParamValue::Int(x as i64),
        false => ParamValue::Float(decimal(x)),
    };
    Ok(terms.into_iter().map(value).collect())
}

/// A part of the range, which must be a finite number above `bound`.
fn above(fields: &Fields<'_>, part: &str, bound: f64) -> Result<Option<f64>, Error> {
    fields.read(part, |item| {
        let number = item.number().filter(|n| *n > bound);
        number.ok_or_else(|| {
            item.unexpected(&if bound.is_finite() {
                format!("a number above {bound}")
            } else {
                "a finite number".to_owned()
            })
        })
    })
}

/// Terms up to `to`, with room for rounding at the end; one more than can be used at most.
fn series(from: f64, to: f64, next: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let slack = to.abs() * 1e-12;
    let mut terms = Vec::new();
    let mut x = from;
    while x <= to + slack && terms.len() <= MOST_CASES {
        terms.push(x);
        x = next(terms.len(), x);
    }
    terms
}

/// The number with twelve significant digits: 0.3, not 0.30000000000000004, which would be part of a case's id.
fn decimal(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}
