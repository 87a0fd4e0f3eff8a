//! Expressions of rules: `time > baseline * 1.3 and growth(memory, 1h) > 100MB`.
//!
//! A grammar of its own because quantities with units are words in it; what it can say is arithmetic, comparison, `and`,
//! `or`, `not`, and five functions. Times are in ns, sizes in bytes, energies in J and shares as fractions while it is
//! evaluated, whatever the metrics' units.

mod parse;
mod unit;

use benchhost_record::{Metric, MetricKind};

pub use self::unit::{unit_in_expressions, unit_of_kind, usual_unit};
use crate::Class;

/// A parsed expression that is true or false.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(Number),
    Name(String),
    Call(String, Vec<Node>),
    Negative(Box<Node>),
    Not(Box<Node>),
    /// With the character where the operator stands, from 1.
    Binary(Operator, Box<Node>, Box<Node>, usize),
}

/// A number as it is written.
#[derive(Debug, Clone, PartialEq)]
struct Number {
    /// In its base.
    value: f64,
    /// One of [`BASES`]; none for a number without a unit, which is in the unit of what stands on the other side.
    base: Option<&'static str>,
    text: String,
    /// Where it stands, from 1.
    at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Or,
    And,
    Less,
    LessEqual,
    More,
    MoreEqual,
    Equal,
    Unequal,
    Plus,
    Minus,
    Times,
    Over,
}

/// Words of operators, how tightly they bind.
const OPERATORS: [(&str, Operator, u8); 12] = [
    ("or", Operator::Or, 1),
    ("and", Operator::And, 2),
    ("<=", Operator::LessEqual, 3),
    (">=", Operator::MoreEqual, 3),
    ("==", Operator::Equal, 3),
    ("!=", Operator::Unequal, 3),
    ("<", Operator::Less, 3),
    (">", Operator::More, 3),
    ("+", Operator::Plus, 4),
    ("-", Operator::Minus, 4),
    ("*", Operator::Times, 5),
    ("/", Operator::Over, 5),
];

/// What numbers are kept in while an expression is evaluated.
pub(crate) const BASES: [&str; 5] = ["ns", "B", "J", "1", "B/s"];

/// Functions and how many arguments they take.
const FUNCTIONS: [(&str, usize); 5] = [("growth", 2), ("abs", 1), ("min", 2), ("max", 2), ("p", 2)];

/// Words for what is known besides the metric itself.
pub(crate) const KNOWN: [&str; 6] = ["baseline", "previous", "median", "mean", "min", "max"];

/// Longest text, in bytes: evaluating is recursive.
const LONGEST: usize = 2000;

/// Deepest nesting of parentheses and signs.
const DEEPEST: usize = 64;

/// What an expression asks for while it is evaluated.
///
/// # Errors
/// Each says why there is no such number.
pub trait Names {
    /// Whether a name means the metric that is judged.
    fn is_own(&self, name: &str) -> bool;
    /// Value of a name, in ns, bytes or the metric's unit.
    fn value(&self, name: &str) -> Result<f64, String>;
    /// Growth of a metric over the last `ns`.
    fn growth(&self, name: &str, ns: f64) -> Result<f64, String>;
    /// Quantile `percent` of a metric.
    fn quantile(&self, name: &str, percent: f64) -> Result<f64, String>;
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong and at which character, from 1.
    pub fn parse(text: &str) -> Result<Self, (String, usize)> {
        if text.len() > LONGEST {
            let message = format!("more than {LONGEST} letters");
            return Err((message, LONGEST + 1));
        }
        let root = parse::tree(text)?;
        if !is_condition(&root) {
            return Err((
                "a comparison is expected, like `time > baseline * 1.3`,".to_owned(),
                1,
            ));
        }
        let expression = Self {
            root,
            text: text.trim().to_owned(),
        };
        // Of names nothing is known yet.
        expression.has_units(&|_| None)?;
        Ok(expression)
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true.
    ///
    /// # Errors
    /// The name that is not known here.
    pub fn holds(&self, names: &dyn Names) -> Result<bool, String> {
        Ok(self.root.evaluate(names)? != 0.0)
    }

    /// The names it uses, from the left.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Name(name) = node {
                names.push(name.as_str());
            }
        });
        names
    }

    /// The first comparison from the left: both of its sides, and whether it asks for more on the left.
    #[must_use]
    pub fn first_comparison(&self, names: &dyn Names) -> Option<(f64, f64, bool)> {
        let mut first = None;
        self.root.visit(&mut |node| {
            if let (None, Node::Binary(operator, left, right, _)) = (first, node)
                && binds(*operator) == 3
            {
                first = Some((operator, left, right));
            }
        });
        let (operator, left, right) = first?;
        let asks_for_more = matches!(operator, Operator::More | Operator::MoreEqual);
        let side = |node: &Node| node.evaluate(names).ok();
        Some((side(left)?, side(right)?, asks_for_more))
    }

    /// What the metric itself is compared with first, if it is compared at all.
    pub(crate) fn reference(&self, names: &dyn Names) -> Option<f64> {
        let is_own = |node: &Node| matches!(node, Node::Name(name) if names.is_own(name));
        let mut found = None;
        self.root.visit(&mut |node| {
            if let (None, Node::Binary(operator, left, right, _)) = (found, node)
                && binds(*operator) == 3
            {
                found = match (is_own(left), is_own(right)) {
                    (true, _) => right.evaluate(names).ok(),
                    (false, true) => left.evaluate(names).ok(),
                    (false, false) => None,
                };
            }
        });
        found
    }

    /// Whether it can be asked of a metric that the user did not name: its names mean the metric, and either the metric
    /// is one that defaults judge too or it is named in full.
    pub(crate) fn is_about(&self, metric: &Metric) -> bool {
        let mut all_known = true;
        let mut named_in_full = false;
        self.root.visit(&mut |node| {
            if let Node::Name(name) = node {
                named_in_full |= *name == metric.name;
                all_known &= means(name, metric) || KNOWN.contains(&name.as_str());
            }
        });
        // Of `value > 10MB` those in bytes are meant; where the metric is named, the units are said to be wrong.
        let fits = || self.has_units_of(metric).is_ok();
        all_known && (named_in_full || (Class::is_judged(metric) && fits()))
    }
}

