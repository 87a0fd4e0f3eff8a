//! From `[[recommend]]` tables to rules.

use benchhost_gate::{Expression, matchers};
use benchhost_record::{FlagKind, MetricKind};
use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use crate::{
    Error, Rule, Scope,
    error::meant,
    known,
    rule::{CRITICAL, FAILED, Globs},
    show,
};

/// Every key of a rule.
pub(crate) const KEYS: [&str; 17] = [
    "name", "scope", "when", "shows", "metric", "kind", "workload", "case", "except", "axis",
    "device", "flag", "outcome", "verdict", "text", "rank", "enabled",
];

/// Rank of a rule that does not say how important it is.
const RANK: u32 = 50;

/// Words for what is measured.
const KINDS: [(&str, MetricKind); 7] = [
    ("time", MetricKind::Time),
    ("throughput", MetricKind::Throughput),
    ("memory", MetricKind::Memory),
    ("energy", MetricKind::Energy),
    ("quality", MetricKind::Quality),
    ("count", MetricKind::Count),
    ("ratio", MetricKind::Ratio),
];

/// Words for how a case ended badly, or not at all.
const OUTCOMES: [&str; 12] = [
    FAILED,
    "wrong",
    "plugin-error",
    "panic",
    "signal",
    "exit",
    "oom-limit",
    "oom-kill",
    "timeout",
    "stall",
    "protocol",
    "skipped",
];

/// Words for verdicts.
const VERDICTS: [&str; 8] = [
    "target-missed",
    "regressed",
    CRITICAL,
    "improved",
    "changed",
    "unchanged",
    "inconclusive",
    "insufficient-data",
];

/// What a table says.
pub(crate) enum Written {
    Rule(Box<Rule>),
    /// A rule by this name is switched off.
    Off {
        name: String,
        place: String,
    },
}

impl Written {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Rule(rule) => &rule.name,
            Self::Off { name, .. } => name,
        }
    }
}

