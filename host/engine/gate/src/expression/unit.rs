//! Units of expressions: a time is compared with a time, a size with a size. What is open, a plain number or a name of which
//! nothing is known yet, fits everything; products and quotients of different units are open as well.

use benchhost_record::{Metric, MetricKind, conversion, names};

use super::{BASES, Expression, Node, Operator, binds};

/// What is wrong, and at which character, from 1.
type Clash = (String, usize);

/// What a part is in; `None` where it is open.
type Unit = Option<String>;

/// The unit that expressions know a metric's value in: ns, B, J, 1 or B/s where that can be, else the metric's own. Words for
/// what is counted, like `threads`, are numbers.
#[must_use]
pub fn unit_in_expressions(unit: &str) -> String {
    let base = BASES
        .into_iter()
        .find(|base| conversion(unit, base).is_some());
    let is_rate = unit.contains('/');
    let is_word = unit.chars().take_while(|c| c.is_alphabetic()).count() > 2 && !is_rate;
    match base {
        Some(base) => base.to_owned(),
        None if is_word || unit.starts_with('%') => "1".to_owned(),
        None => unit.to_owned(),
    }
}

/// The unit of a metric that the host itself measures; `None` where it is chosen by a plugin.
#[must_use]
pub fn usual_unit(name: &str) -> Option<&'static str> {
    match name {
        names::TIME | names::LATENCY | names::CPU_TIME | names::SETUP_TIME | names::WALL_TIME => {
            Some("ns")
        }
        names::PEAK_MEMORY | names::MEMORY_GROWTH => Some("B"),
        names::BANDWIDTH => Some("B/s"),
        names::FAIRNESS => Some("1"),
        name if name.starts_with(names::PHASE_PREFIX) => Some("ns"),
        _ => None,
    }
}

/// The unit of every metric of a kind; `None` where it can be any.
#[must_use]
pub fn unit_of_kind(kind: MetricKind) -> Option<&'static str> {
    match kind {
        MetricKind::Time => Some("ns"),
        MetricKind::Memory => Some("B"),
        MetricKind::Energy => Some("J"),
        MetricKind::Ratio => Some("1"),
        MetricKind::Throughput | MetricKind::Quality | MetricKind::Count => None,
    }
}

impl Expression {
    /// Whether all that is compared or added is of one unit; `unit_of` says the unit of a name where it is known.
    ///
    /// # Errors
    /// Both sides with their units, what to write instead, and at which character, from 1.
    pub fn has_units(
        &self,
        unit_of: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), (String, usize)> {
        self.root.unit(unit_of).map(|_| ())
    }

    /// The same for a metric: its own names and those of its past are in its unit.
    pub(crate) fn has_units_of(&self, metric: &Metric) -> Result<(), (String, usize)> {
        self.has_units(&|name| {
            let is_its = super::means(name, metric) || super::KNOWN.contains(&name);
            is_its.then(|| unit_in_expressions(&metric.unit))
        })
    }
}

impl Node {
    fn unit(&self, unit_of: &dyn Fn(&str) -> Option<String>) -> Result<Unit, Clash> {
        Ok(match self {
            Self::Number(number) => number.base.map(str::to_owned),
            Self::Name(name) => unit_of(name),
            Self::Negative(inner) => inner.unit(unit_of)?,
            Self::Not(inner) => {
                inner.unit(unit_of)?;
                None
            }
            Self::Call(function, arguments) => {
                let (first, second) = (&arguments[0], arguments.get(1));
                let unit = first.unit(unit_of)?;
                match (function.as_str(), second) {
                    ("growth", Some(past)) => looks_back(past, unit_of)?,
                    ("min" | "max", Some(other)) => {
                        return one_unit((first, unit), (other, other.unit(unit_of)?), 1);
                    }
                    _ => {}
                }
                unit
            }
            Self::Binary(..) => {
                let (first, rest) = self.chain();
                let mut unit = first.unit(unit_of)?;
                let mut left = first;
                for node in rest {
                    if let Self::Binary(operator, _, right, at) = node {
                        let other = right.unit(unit_of)?;
                        unit = joined(*operator, (left, unit), (right, other), *at)?;
                    }
                    left = node;
                }
                unit
            }
        })
    }