/// Whether a name means the metric: its own, `value`, or the word for its kind.
pub(crate) fn means(name: &str, metric: &Metric) -> bool {
    let is_cpu = metric.name.starts_with("cpu");
    name == metric.name
        || match name {
            "value" => true,
            "latency" => metric.kind == MetricKind::Time && !is_cpu,
            "memory" => metric.kind == MetricKind::Memory,
            "throughput" => metric.kind == MetricKind::Throughput,
            "energy" => metric.kind == MetricKind::Energy,
            "cpu" => is_cpu,
            "accuracy" => metric.kind == MetricKind::Quality,
            _ => false,
        }
}

fn binds(operator: Operator) -> u8 {
    OPERATORS
        .iter()
        .find(|(_, known, _)| *known == operator)
        .map_or(0, |(_, _, tight)| *tight)
}

fn is_condition(node: &Node) -> bool {
    match node {
        Node::Binary(Operator::And | Operator::Or, left, right, _) => {
            is_condition(left) && is_condition(right)
        }
        Node::Binary(operator, left, right, _) => {
            binds(*operator) == 3 && !is_condition(left) && !is_condition(right)
        }
        Node::Not(inner) => is_condition(inner),
        _ => false,
    }
}

impl Node {
    /// Calls `see` for every node, from the left.
    fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Node)) {
        see(self);
        match self {
            Self::Number(_) | Self::Name(_) => {}
            Self::Negative(inner) | Self::Not(inner) => inner.visit(see),
            Self::Call(_, arguments) => arguments.iter().for_each(|one| one.visit(see)),
            Self::Binary(_, left, right, _) => {
                left.visit(see);
                right.visit(see);
            }
        }
    }

    fn evaluate(&self, names: &dyn Names) -> Result<f64, String> {
        let truth = |is: bool| f64::from(u8::from(is));
        Ok(match self {
            Self::Number(number) => number.value,
            Self::Name(name) => names.value(name)?,
            Self::Negative(inner) => -inner.evaluate(names)?,
            Self::Not(inner) => truth(inner.evaluate(names)? == 0.0),
            Self::Call(function, arguments) => return call(function, arguments, names),
            Self::Binary(operator, left, right, _) => {
                let left = left.evaluate(names)?;
                // Both sides are always evaluated: an unknown name is an error wherever it stands.
                let right = right.evaluate(names)?;
                match operator {
                    Operator::Or => truth(left != 0.0 || right != 0.0),
                    Operator::And => truth(left != 0.0 && right != 0.0),
                    Operator::Less => truth(left < right),
                    Operator::LessEqual => truth(left <= right),
                    Operator::More => truth(left > right),
                    Operator::MoreEqual => truth(left >= right),
                    #[expect(clippy::float_cmp, reason = "the user asks for equality")]
                    Operator::Equal => truth(left == right),
                    #[expect(clippy::float_cmp, reason = "the user asks for equality")]
                    Operator::Unequal => truth(left != right),
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over => left / right,
                }
            }
        })
    }
}

