//! From `[[gate]]` tables to rules.

mod kind;
mod value;

use toml::{Table, Value, de::DeTable};

use crate::{Against, Error, Rule, RuleKind, error::closest};
use value::{shown, unexpected};

/// Keys that ask something.
pub(crate) const KINDS: [&str; 10] = [
    "target",
    "max",
    "min",
    "budget",
    "tolerance",
    "percent",
    "significant",
    "history",
    "change",
    "when",
];

/// Keys that say of what and how.
pub(crate) const OTHERS: [&str; 9] = [
    "name",
    "case",
    "metric",
    "statistic",
    "against",
    "window",
    "guarded",
    "severity",
    "off",
];

/// Marks "by class" in a share: no user can write it.
pub(crate) const BY_CLASS: f64 = f64::INFINITY;

/// Rules of a whole file.
pub(crate) fn file(text: &str, file: &str) -> Result<Vec<Rule>, Error> {
    let line_of = |offset: usize| {
        let before = &text.as_bytes()[..offset.min(text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    };
    let syntax = |error: toml::de::Error| Error::Syntax {
        place: format!(
            "{file}:{}",
            error.span().map_or(1, |span| line_of(span.start))
        ),
        message: error.message().replace('\n', ", "),
    };
    let places = DeTable::parse(text).map_err(syntax)?;
    let root: Table = text.parse().map_err(syntax)?;
    if let Some(key) = root.keys().find(|key| *key != "gate") {
        let written = places
            .get_ref()
            .iter()
            .find(|(name, _)| *name.get_ref() == key.as_str());
        let line = written.map_or(1, |(name, _)| line_of(name.span().start));
        return Err(Error::NoGate {
            place: format!("{file}:{line}"),
            key: key.clone(),
        });
    }
    let (Some(gates), Some(places)) = (root.get("gate"), places.get_ref().get("gate")) else {
        return Ok(Vec::new());
    };
    let tables = gates
        .as_array()
        .filter(|list| list.iter().all(Value::is_table));
    let Some(tables) = tables else {
        let place = format!("{file}:{}", line_of(places.span().start));
        return Err(unexpected(&place, "gate", gates, "tables like [[gate]]"));
    };
    let lines = places.get_ref().as_array().into_iter().flatten();
    let mut rules = Vec::new();
    for (gate, place) in tables.iter().filter_map(Value::as_table).zip(lines) {
        let place = match file {
            "default" => file.to_owned(),
            _ => format!("{file}:{}", line_of(place.span().start)),
        };
        rules.extend(table(gate, &place)?);
    }
    Ok(rules)
}

/// Rules of one table: one for each key that asks something.
pub(crate) fn table(table: &Table, place: &str) -> Result<Vec<Rule>, Error> {
    let known: Vec<&str> = KINDS.iter().chain(&OTHERS).copied().collect();
    if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(Error::UnknownKey {
            place: place.to_owned(),
            key: key.clone(),
            meant: closest(key, known.iter().copied()),
        });
    }
    Reader { table, place }.rules()
}

struct Reader<'a> {
    table: &'a Table,
    place: &'a str,
}

impl Reader<'_> {
    fn rules(&self) -> Result<Vec<Rule>, Error> {
        let is_off = self.flag("off")?.unwrap_or(false);
        let mut kinds: Vec<(RuleKind, Option<String>, bool)> = Vec::new();
        for (key, value) in self.table {
            match key.as_str() {
                "budget" => {
                    let budget = self.budget(value)?;
                    kinds.extend(
                        budget
                            .into_iter()
                            .map(|(kind, name)| (kind, Some(name), is_off)),
                    );
                }
                // `history = false` takes the kind away, as `off` beside it does.
                key if KINDS.contains(&key) => {
                    let is_denied = *value == Value::Boolean(false);
                    kinds.push((self.kind(key, value)?, None, is_off || is_denied));
                }
                _ => {}
            }
        }
        self.has_no_idle_key(&kinds)?;
        if kinds.is_empty() && !is_off {
            let kinds: Vec<String> = KINDS.iter().map(|key| format!("`{key}`")).collect();
            return Err(Error::NoKind {
                place: self.place.to_owned(),
                kinds: kinds.join(", "),
            });
        }
        if kinds.is_empty() {
            let all = kind::every_kind().into_iter().map(|kind| {
                // Its name is a label only: every expression is meant, not those of that name.
                let name = kind.slot().to_owned();
                Ok(Rule {
                    name,
                    ..self.rule(kind, None, true)?
                })
            });
            return all.collect();
        }
        kinds
            .into_iter()
            .map(|(kind, metric, is_off)| self.rule(kind, metric.as_deref(), is_off))
            .collect()
    }

    /// A key that changes nothing is a mistake: somebody believes that it does.
    fn has_no_idle_key(&self, kinds: &[(RuleKind, Option<String>, bool)]) -> Result<(), Error> {
        let has = |wanted: fn(&RuleKind) -> bool| kinds.iter().any(|(kind, ..)| wanted(kind));
        let is_target = |kind: &RuleKind| matches!(kind, RuleKind::Target(_));
        let is_percent = |kind: &RuleKind| matches!(kind, RuleKind::Percent { .. });
        let has_window = |kind: &RuleKind| {
            matches!(
                kind,
                RuleKind::History { .. }
                    | RuleKind::Percent {
                        against: Against::Median(_),
                        ..
                    }
            )
        };
        // The past and the baseline are kept as typical values: a statistic has nothing to be compared with.
        let only_targets = kinds.iter().all(|(kind, ..)| is_target(kind));
        let idle = [
            (
                "statistic",
                only_targets,
                "beside `target`, `max`, `min` or `budget` and nothing else",
            ),
            ("against", has(is_percent), "beside `percent`"),
            ("guarded", has(is_percent), "beside `percent`"),
            (
                "window",
                has(has_window),
                r#"beside `history` or `against = "median"`"#,
            ),
            (
                "metric",
                !self.table.contains_key("budget"),
                "where there is no `budget`, which names metrics itself",
            ),
        ];
        for (key, is_used, where_to) in idle {
            if let (Some(value), false) = (self.table.get(key), is_used) {
                return Err(Error::Idle {
                    place: self.place.to_owned(),
                    key: key.to_owned(),
                    found: shown(value),
                    where_to: where_to.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn rule(&self, kind: RuleKind, metric: Option<&str>, is_off: bool) -> Result<Rule, Error> {
        let (cases, in_cases) = self.globs("case", None)?;
        let (metrics, in_metrics) = self.globs("metric", metric)?;
        let name = self.text("name", "a name")?;
        Ok(Rule {
            name: name.unwrap_or_else(|| kind.slot().to_owned()),
            cases,
            metrics,
            statistic: self.statistic()?,
            kind,
            severity: self.severity()?,
            is_off,
            place: self.place.to_owned(),
            specificity: in_cases + in_metrics,
        })
    }
}
