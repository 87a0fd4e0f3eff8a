//! One table: its keys, and what they make of a rule.

use benchhost_gate::{Expression, unit_of_kind, usual_unit};
use benchhost_record::FlagKind;
use toml::{Table, Value};

use super::{
    Written,
    words::{KEYS, KINDS, VERDICTS, outcomes},
};
use crate::{Error, Rule, Scope, error::meant, known, show};

/// Rank of a rule that does not say how important it is.
const RANK: u32 = 50;

/// A table and where its keys are.
pub(super) struct Reader<'a> {
    pub(super) table: &'a Table,
    /// Where its heading is.
    pub(super) place: String,
    /// File and line of a key.
    pub(super) place_of: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    pub(super) fn written(&self) -> Result<Written, Error> {
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
        let mut rule = Rule {
            name,
            scope: scope.first().copied().unwrap_or_default(),
            when: None,
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
            outcomes: self.words("outcome", &outcomes().map(|word| (word, word.to_owned())))?,
            verdicts: self.words("verdict", &VERDICTS.map(|word| (word, word.to_owned())))?,
        };
        rule.when = self.when(&rule)?;
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

    /// `rule`: all but its condition.
    fn when(&self, rule: &Rule) -> Result<Option<Expression>, Error> {
        let Some(text) = self.text("when")? else {
            return Ok(None);
        };
        let parsed = Expression::parse(&text).and_then(|expression| {
            expression.has_units(&|name| unit_of(rule, name))?;
            Ok(expression)
        });
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
}

/// The unit of a name in a condition, as far as it is known before anything was measured.
fn unit_of(rule: &Rule, name: &str) -> Option<String> {
    if !matches!(name, "value" | "reference") {
        return known::fixed_unit(name).map(str::to_owned);
    }
    let of_names: Vec<Option<&'static str>> = rule
        .metrics
        .texts
        .iter()
        .map(|one| usual_unit(one))
        .collect();
    let of_kinds: Vec<Option<&'static str>> =
        rule.kinds.iter().map(|one| unit_of_kind(*one)).collect();
    let common = |units: Vec<Option<&'static str>>| {
        let first = units.first().copied().flatten()?;
        units
            .iter()
            .all(|unit| *unit == Some(first))
            .then_some(first)
    };
    common(of_names)
        .or_else(|| common(of_kinds))
        .map(str::to_owned)
}
