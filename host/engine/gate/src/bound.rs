//! An absolute bound: `<= 250ms`.

use std::fmt;

use benchhost_record::Quantity;

/// Which side of a bound is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Below,
    AtMost,
    Above,
    AtLeast,
}

const RELATIONS: [(&str, Relation); 4] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Below),
    (">", Relation::Above),
];

/// Decimal numbers are no binary ones: what differs by less, as a share, is equal.
pub(crate) const ROUNDING: f64 = 1e-12;

/// A bound with its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    relation: Relation,
    quantity: Quantity,
    text: String,
}

impl Bound {
    /// Reads `<= 250ms`, `> 0.9`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, relation) = RELATIONS
            .into_iter()
            .find(|(sign, _)| text.starts_with(sign))?;
        Some(Self {
            relation,
            quantity: Quantity::parse(&text[sign.len()..])?,
            text: text.to_owned(),
        })
    }

    /// At most `text`, a quantity.
    #[must_use]
    pub fn at_most(text: &str) -> Option<Self> {
        Self::parse(&format!("<= {text}"))
    }

    /// At least `text`, a quantity.
    #[must_use]
    pub fn at_least(text: &str) -> Option<Self> {
        Self::parse(&format!(">= {text}"))
    }

    /// The bound in `unit`; a bound without unit is in the metric's. `None` when the units do not match.
    #[must_use]
    pub fn in_unit(&self, unit: &str) -> Option<f64> {
        if self.quantity.unit.is_empty() {
            return Some(self.quantity.value);
        }
        self.quantity.in_unit(unit)
    }

    /// Whether `value` is on the good side of `bound`. Never true for NaN. A value that differs from the bound by
    /// rounding alone is on it: 70 % is .7.
    #[must_use]
    pub fn holds(&self, value: f64, bound: f64) -> bool {
        let slack = ROUNDING * bound.abs();
        match self.relation {
            Relation::Below => value < bound - slack,
            Relation::AtMost => value <= bound + slack,
            Relation::Above => value > bound + slack,
            Relation::AtLeast => value >= bound - slack,
        }
    }

    /// Whether it is a limit from above, `<=` or `<`.
    #[must_use]
    pub fn is_upper(&self) -> bool {
        matches!(self.relation, Relation::Below | Relation::AtMost)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