/// The tables of a whole file.
pub(crate) fn file(text: &str, file: &str) -> Result<Vec<Written>, Error> {
    let line_of = |offset: usize| {
        let before = &text.as_bytes()[..offset.min(text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    };
    let place_of = |offset: usize| format!("{file}:{}", line_of(offset));
    let syntax = |error: toml::de::Error| Error::Syntax {
        place: place_of(error.span().map_or(0, |span| span.start)),
        message: error.message().replace('\n', ", "),
    };
    let places = DeTable::parse(text).map_err(syntax)?;
    let root: Table = text.parse().map_err(syntax)?;
    for (key, _) in places.get_ref() {
        if key.get_ref() != "recommend" {
            return Err(Error::NoRule {
                place: place_of(key.span().start),
                key: key.get_ref().to_string(),
            });
        }
    }
    let (Some(tables), Some(places)) = (root.get("recommend"), places.get_ref().get("recommend"))
    else {
        return Ok(Vec::new());
    };
    let list = tables.as_array();
    let Some(list) = list.filter(|list| list.iter().all(Value::is_table)) else {
        return Err(Error::Unexpected {
            place: place_of(places.span().start),
            key: "recommend".to_owned(),
            found: shown(tables),
            expected: "tables like [[recommend]]".to_owned(),
        });
    };
    let places = places.get_ref().as_array().into_iter().flatten();
    let tables = list.iter().filter_map(Value::as_table);
    tables
        .zip(places)
        .map(|(table, place)| {
            let keys = match place.get_ref() {
                DeValue::Table(keys) => Some(keys),
                _ => None,
            };
            let place_of_key = |key: &str| {
                let mut keys = keys.into_iter().flatten();
                let written = keys.find(|(name, _)| name.get_ref() == key);
                place_of(written.map_or(place.span().start, |(name, _)| name.span().start))
            };
            Reader {
                table,
                place: place_of(place.span().start),
                place_of: &place_of_key,
            }
            .written()
        })
        .collect()
}

struct Reader<'a> {
    table: &'a Table,
    /// Where its heading is.
    place: String,
    place_of: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    fn written(&self) -> Result<Written, Error> {
        if let Some(key) = self.table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(Error::UnknownKey {
                place: (self.place_of)(key),
                key: key.clone(),
                meant: meant(key, KEYS),
            });
        }
        let is_enabled = match self.table.get("enabled") {
            None => true,
            Some(Value::Boolean(is)) => *is,
            Some(_) => return Err(self.unexpected("enabled", "true or false")),
        };
        let name = self.text("name")?.ok_or_else(|| {
            self.missing("name", "other files replace it, or switch it off, by that")
        })?;
        if !is_enabled && self.table.len() == 2 {
            let place = self.place.clone();
            return Ok(Written::Off { name, place });
        }
        self.rule(name, is_enabled)
            .map(|rule| Written::Rule(Box::new(rule)))
    }

    fn rule(&self, name: String, is_enabled: bool) -> Result<Rule, Error> {
        let flags = self.words("flag", &FlagKind::ALL.map(|kind| (kind.word(), kind)))?;
        let scope = self.words("scope", &Scope::ALL)?;
        let rule = Rule {
            name,
            scope: scope.first().copied().unwrap_or_default(),
            when: self.when()?,
            text: self.advice()?,
            rank: self.rank()?,
            is_enabled,
            place: self.place.clone(),
            shows: self.texts("shows", "the name of a number, or a list of them")?,
            metrics: self.globs("metric")?,
            kinds: self.words("kind", &KINDS)?,
            workloads: self.globs("workload")?,
            cases: self.globs("case")?,
            except: self.globs("except")?,
            devices: self.globs("device")?,
            axes: self.globs("axis")?,
            flags,
            outcomes: self.words("outcome", &OUTCOMES.map(|word| (word, word.to_owned())))?,
            verdicts: self.words("verdict", &VERDICTS.map(|word| (word, word.to_owned())))?,
        };
        if rule.condition().is_empty() {
            let why = "a rule needs a condition: without one it would always speak";
            return Err(self.missing("when`, `flag`, `outcome` or `verdict", why));
        }
        self.has_known_names(&rule)?;
        Ok(rule)
    }

    /// Of runs and curves every name is known beforehand; a case may have any metric.
    fn has_known_names(&self, rule: &Rule) -> Result<(), Error> {
        let Some(vocabulary) = known::vocabulary(rule.scope) else {
            return Ok(());
        };
        let used = rule.when.iter().flat_map(|when| {
            let names = when.names();
            names.into_iter().map(|name| ("when", name.to_owned()))
        });
        let shown = rule.shows.iter().map(|name| ("shows", name.clone()));
        let in_text = show::placeholders(&rule.text).into_iter();
        let in_text = in_text.map(|name| ("text", name.to_owned()));
        for (key, name) in used.chain(shown).chain(in_text) {
            let is_open = name.starts_with("poll.");
            if !(is_open
                || vocabulary.contains(&name.as_str())
                || known::WORDS.contains(&name.as_str()))
            {
                return Err(Error::UnknownName {
                    place: (self.place_of)(key),
                    meant: meant(&name, vocabulary.iter().copied()),
                    name,
                    scope: rule.scope.word().to_owned(),
                });
            }
        }
        Ok(())
    }

    fn when(&self) -> Result<Option<Expression>, Error> {
        let Some(text) = self.text("when")? else {
            return Ok(None);
        };
        let parsed = Expression::parse(&text);
        let expression = parsed.map_err(|(message, column)| Error::Expression {
            place: (self.place_of)("when"),
            message,
            column,
            text: text.clone(),
        })?;
        Ok(Some(expression))
    }

    fn advice(&self) -> Result<String, Error> {
        let text = self
            .text("text")?
            .ok_or_else(|| self.missing("text", "it says what to do"))?;
        if show::is_well_formed(&text) {
            return Ok(text);
        }
        Err(self.unexpected("text", "names in braces that are closed, like {value}"))
    }

    fn rank(&self) -> Result<u32, Error> {
        let Some(value) = self.table.get("rank") else {
            return Ok(RANK);
        };
        let rank = value.as_integer().and_then(|n| u32::try_from(n).ok());
        rank.ok_or_else(|| self.unexpected("rank", "a whole number from 0, the lower the sooner"))
    }

    fn text(&self, key: &str) -> Result<Option<String>, Error> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(self.unexpected(key, "text")),
        }
    }

    /// One text or several.
    fn texts(&self, key: &str, expected: &str) -> Result<Vec<String>, Error> {
        let text = |value: &Value| {
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let found = match self.table.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) if !list.is_empty() => list.iter().map(text).collect(),
            Some(one) => text(one).map(|text| vec![text]),
        };
        found.ok_or_else(|| self.unexpected(key, expected))
    }

    fn words<T: Clone>(&self, key: &str, known: &[(&str, T)]) -> Result<Vec<T>, Error> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let expected = format!("one of {}, or a list of them", names.join(", "));
        let texts = self.texts(key, &expected)?;
        let of = |text: &String| known.iter().find(|(name, _)| name == text);
        let found: Option<Vec<T>> = texts
            .iter()
            .map(|text| of(text).map(|(_, value)| value.clone()))
            .collect();
        found.ok_or_else(|| self.unexpected(key, &expected))
    }

    fn globs(&self, key: &str) -> Result<Globs, Error> {
        const EXPECTED: &str = r#"a glob like "training*", or a list of them"#;
        let mut globs = Globs::default();
        for text in self.texts(key, EXPECTED)? {
            let found = matchers(&text).map_err(|why| Error::Unexpected {
                place: (self.place_of)(key),
                key: key.to_owned(),
                found: format!("{text:?} ({why})"),
                expected: EXPECTED.to_owned(),
            })?;
            globs.matchers.extend(found);
            globs.texts.push(text);
        }
        Ok(globs)
    }

    fn unexpected(&self, key: &str, expected: &str) -> Error {
        Error::Unexpected {
            place: (self.place_of)(key),
            key: key.to_owned(),
            found: self.table.get(key).map(shown).unwrap_or_default(),
            expected: expected.to_owned(),
        }
    }

    fn missing(&self, key: &str, why: &str) -> Error {
        Error::Missing {
            place: self.place.clone(),
            key: key.to_owned(),
            why: why.to_owned(),
        }
    }
}

/// Letters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 80;

/// A value as it was written, on one line and not longer than people read.
fn shown(value: &Value) -> String {
    let text = value.to_string().replace('\n', " ");
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
