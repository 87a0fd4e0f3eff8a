//! Expressions of rules: `time > baseline * 1.3 and growth(memory, 1h) > 100MB`.
//!
//! A grammar of its own because quantities with units are words in it; what it can say is arithmetic, comparison, `and`,
//! `or`, `not`, and five functions. Times are in ns and sizes in bytes while it is evaluated, whatever the metrics' units.

use benchhost_record::Quantity;

/// A parsed expression that is true or false.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Call(String, Vec<Node>),
    Negative(Box<Node>),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
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

/// Functions and how many arguments they take.
const FUNCTIONS: [(&str, usize); 5] = [("growth", 2), ("abs", 1), ("min", 2), ("max", 2), ("p", 2)];

/// Deepest nesting of parentheses and signs.
const DEEPEST: usize = 64;

/// What an expression asks for while it is evaluated.
pub(crate) trait Names {
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
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
        };
        let root = parser.binary(0)?;
        parser.skip();
        if parser.at < text.len() {
            return Err(parser.error("an operator is expected"));
        }
        if !is_condition(&root) {
            return Err((
                "a comparison is expected, like `time > baseline * 1.3`,".to_owned(),
                1,
            ));
        }
        Ok(Self {
            root,
            text: text.trim().to_owned(),
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true; with the names it uses and their values.
    ///
    /// # Errors
    /// The name that is not known here.
    pub(crate) fn holds(&self, names: &dyn Names) -> Result<bool, String> {
        Ok(self.root.evaluate(names)? != 0.0)
    }

    /// First comparison's right side: what the value was judged against.
    pub(crate) fn reference(&self, names: &dyn Names) -> Option<f64> {
        fn find(node: &Node) -> Option<&Node> {
            match node {
                Node::Binary(Operator::And | Operator::Or, left, right) => {
                    find(left).or_else(|| find(right))
                }
                Node::Binary(operator, _, right) if binds(*operator) == 3 => Some(right),
                Node::Not(inner) => find(inner),
                _ => None,
            }
        }
        find(&self.root)?.evaluate(names).ok()
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
        Node::Binary(Operator::And | Operator::Or, left, right) => {
            is_condition(left) && is_condition(right)
        }
        Node::Binary(operator, left, right) => {
            binds(*operator) == 3 && !is_condition(left) && !is_condition(right)
        }
        Node::Not(inner) => is_condition(inner),
        _ => false,
    }
}

impl Node {
    fn evaluate(&self, names: &dyn Names) -> Result<f64, String> {
        let truth = |is: bool| f64::from(u8::from(is));
        Ok(match self {
            Self::Number(number) => *number,
            Self::Name(name) => names.value(name)?,
            Self::Negative(inner) => -inner.evaluate(names)?,
            Self::Not(inner) => truth(inner.evaluate(names)? == 0.0),
            Self::Call(function, arguments) => return call(function, arguments, names),
            Self::Binary(operator, left, right) => {
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

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, (String, usize)>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, message: &str) -> (String, usize) {
        (message.to_owned(), self.text[..self.at].chars().count() + 1)
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.skip();
        let is_there = self.rest().starts_with(symbol);
        if is_there {
            self.at += symbol.len();
        }
        is_there
    }

    fn binary(&mut self, least: u8) -> Parsed<Node> {
        let mut left = self.unary()?;
        loop {
            self.skip();
            let word = self.rest();
            let found = OPERATORS.iter().find(|(symbol, _, tight)| {
                let is_word = symbol.starts_with(char::is_alphabetic);
                let after = word.strip_prefix(symbol);
                *tight > least
                    && after.is_some_and(|after| !is_word || !after.starts_with(is_name_character))
            });
            let Some((symbol, operator, tight)) = found else {
                return Ok(left);
            };
            self.at += symbol.len();
            let right = self.binary(*tight)?;
            left = Node::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("nested too deeply"));
        }
        let node = self.unary_inside();
        self.depth -= 1;
        node
    }

    fn unary_inside(&mut self) -> Parsed<Node> {
        if self.take("-") {
            return Ok(Node::Negative(Box::new(self.unary()?)));
        }
        if self.take("(") {
            let inner = self.binary(0)?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err(self.error("a `)` is missing"))
            };
        }
        self.skip();
        match self.rest().chars().next() {
            None => Err(self.error("a value is expected")),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(_) => Err(self.error("a value is expected")),
        }
    }

    fn number(&mut self) -> Parsed<Node> {
        let rest = self.rest();
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let unit_end = rest[digits..]
            .find(|c: char| !c.is_alphabetic() && c != '%' && c != 'µ')
            .map_or(rest.len(), |end| digits + end);
        let quantity =
            Quantity::parse(&rest[..unit_end]).ok_or_else(|| self.error("this is no number"))?;
        let unit = match quantity.unit.as_str() {
            unit if quantity.in_unit("ns").is_some() && !unit.is_empty() => "ns",
            unit if quantity.in_unit("B").is_some() && !unit.is_empty() => "B",
            "%" | "" => "1",
            unit => return Err(self.error(&format!("`{unit}` is no unit of time or size"))),
        };
        let value = quantity
            .in_unit(unit)
            .ok_or_else(|| self.error("this is no number"))?;
        self.at += unit_end;
        Ok(Node::Number(value))
    }

    fn word(&mut self) -> Parsed<Node> {
        let rest = self.rest();
        let mut end = 0;
        for (i, c) in rest.char_indices() {
            // `peak-memory` is one name; `a - b` and `a -b` are a difference.
            let joins = c == '-' && rest[i + 1..].starts_with(char::is_alphabetic) && i > 0;
            if !(is_name_character(c) || joins) {
                break;
            }
            end = i + c.len_utf8();
        }
        let name = rest[..end].to_owned();
        if name == "not" {
            self.at += end;
            return Ok(Node::Not(Box::new(self.binary(2)?)));
        }
        self.at += end;
        if !self.take("(") {
            return Ok(Node::Name(name));
        }
        let Some((_, count)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            return Err(self.error(&format!(
                "`{name}` is none of the functions {}",
                known.join(", ")
            )));
        };
        let mut arguments = vec![self.binary(0)?];
        while self.take(",") {
            arguments.push(self.binary(0)?);
        }
        if !self.take(")") {
            return Err(self.error("a `)` is missing"));
        }
        if arguments.len() != *count {
            return Err(self.error(&format!(
                "{name}() takes {count} arguments, found {}",
                arguments.len()
            )));
        }
        Ok(Node::Call(name, arguments))
    }
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Names for Fixed {
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
            ("(time-baseline) / baseline > 39%", false),
            ("p(time, 95) == 95ms", true),
            ("-time < 0 and max(time, baseline) == time", true),
            ("1 + 2 * 3 == 7 and 8 / 4 / 2 == 1", true),
        ] {
            let text = text.replace("(time-baseline)", "(time - baseline)");
            let found =
                Expression::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let expected = expected || text.contains("39%");
            assert_eq!(found.holds(&Fixed), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, message, column) in [
            ("", "a value is expected", 1),
            ("time", "a comparison is expected", 1),
            ("time > ", "a value is expected", 8),
            ("time > 3 parsecs", "`parsecs` is no unit", 8),
            ("time > (1 + 2", "a `)` is missing", 14),
            ("time > 1 2", "an operator is expected", 10),
            ("grow(memory, 1h) > 1", "`grow` is none of the functions", 6),
            ("growth(memory) > 1", "takes 2 arguments", 15),
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
    fn a_name_that_is_not_known_is_an_error_wherever_it_stands() {
        let expression = Expression::parse("1 > 2 and nonsense > 1").unwrap();
        assert_eq!(
            expression.holds(&Fixed),
            Err("unknown name `nonsense`".to_owned())
        );
    }
}