fn call(function: &str, arguments: &[Node], names: &dyn Names) -> Result<f64, String> {
    let name = || match &arguments[0] {
        Node::Name(name) => Ok(name.as_str()),
        _ => Err(format!(
            "the first argument of {function}() is the name of a metric"
        )),
    };
    let number = |index: usize| arguments[index].evaluate(names);
    match function {
        "growth" => names.growth(name()?, number(1)?),
        "p" => names.quantile(name()?, number(1)?),
        "abs" => Ok(number(0)?.abs()),
        "min" => Ok(number(0)?.min(number(1)?)),
        _ => Ok(number(0)?.max(number(1)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Names for Fixed {
        fn is_own(&self, name: &str) -> bool {
            name == "time"
        }
        fn value(&self, name: &str) -> Result<f64, String> {
            match name {
                "time" => Ok(140e6),
                "baseline" => Ok(100e6),
                "peak-memory" => Ok(5e8),
                _ => Err(format!("unknown name `{name}`")),
            }
        }
        fn growth(&self, _: &str, ns: f64) -> Result<f64, String> {
            Ok(if ns > 1e12 { 2e8 } else { 0.0 })
        }
        fn quantile(&self, _: &str, percent: f64) -> Result<f64, String> {
            Ok(percent * 1e6)
        }
    }

    #[test]
    fn expressions_say_what_they_look_like() {
        for (text, expected) in [
            ("time > baseline * 1.3", true),
            ("time > baseline * 1.5", false),
            ("time > 130ms and peak-memory < 512 MB", true),
            ("not time > 130ms or 1 > 2", false),
            ("growth(memory, 1h) > 100MB", true),
            ("growth(memory, 10min) > 100MB", false),
            ("time - baseline >= 40ms", true),
            ("(time - baseline) / baseline > 39%", true),
            ("p(time, 95) == 95ms", true),
            ("2.5 kWh == 9e6 J and 1.5e-1 == 15 %", true),
            ("1e3 > 999 or time > 3 and 1 > 2", true),
            ("-time < 0 and max(time, baseline) == time", true),
            ("1 + 2 * 3 == 7 and 8 / 4 / 2 == 1", true),
            ("100 MB/s == 100000 kB/s and 3 MB/s < 3 MiB/s", true),
        ] {
            let found = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(found.holds(&Fixed), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, message, column) in [
            ("", "a value is expected", 1),
            ("time", "a comparison is expected", 1),
            ("time > ", "a value is expected", 8),
            ("time > 3 parsecs", "`parsecs` is no unit", 10),
            ("time > (1 + 2", "a `)` is missing", 14),
            ("time > 1 2", "an operator is expected", 10),
            ("grow(memory, 1h) > 1", "`grow` is none of the functions", 6),
            ("growth(memory) > 1", "takes 2 arguments", 15),
            (
                "3 ms < 10 MB",
                "a time cannot be compared with a size: `3 ms` is in ns and `10 MB` in B; write a time, like `10ms`,",
                8,
            ),
            (
                "value + 1ms > 2 * 5MB",
                "a time cannot be compared with a size",
                13,
            ),
            (
                "growth(memory, 1MB) > 1MB",
                "growth() looks back over a time, and `1MB` is in B",
                16,
            ),
        ] {
            let (found, at) = Expression::parse(text).unwrap_err();
            assert!(
                found.starts_with(message) || found.contains(message),
                "{text}: {found}"
            );
            assert_eq!(at, column, "{text}: {found}");
        }
        let deep = format!("{}1 > 0", "(".repeat(10_000));
        assert!(Expression::parse(&deep).is_err());
    }

    #[test]
    fn what_is_compared_first_is_known_with_its_sides() {
        let first = |text: &str| {
            let expression = Expression::parse(text).expect("it is right");
            (
                expression.first_comparison(&Fixed),
                expression.names().join(" "),
            )
        };

        assert_eq!(
            first("not time - baseline > 30ms and 1 < 2"),
            (Some((40e6, 30e6, true)), "time baseline".to_owned())
        );
        assert_eq!(first("time < 1ms").0, Some((140e6, 1e6, false)));
        assert_eq!(first("nonsense < 1ms").0, None);
    }

    #[test]
    fn a_name_that_is_not_known_is_an_error_wherever_it_stands() {
        let expression = Expression::parse("1 > 2 and nonsense > 1").unwrap();
        assert_eq!(
            expression.holds(&Fixed),
            Err("unknown name `nonsense`".to_owned())
        );
    }
}
