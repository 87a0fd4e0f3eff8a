//! From the text of an expression to its tree: a parser by precedence, with the place of what is wrong.

use benchhost_record::Quantity;

use super::{BASES, DEEPEST, FUNCTIONS, Node, Number, OPERATORS};

/// The tree of a whole text.
///
/// # Errors
/// What is wrong and at which character, from 1.
pub(super) fn tree(text: &str) -> Parsed<Node> {
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
    Ok(root)
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

    /// Where it is, from 1.
    fn character(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn error(&self, message: &str) -> (String, usize) {
        (message.to_owned(), self.character())
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
            let at = self.character();
            self.at += symbol.len();
            let right = self.binary(*tight)?;
            left = Node::Binary(*operator, Box::new(left), Box::new(right), at);
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
        let digits = end_of_number(rest);
        let word = rest[digits..].trim_start();
        let gap = rest.len() - digits - word.len();
        let letters = word.find(|c: char| !is_unit_character(c));
        let letters = letters.unwrap_or(word.len());
        let is_rate = letters > 0
            && word[letters..]
                .strip_prefix("/s")
                .is_some_and(|after| !after.starts_with(is_name_character));
        let unit = &word[..if is_rate { letters + 2 } else { letters }];
        // `3 and`: an operator is no unit.
        let is_operator = OPERATORS.iter().any(|(symbol, ..)| *symbol == unit);
        let unit = if is_operator { "" } else { unit };
        let quantity = Quantity::parse(&format!("{}{unit}", &rest[..digits]))
            .ok_or_else(|| self.error("this is no number"))?;
        let base = BASES
            .into_iter()
            .find(|base| quantity.in_unit(base).is_some());
        let value = base
            .and_then(|base| quantity.in_unit(base))
            .ok_or_else(|| {
                let at_unit = Parser {
                    at: self.at + digits + gap,
                    ..*self
                };
                at_unit.error(&format!("`{unit}` is no unit of time, size or energy"))
            })?;
        let length = if unit.is_empty() {
            digits
        } else {
            digits + gap + unit.len()
        };
        let number = Number {
            value,
            base: base.filter(|_| !unit.is_empty()),
            text: self.rest()[..length].to_owned(),
            at: self.character(),
        };
        self.at += length;
        Ok(Node::Number(number))
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
        let asks_a_metric = matches!(name.as_str(), "growth" | "p");
        if asks_a_metric && !matches!(arguments[0], Node::Name(_)) {
            return Err(self.error(&format!(
                "the first argument of {name}() is the name of a metric"
            )));
        }
        Ok(Node::Call(name, arguments))
    }
}

/// Where the number that `text` begins with ends: digits, a point, and an exponent when digits follow it.
fn end_of_number(text: &str) -> usize {
    let digits = |from: usize| {
        let end = text[from..].find(|c: char| !c.is_ascii_digit() && c != '.');
        end.map_or(text.len(), |end| from + end)
    };
    let end = digits(0);
    let Some(exponent) = text[end..].strip_prefix(['e', 'E']) else {
        return end;
    };
    let number = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    match number.starts_with(|c: char| c.is_ascii_digit()) {
        true => digits(text.len() - number.len()),
        false => end,
    }
}

fn is_unit_character(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '%' | 'µ')
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}
