//! From `[[gate]]` tables to rules.

use benchhost_record::{Quantity, Severity};
use toml::{Table, Value, de::DeTable};

use crate::{Against, Allowance, Bound, Error, Expression, Rule, RuleKind, glob};

/// Keys that ask something.
const KINDS: [&str; 10] = [
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
const OTHERS: [&str; 9] = [
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

/// Values that a window holds when none is written, for `history`.
const HISTORY_WINDOW: usize = 64;

/// The same for a median.
const MEDIAN_WINDOW: usize = 10;

/// Smallest difference that matters when none is written.
const MARGIN: f64 = 0.01;

/// Marks "by class" in a share: no user can write it.
pub(crate) const BY_CLASS: f64 = f64::INFINITY;

/// Letters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 80;

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
        let meant = known
            .iter()
            .map(|name| (strsim::jaro_winkler(key, name), *name))
            .filter(|(likeness, _)| *likeness >= 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        return Err(Error::UnknownKey {
            place: place.to_owned(),
            key: key.clone(),
            meant: meant.map(|(_, name)| name.to_owned()),
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
            let all = every_kind().into_iter().map(|kind| {
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
            statistic: self.text("statistic", r#"a statistic, like "p95""#)?,
            kind,
            severity: self.severity()?,
            is_off,
            place: self.place.to_owned(),
            specificity: in_cases + in_metrics,
        })
    }

    fn kind(&self, key: &str, value: &Value) -> Result<RuleKind, Error> {
        const A_SHARE: &str = r#"a share, like "5%", or "class""#;
        let refused = |expected: &str| unexpected(self.place, key, value, expected);
        let on = |kind: RuleKind| match value {
            Value::Boolean(_) => Ok(kind),
            _ => Err(refused("true or false")),
        };
        let bound = |read: fn(&str) -> Option<Bound>, expected: &str| {
            let found = quantity_text(value).as_deref().and_then(read);
            found.map(RuleKind::Target).ok_or_else(|| refused(expected))
        };
        match key {
            "target" => bound(Bound::parse, r#"a bound, like "<= 250ms""#),
            "max" => bound(Bound::at_most, r#"a quantity with its unit, like "250 ms""#),
            "min" => bound(
                Bound::at_least,
                r#"a quantity with its unit, like "50 samples/s""#,
            ),
            "tolerance" => {
                let allowance = match value {
                    Value::Float(_) | Value::Integer(_) => number(value).map(Allowance::Absolute),
                    _ => share(value).map(Allowance::Relative),
                };
                allowance
                    .filter(|a| matches!(a, Allowance::Absolute(x) | Allowance::Relative(x) if *x >= 0.0))
                    .map(RuleKind::Tolerance)
                    .ok_or_else(|| refused(r#"a number in the metric's unit, a share like "3%", or "class""#))
            }
            "percent" => {
                let threshold = match value {
                    Value::Float(_) | Value::Integer(_) => number(value).map(|n| n / 100.0),
                    _ => share(value),
                };
                let threshold = threshold
                    .filter(|t| *t > 0.0)
                    .ok_or_else(|| refused(A_SHARE))?;
                Ok(RuleKind::Percent {
                    threshold,
                    against: self.against()?,
                    guarded: self.flag("guarded")?.unwrap_or(false),
                })
            }
            "significant" => match value {
                Value::String(_) => share(value)
                    .filter(|margin| margin.is_finite() && *margin > 0.0)
                    .map(|margin| RuleKind::Significant { margin })
                    .ok_or_else(|| {
                        refused(r#"true, or the smallest difference that matters, like "2%""#)
                    }),
                _ => on(RuleKind::Significant { margin: MARGIN }),
            },
            "history" => on(RuleKind::History {
                window: self.window(8)?.unwrap_or(HISTORY_WINDOW),
            }),
            "change" => on(RuleKind::Change),
            _ => {
                let text = value.as_str().ok_or_else(|| {
                    refused(r#"an expression in quotes, like "time > baseline * 1.3""#)
                })?;
                let expression =
                    Expression::parse(text).map_err(|(message, column)| Error::Expression {
                        place: self.place.to_owned(),
                        message,
                        column,
                        text: text.to_owned(),
                    })?;
                Ok(RuleKind::Expression(expression))
            }
        }
    }

    /// `budget = { time = "250 ms", peak-memory = "512 MB" }`: at most so much of each.
    fn budget(&self, value: &Value) -> Result<Vec<(RuleKind, String)>, Error> {
        const EXPECTED: &str = r#"a table of quantities by metric, like { time = "250 ms" }"#;
        let table = value
            .as_table()
            .filter(|table| !table.is_empty())
            .ok_or_else(|| unexpected(self.place, "budget", value, EXPECTED))?;
        table
            .iter()
            .map(|(metric, value)| {
                let bound = quantity_text(value)
                    .and_then(|text| Bound::parse(&text).or_else(|| Bound::at_most(&text)))
                    .ok_or_else(|| {
                        unexpected(
                            self.place,
                            &format!("budget.{metric}"),
                            value,
                            r#"a quantity with its unit, like "250 ms""#,
                        )
                    })?;
                Ok((RuleKind::Target(bound), metric.clone()))
            })
            .collect()
    }

    fn against(&self) -> Result<Against, Error> {
        let window = self.window(1)?;
        match self.text("against", AGAINST)?.as_deref() {
            None | Some("previous") => Ok(Against::Previous),
            Some("baseline") => Ok(Against::Baseline),
            Some("median") => Ok(Against::Median(window.unwrap_or(MEDIAN_WINDOW))),
            Some(_) => Err(unexpected(
                self.place,
                "against",
                &self.table["against"],
                AGAINST,
            )),
        }
    }

    fn severity(&self) -> Result<Option<Severity>, Error> {
        const EXPECTED: &str = r#""info", "warning" or "critical""#;
        match self.text("severity", EXPECTED)?.as_deref() {
            None => Ok(None),
            Some("info") => Ok(Some(Severity::Info)),
            Some("warning") => Ok(Some(Severity::Warning)),
            Some("critical") => Ok(Some(Severity::Critical)),
            Some(_) => Err(unexpected(
                self.place,
                "severity",
                &self.table["severity"],
                EXPECTED,
            )),
        }
    }

    fn window(&self, least: usize) -> Result<Option<usize>, Error> {
        let Some(value) = self.table.get("window") else {
            return Ok(None);
        };
        let whole = value.as_integer().and_then(|n| usize::try_from(n).ok());
        whole.filter(|n| *n >= least).map(Some).ok_or_else(|| {
            unexpected(
                self.place,
                "window",
                value,
                &format!("a number of values, at least {least}"),
            )
        })
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        self.table
            .get(key)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| unexpected(self.place, key, value, "true or false"))
            })
            .transpose()
    }

    fn text(&self, key: &str, expected: &str) -> Result<Option<String>, Error> {
        self.table
            .get(key)
            .map(|value| {
                let text = value.as_str().filter(|text| !text.is_empty());
                text.map(str::to_owned)
                    .ok_or_else(|| unexpected(self.place, key, value, expected))
            })
            .transpose()
    }

    /// Matchers of a key, and how many of their letters are no wildcards.
    fn globs(
        &self,
        key: &str,
        instead: Option<&str>,
    ) -> Result<(Vec<globset::GlobMatcher>, usize), Error> {
        const EXPECTED: &str = r#"a glob like "training*", or a list of them"#;
        let texts: Vec<&str> = match (instead, self.table.get(key)) {
            (Some(name), _) => vec![name],
            (None, None) => return Ok((Vec::new(), 0)),
            (None, Some(Value::String(text))) => vec![text],
            (None, Some(value)) => {
                let list = value.as_array().filter(|list| !list.is_empty());
                let texts: Option<Vec<&str>> =
                    list.and_then(|l| l.iter().map(Value::as_str).collect());
                texts.ok_or_else(|| unexpected(self.place, key, value, EXPECTED))?
            }
        };
        let refused = |text: &str, why: &str| Error::Unexpected {
            place: self.place.to_owned(),
            key: key.to_owned(),
            found: shorten(&format!("{text:?} ({why})")),
            expected: EXPECTED.to_owned(),
        };
        let mut globs = Vec::new();
        for text in &texts {
            globs.extend(glob::matchers(text).map_err(|why| refused(text, &why))?);
        }
        let letters = texts.iter().map(|text| glob::letters(text)).min();
        Ok((globs, letters.unwrap_or(0)))
    }
}

const AGAINST: &str = r#""previous", "baseline" or "median""#;

/// One rule of every kind, for tables that only take rules away.
fn every_kind() -> Vec<RuleKind> {
    let nothing = || Bound::parse("<= 0").expect("a bound");
    let percent = |against| RuleKind::Percent {
        threshold: BY_CLASS,
        against,
        guarded: false,
    };
    vec![
        RuleKind::Target(nothing()),
        RuleKind::Target(Bound::parse(">= 0").expect("a bound")),
        RuleKind::Tolerance(Allowance::Relative(BY_CLASS)),
        percent(Against::Previous),
        percent(Against::Baseline),
        percent(Against::Median(1)),
        RuleKind::Significant { margin: MARGIN },
        RuleKind::History {
            window: HISTORY_WINDOW,
        },
        RuleKind::Change,
        RuleKind::Expression(Expression::parse("1 > 2").expect("an expression")),
    ]
}

fn unexpected(place: &str, key: &str, found: &Value, expected: &str) -> Error {
    Error::Unexpected {
        place: place.to_owned(),
        key: key.to_owned(),
        found: shown(found),
        expected: expected.to_owned(),
    }
}

/// A value as it was written, on one line and not longer than people read.
fn shown(value: &Value) -> String {
    shorten(&value.to_string().replace('\n', " "))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Float(number) => *number,
        Value::Integer(number) => *number as f64,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// `"5%"` as .05, `"class"` as [`BY_CLASS`].
fn share(value: &Value) -> Option<f64> {
    let text = value.as_str()?;
    if text == "class" {
        return Some(BY_CLASS);
    }
    let quantity = Quantity::parse(text)?;
    (quantity.unit == "%").then_some(quantity.value / 100.0)
}

fn quantity_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => number(value).map(|number| number.to_string()),
    }
}