    /// What a chain like `a + b + c` begins with, and its operations from the left: it can be long, and must not be walked by
    /// calls.
    fn chain(&self) -> (&Self, Vec<&Self>) {
        let (mut first, mut rest) = (self, Vec::new());
        while let Self::Binary(_, left, ..) = first {
            rest.push(first);
            first = left;
        }
        rest.reverse();
        (first, rest)
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// As it was written, more or less.
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.text.clone(),
            Self::Name(name) => name.clone(),
            Self::Negative(inner) => format!("-{}", inner.text()),
            Self::Not(inner) => format!("not {}", inner.text()),
            Self::Call(function, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Self::text).collect();
                format!("{function}({})", arguments.join(", "))
            }
            Self::Binary(..) => {
                let (first, rest) = self.chain();
                let mut text = first.text();
                for node in rest {
                    if let Self::Binary(operator, _, right, _) = node {
                        let mut known = super::OPERATORS.iter();
                        let sign = known.find(|(_, known, _)| known == operator);
                        let sign = sign.map_or("", |(sign, ..)| sign);
                        let right = match **right {
                            Self::Binary(..) => format!("({})", right.text()),
                            _ => right.text(),
                        };
                        text.push_str(&format!(" {sign} {right}"));
                    }
                }
                text
            }
        }
    }
}

/// The unit of what an operator makes of two parts.
fn joined(
    operator: Operator,
    (left, one): (&Node, Unit),
    (right, other): (&Node, Unit),
    at: usize,
) -> Result<Unit, Clash> {
    Ok(match operator {
        Operator::Or | Operator::And => None,
        Operator::Plus | Operator::Minus => one_unit((left, one), (right, other), at)?,
        Operator::Times => match (one, other) {
            (unit, Some(plain)) | (Some(plain), unit) if plain == "1" => unit,
            // `baseline * 1.3`: a number without unit changes none.
            (unit, None) if right.is_number() => unit,
            (None, unit) if left.is_number() => unit,
            _ => None,
        },
        Operator::Over => match (one, other) {
            (Some(one), Some(other)) if one == other => Some("1".to_owned()),
            (unit, Some(plain)) if plain == "1" => unit,
            (unit, None) if right.is_number() => unit,
            _ => None,
        },
        _ => {
            debug_assert_eq!(binds(operator), 3, "what is left compares");
            one_unit((left, one), (right, other), at)?;
            None
        }
    })
}

/// Letters of a part that a message repeats.
const MOST_SHOWN: usize = 60;

/// A part for a message, not endless.
fn shown(node: &Node) -> String {
    let text = node.text();
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The unit of two parts that must have the same.
fn one_unit(left: (&Node, Unit), right: (&Node, Unit), at: usize) -> Result<Unit, Clash> {
    let (one, other) = match (left.1, right.1) {
        (None, unit) | (unit, None) => return Ok(unit),
        (Some(one), Some(other)) if one == other => return Ok(Some(one)),
        (Some(one), Some(other)) => (one, other),
    };
    // What is written as a number is the easier to change.
    let (asked, at) = match (left.0, right.0) {
        (_, Node::Number(number)) => (&one, number.at),
        (Node::Number(number), _) => (&other, number.at),
        _ => (&one, at),
    };
    let message = format!(
        "{} cannot be compared with {}: `{}` is in {one} and `{}` in {other}; write {}, or ask for another metric,",
        kind(&one),
        kind(&other),
        shown(left.0),
        shown(right.0),
        example(asked)
    );
    Err((message, at))
}

/// What `growth` looks back over is a time.
fn looks_back(past: &Node, unit_of: &dyn Fn(&str) -> Option<String>) -> Result<(), Clash> {
    let at = match past {
        Node::Number(number) => number.at,
        _ => 1,
    };
    match past.unit(unit_of)? {
        Some(unit) if unit != "ns" => {
            let past = shown(past);
            Err((
                format!(
                    "growth() looks back over a time, and `{past}` is in {unit}; write a time, like `1h`,"
                ),
                at,
            ))
        }
        _ => Ok(()),
    }
}

fn kind(unit: &str) -> String {
    match unit {
        "ns" => "a time".to_owned(),
        "B" => "a size".to_owned(),
        "J" => "an energy".to_owned(),
        "1" => "a number or share".to_owned(),
        "B/s" => "a bandwidth".to_owned(),
        other => format!("a value in {other}"),
    }
}

fn example(unit: &str) -> String {
    match unit {
        "ns" => "a time, like `10ms`".to_owned(),
        "B" => "a size, like `10MB`".to_owned(),
        "J" => "an energy, like `5J`".to_owned(),
        "1" => "a number or a share, like `0.9` or `90%`".to_owned(),
        "B/s" => "a bandwidth, like `100MB/s`".to_owned(),
        other => format!("a number without a unit, which is then in {other}"),
    }
}
